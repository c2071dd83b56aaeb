#!/usr/bin/env python3
"""Runs the classic kustomization's pod with podman, and asks it as a kubelet and as clients would.

usage: check_pod.py FOLDER KUBECTL        FOLDER: a copy of deploy/kubernetes with the secrets' files

What differs from a cluster: podman 4.3 asks probes through a shell, which the image doesn't have, so they are asked here; it does not decode what is in a
Secret; it has neither Services nor NetworkPolicies nor native sidecars.
"""

import json
import os
import pathlib
import signal
import socket
import sys
import time
import urllib.parse

import yaml
from trying import SLOWNESS, all_tests, ask, free_ports, pid_of, podman, process_status, run, status, wait_until

folder, kubectl = (pathlib.Path(sys.argv[1]), sys.argv[2]) if len(sys.argv) == 3 else sys.exit(__doc__.split("\n\n")[1])
objects = list(yaml.safe_load_all(run(kubectl, "kustomize", str(folder / "classic")).stdout))
(deployment,) = [each for each in objects if each["kind"] == "Deployment"]
pod = deployment["spec"]["template"]["spec"]
containers = {each["name"]: each for each in pod["containers"]}
PORT, PROBES = free_ports(2)
PORTS = {"http": PORT, "probes": PROBES}
NAMES = {name: f"widgets-pod-0-{name}" for name in containers}
play = folder / "play.yaml"


def write_play():
    """The rendered objects that podman knows, with what it needs."""
    deployment["spec"]["replicas"] = 1
    for each in containers.values():
        each["image"] = f"localhost/{each['image'].rsplit('/', 1)[-1].split(':')[0]}:latest"
        for port in each.get("ports", []):
            port |= {"hostIP": "127.0.0.1", "hostPort": PORTS[port["name"]]}
    for volume in pod["volumes"]:
        if "secret" in volume:
            volume["secret"]["optional"] = False  # podman 4.3 crashes without it
    play.write_text(yaml.safe_dump_all(each for each in objects if each["kind"] in ("ConfigMap", "Secret", "Deployment")))


def probe(name):
    """The status of a probe of the manifest."""
    asked = containers["bearward"][name]["httpGet"]
    return status(PORTS[asked["port"]], asked["path"])


def log_in(name):
    body = urllib.parse.urlencode({"username": f"{name}@example.com", "password": f"{name}'s password"})
    code, answer = ask(PORT, "/token", "POST", {"Content-Type": "application/x-www-form-urlencoded"}, body)
    assert code == 200, answer
    return {"Authorization": f"Bearer {json.loads(answer)['access_token']}"}


def test_it_starts():
    write_play()
    podman("kube", "play", play)
    wait_until(lambda: probe("startupProbe") == 200, "the startup probe", seconds=60)
    wait_until(lambda: status(PORT, "/hello") == 200, "an answer of the app through Bearward", seconds=60)


def test_its_probes_succeed():
    assert {probe(name) for name in ("startupProbe", "readinessProbe", "livenessProbe")} == {200}
    podman("exec", NAMES["app"], *containers["app"]["readinessProbe"]["exec"]["command"])
    assert status(PROBES, "/metrics") == 200
    # What only operators may ask is not at the probes' port.
    assert status(PROBES, "/config") == 404


def test_its_policy_holds():
    assert ask(PORT, "/users/me/")[0] == 401
    ann = log_in("ann")
    code, body = ask(PORT, "/users/me/", headers={**ann, "X-User-Id": "root"})
    assert code == 200 and json.loads(body)["user"] == "ann@example.com", body
    assert ask(PORT, "/admin/dashboard", headers=ann)[0] == 403


def test_the_app_is_reached_through_bearward_alone():
    infra = json.loads(podman("pod", "inspect", "widgets-pod-0").stdout)["InfraContainerID"]
    (network,) = json.loads(podman("inspect", infra).stdout)[0]["NetworkSettings"]["Networks"].values()
    socket.create_connection((network["IPAddress"], 8080), timeout=5).close()
    for port in (8000, 9901):
        try:
            socket.create_connection((network["IPAddress"], port), timeout=5).close()
            raise AssertionError(f"port {port} of the pod can be reached")
        except ConnectionRefusedError:
            pass


def test_both_are_hardened():
    for name, user in (("bearward", 65532), ("app", 10001)):
        found = process_status(pid_of(NAMES[name]))
        assert found["Uid"].split()[1] == str(user), (name, found["Uid"])
        assert int(found["CapEff"], 16) == int(found["CapBnd"], 16) == 0 and found["NoNewPrivs"] == "1" and found["Seccomp"] == "2", name
        assert json.loads(podman("inspect", NAMES[name]).stdout)[0]["HostConfig"]["ReadonlyRootfs"] is True, name


def test_it_takes_a_new_configuration():
    """As when a ConfigMap's volume changes, though in place and not through a symbolic link."""
    (where,) = [each["Source"] for each in json.loads(podman("inspect", NAMES["bearward"]).stdout)[0]["Mounts"] if each["Destination"] == "/etc/bearward"]
    path = pathlib.Path(where) / "bearward.yaml"
    assert ask(PORT, "/items")[0] == 401
    text = path.read_text()
    path.write_text(text.replace("tests:\n", "  - {exact: /items, name: items, auth: none, allow_warnings: [looser-route]}\ntests:\n").replace(
        "request: {path: /items}", "request: {path: /things}"))
    wait_until(lambda: ask(PORT, "/items")[0] == 200, "the new configuration")


def test_it_drains():
    limits = yaml.safe_load((folder / "classic/bearward.yaml").read_text())["limits"]
    delay, drain = (int(limits[name].removesuffix("s")) for name in ("drain_delay", "drain_timeout"))
    pid, begun = pid_of(NAMES["bearward"]), time.monotonic()
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: probe("readinessProbe") == 503, "the readiness probe's 503", seconds=delay)
    # Those who haven't noticed are still served.
    assert ask(PORT, "/hello")[0] == 200 and probe("livenessProbe") == 200
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "its end", seconds=delay + drain + 5)
    taken = time.monotonic() - begun
    assert delay <= taken < delay + drain + 2 * SLOWNESS, taken
    return f"ended after {taken:.1f} s, of which {delay} s were for those who haven't noticed"


def test_all_ends():
    podman("kube", "down", play)
    assert podman("ps", "--all", "--quiet").stdout == ""


all_tests(globals())
