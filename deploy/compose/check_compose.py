#!/usr/bin/env python3
"""Starts a compose project and looks at the two containers and the socket between them.

usage: check_compose.py FOLDER        that of compose.yaml; its images are there. BEARWARD_SLOWNESS multiplies time limits
"""

import json
import os
import pathlib
import stat
import sys
import urllib.parse

from trying import all_tests, ask, free_ports, pid_of, podman, process_status, run, status, wait_until

folder = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else sys.exit(__doc__.split("\n\n")[1])
APP, BEARWARD = (f"{folder.name}_{service}_1" for service in ("app", "bearward"))
(PORT,) = free_ports(1)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def compose(*arguments):
    """By its folder's name as the project, from its folder, as a user would."""
    return run("podman-compose", *arguments, cwd=folder, env={**os.environ, "BEARWARD_PORT": f"127.0.0.1:{PORT}"})


def bearward_log():
    return [json.loads(line) for line in podman("logs", BEARWARD).stderr.splitlines()]


def log_in(name):
    body = urllib.parse.urlencode({"username": f"{name}@example.com", "password": f"{name}'s password"})
    code, answer = ask(PORT, "/token", "POST", FORM, body=body)
    assert code == 200, answer
    return json.loads(answer)


def test_it_starts_the_app_first():
    compose("up", "-d", "--no-build")
    wait_until(lambda: status(PORT, "/hello") == 200, "an answer of the app through Bearward", seconds=60)
    begun = [json.loads(podman("inspect", each).stdout)[0]["State"]["StartedAt"] for each in (APP, BEARWARD)]
    assert begun == sorted(begun)


def test_both_are_healthy():
    for container in (APP, BEARWARD):
        assert podman("inspect", "--format", "{{.Config.Healthcheck.Test}}", container).stdout.strip() not in ("", "[]"), container
        podman("healthcheck", "run", container)


def test_the_policy_holds():
    assert ask(PORT, "/users/me/")[0] == 401
    ann = log_in("ann")
    as_ann = {"Authorization": f"Bearer {ann['access_token']}"}
    code, body = ask(PORT, "/users/me/", headers={**as_ann, "X-User-Id": "root"})
    assert code == 200 and json.loads(body)["user"] == "ann@example.com", body
    assert ask(PORT, "/admin/dashboard", headers=as_ann)[0] == 403
    assert ask(PORT, "/users/me/", headers={"Authorization": f"Bearer {ann['refresh_token']}"})[0] == 401
    assert ask(PORT, "/refresh", "POST", {"Authorization": f"Bearer {ann['refresh_token']}"})[0] == 200


def test_only_the_group_gets_to_the_socket():
    pids = {name: pid_of(name) for name in (APP, BEARWARD)}
    for name, user in ((APP, 10001), (BEARWARD, 65532)):
        found = process_status(pids[name])
        assert found["Uid"].split()[1] == str(user) and found["Gid"].split()[1] == "65532", (name, found["Uid"], found["Gid"])
        assert int(found["CapEff"], 16) == int(found["CapBnd"], 16) == 0, name
    inside = pathlib.Path(f"/proc/{pids[BEARWARD]}/root/run/widgets")
    found = inside.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (10001, 65532, 0o770)
    assert stat.S_ISSOCK((inside / "app.sock").stat().st_mode)
    # The app listens on nothing else, and neither container can write to its own files.
    for protocol in ("tcp", "tcp6"):
        listening = [line for line in pathlib.Path(f"/proc/{pids[APP]}/net/{protocol}").read_text().splitlines() if line.split()[3] == "0A"]
        assert listening == [], listening
    assert podman("exec", APP, "touch", "/srv/x", check=False).returncode != 0
    connect = "import socket; socket.socket(socket.AF_UNIX).connect('/run/widgets/app.sock')"
    assert podman("exec", "--user", "10002:10002", APP, "python3", "-c", connect, check=False).returncode != 0
    assert podman("exec", "--user", "10002:65532", APP, "python3", "-c", connect).returncode == 0


def test_secrets_are_files():
    secret = (folder / "compose/secret_key").read_text()
    for container in (APP, BEARWARD):
        assert secret not in podman("inspect", container).stdout
        assert pathlib.Path(f"/proc/{pid_of(container)}/root/run/secrets/secret_key").read_text() == secret
    assert secret not in podman("logs", BEARWARD).stderr


def test_without_the_app_it_is_a_502_that_says_why():
    podman("stop", "--time", "5", APP)
    wait_until(lambda: status(PORT, "/hello") == 502, "a 502")
    record = [line for line in bearward_log() if line.get("status") == 502][-1]
    assert record["reason"] == "upstream_unavailable" and "/run/widgets/app.sock" in record["cause"], record
    assert ask(PORT, "/users/me/")[0] == 401
    podman("start", APP)
    wait_until(lambda: status(PORT, "/hello") == 200, "the app's answer after its start", seconds=60)
    return record["cause"]


def test_all_ends():
    compose("down", "--volumes")
    assert podman("ps", "--all", "--quiet").stdout == ""


all_tests(globals())
