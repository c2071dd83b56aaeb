"""Whose word about the client counts; and as whom the proxy runs, and what it shows of itself."""

import json
import os
import pathlib
import pwd
import socket
import subprocess
import time

import pytest
from conftest import BINARY, SLOWNESS
from tokens import SECRET, bearer, mint

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock", probes: 127.0.0.1:PORT}
trusted_proxies: [TRUSTED]
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
routes: [{prefix: /, name: all, upstream: app, providers: [main]}]
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configuration(trusted="127.0.0.0/8, 10.0.0.0/8", more=""):
    return CONFIGURATION.replace("PORT", str(free_port())).replace("TRUSTED", trusted) + more


FORWARDED = {"X-Forwarded-For": "203.0.113.66, 198.51.100.1, 10.0.0.2", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.test",
             "X-Forwarded-Port": "443", "X-Real-Ip": "198.51.100.1", "Forwarded": "for=198.51.100.1;proto=https"}


def test_a_trusted_proxy_speaks_for_the_client(start, app):
    process = start(configuration())
    answer = process.fetch(target="/x", headers={**bearer(mint()), **FORWARDED})
    assert answer.status == 200
    head = app.heads[0]
    assert head.get("X-Forwarded-For") == FORWARDED["X-Forwarded-For"] + ", 127.0.0.1"
    for name in set(FORWARDED) - {"X-Forwarded-For"}:
        assert head.get(name) == FORWARDED[name]
    assert head.get("Host") == "api.test"
    assert process.access_record(answer.get("X-Request-Id"))["client"] == "198.51.100.1"
    # A refused request's client is the same one.
    refused = process.fetch(target="/x", headers=FORWARDED)
    assert process.access_record(refused.get("X-Request-Id"))["client"] == "198.51.100.1"


@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8", "127.0.0.2, \"unix:\""])
def test_strangers_do_not(start, app, trusted):
    process = start(configuration(trusted))
    answer = process.fetch(target="/x", headers={**bearer(mint()), **FORWARDED})
    head = app.heads[0]
    assert head.get("X-Forwarded-For") == "127.0.0.1" and head.get("X-Forwarded-Proto") == "http" and head.get("X-Forwarded-Host") == "api.test"
    assert not head.names() & {"x-forwarded-port", "x-real-ip", "forwarded"}
    assert process.access_record(answer.get("X-Request-Id"))["client"] == "127.0.0.1"


def test_probes_and_the_effective_configuration(start):
    process = start(configuration())
    host, port = json.loads(process.admin("/status")[1])["probes"].rsplit(":", 1)
    # Another Host than loopback's, as a kubelet has it.
    for path in ("/healthz", "/readyz", "/metrics"):
        done = subprocess.run(["curl", "-sf", "-H", "Host: 10.2.3.4:9902", f"http://{host}:{port}{path}"], capture_output=True, timeout=30)
        assert done.returncode == 0, path
    for path in ("/status", "/config"):
        done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://{host}:{port}{path}"], capture_output=True, timeout=30)
        assert done.stdout == b"404"
    status, body = process.admin("/config")
    assert status == 200 and SECRET.decode() not in body
    effective = json.loads(body)
    assert effective["providers"]["main"]["keys"]["secret"] == "********"
    assert effective["routes"][0]["auth"] == "required" and effective["limits"]["max_token"] == "16KiB"
    assert process.admin("/config", headers={"Host": "evil.test"})[0] == 403


def test_healthcheck_asks_the_probes_where_the_admin_is_off(start):
    process = start(configuration())
    process.configuration.write_text(process.configuration.read_text().replace(f"unix:{process.directory}/admin.sock", "off"))
    done = subprocess.run([BINARY, "healthcheck", "-c", str(process.configuration)], capture_output=True, timeout=30 * SLOWNESS)
    assert done.returncode == 0, done.stderr


def owners(pid, thread):
    text = pathlib.Path(f"/proc/{pid}/task/{thread}/status").read_text()
    fields = {line.split(":")[0]: line.split(":")[1].split() for line in text.splitlines() if ":" in line}
    return fields["Uid"], fields["Gid"], fields["Groups"], int(fields["CapEff"][0], 16)


def test_root_becomes_the_user_once_bound(start, app, tmp_path):
    nobody = pwd.getpwnam("nobody")
    log = tmp_path / "out.log"
    process = start(configuration(more=f"user: nobody\nlog: {{output: {log}}}\n"))
    assert process.fetch(target="/x", headers=bearer(mint())).status == 200
    if os.geteuid() != 0:
        assert "only root can become nobody" in log.read_text()
        return
    for thread in os.listdir(f"/proc/{process.pid}/task"):
        uids, gids, groups, capabilities = owners(process.pid, thread)
        assert set(uids) == {str(nobody.pw_uid)} and set(gids) == {str(nobody.pw_gid)} and "0" not in groups and capabilities == 0
    assert log.stat().st_uid == nobody.pw_uid
    # Its files were root's alone to read, which is reported at once, and is no failed reload until one is tried.
    secret = str(process.directory / "secret")
    deadline = time.monotonic() + 10 * SLOWNESS
    while f"{secret} can't be read as this user" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    answer = process.admin("/reload", "POST", {"Content-Type": "application/json"})
    assert answer[0] == 422 and "Permission denied" in answer[1]
    assert 'bearward_config_reloads_total{result="failure"} 1' in process.admin("/metrics")[1]
    assert process.fetch(target="/x", headers=bearer(mint())).status == 200


def test_an_unknown_user_ends_the_start(tmp_path):
    (tmp_path / "bearward.yaml").write_text(
        "version: 1\nuser: no-such-user\nlisten: [{address: 127.0.0.1:0}]\nadmin: {address: off}\n"
        "upstreams: {app: {servers: [127.0.0.1:1]}}\nroutes: [{prefix: /, upstream: app, auth: none}]\n")
    done = subprocess.run([BINARY, "-c", str(tmp_path / "bearward.yaml")], capture_output=True, timeout=30 * SLOWNESS)
    assert done.returncode == 1 and b"there is no user no-such-user" in done.stderr
