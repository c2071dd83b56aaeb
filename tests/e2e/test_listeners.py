"""Listeners as an operator meets them: files of unix sockets, and a process that may open no more files."""

import os
import resource
import socket
import stat
import subprocess
import time

import pytest

from conftest import BINARY, SLOWNESS
from wire import connection

CONFIGURATION = """
version: 1
threads: 2
listen:
  - {address: 127.0.0.1:0, name: public}
  - {address: "unix:@directory@/local.sock", name: local}
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
routes:
  - {prefix: /, upstream: app, auth: none}
  - {prefix: /local, upstream: app, auth: none, listeners: [local]}
limits: {max_connections: 400, idle_timeout: 60s}
"""


def ask(wire, path="/x"):
    wire.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    return wire.response()


def test_the_file_of_a_unix_socket_is_made_and_removed(start, app):
    process = start(CONFIGURATION)
    path = process.directory / "local.sock"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660
    with connection.to_unix(path) as wire:
        assert ask(wire, "/local/x").status == 200
    with process.connect() as wire:
        assert ask(wire, "/local/x").status == 200  # falls back to the route of every listener
        assert app.last.target == "/local/x"
    process.stop()
    assert not path.exists()


def test_a_killed_process_leaves_a_file_that_the_next_one_replaces(start):
    process = start(CONFIGURATION)
    path = process.directory / "local.sock"
    process.process.kill()
    process.process.wait()
    process.looked_at = True
    assert path.exists()
    again = type(process)(process.directory, CONFIGURATION, http="127.0.0.1:1")
    with connection.to_unix(path) as wire:
        assert ask(wire).status == 502
    again.stop()
    assert not path.exists()


def test_nothing_breaks_at_the_file_limit(start):
    process = start(CONFIGURATION)
    used = len(os.listdir(f"/proc/{process.pid}/fd"))
    # The undefined behaviour sanitizer opens a pipe to look at a vptr and takes its failure for a bad object: it gets room.
    limit = used + (40 if SLOWNESS == 1 else 400)
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (limit, resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[1]))
    crowd = [process.connect() for _ in range(80)]
    try:
        deadline = time.monotonic() + 20
        while len(os.listdir(f"/proc/{process.pid}/fd")) < min(limit - 2, used + 60):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        busy = cpu_seconds(process.pid)
        time.sleep(1)  # those that wait do not make it spin
        assert cpu_seconds(process.pid) - busy < 0.5
        # Every one of them is served once those before it have left.
        for wire in crowd:
            assert ask(wire).status in (200, 502)
            wire.socket.close()
        with process.connect() as late:
            assert ask(late).status == 200
    finally:
        for wire in crowd:
            wire.socket.close()
    assert process.log().count("can't accept connections") <= 4


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


SECOND = """
version: 1
threads: 2
listen: [{address: "@address@", name: public}]
admin: {address: "unix:@directory@/admin.sock"@probes@}
upstreams: {app: {servers: ["@http@"]}}
routes: [{prefix: /, upstream: app, auth: none}]
limits: {drain_timeout: 1s}
"""


def free_port(family=socket.AF_INET, host="127.0.0.1"):
    with socket.socket(family) as free:
        free.bind((host, 0))
        return free.getsockname()[1]


def run_to_its_end(directory, configuration):
    """What a process that can't listen says; it must end by itself."""
    directory.mkdir()
    (directory / "bearward.yaml").write_text(configuration.replace("@directory@", str(directory)).replace("@http@", "127.0.0.1:1"))
    ended = subprocess.run([BINARY, "-c", "bearward.yaml"], cwd=directory, capture_output=True, text=True, timeout=15 * SLOWNESS)
    assert ended.returncode == 1, ended
    return ended.stderr


@pytest.mark.parametrize("what", ["listen", "probes", "unix"])
def test_a_second_process_on_the_same_address_ends_with_an_error(start, tmp_path, app, what):
    address, probes = f"127.0.0.1:{free_port()}", ""
    if what == "probes":
        probes = f', probes: "127.0.0.1:{free_port()}"'
    elif what == "unix":
        address = f"unix:{tmp_path}/shared.sock"
    text = SECOND.replace("@address@", address).replace("@probes@", probes)
    first = start(text)
    if what == "probes":
        text = text.replace(address, f"127.0.0.1:{free_port()}")  # the proxy listener is another one
    error = run_to_its_end(tmp_path / "second", text)
    assert "can't listen on " in error and "Address already in use" in error
    wire = connection.to_unix(tmp_path / "shared.sock") if what == "unix" else first.connect()
    with wire:
        assert ask(wire).status == 200
    first.stop()


def test_the_wildcard_of_both_families_shows_ipv4_clients_as_ipv4(start, app):
    probes = free_port()
    process = start(SECOND.replace("@address@", "[::]:0").replace("@probes@", f', probes: "[::]:{probes}"'))
    port = int(process.address.rsplit(":", 1)[1])
    for host, shown in (("127.0.0.1", "127.0.0.1"), ("::1", "::1")):
        with socket.create_connection((host, port), 10) as client:
            client.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\nX-Request-Id: from-%s\r\nConnection: close\r\n\r\n" % host.replace(":", "-").encode())
            assert client.makefile("rb").readline().startswith(b"HTTP/1.1 200")
        assert process.access_record("from-" + host.replace(":", "-"))["client"] == shown
        assert app.last.get("X-Forwarded-For") == shown
        with socket.create_connection((host, probes), 10) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n")
            assert client.makefile("rb").readline().startswith(b"HTTP/1.1 200")


def test_the_admins_socket_is_for_owner_and_group_whatever_the_umask(start):
    before = os.umask(0)
    try:
        process = start(CONFIGURATION)
    finally:
        os.umask(before)
    for name in ("admin.sock", "local.sock"):
        assert stat.S_IMODE(os.stat(process.directory / name).st_mode) == 0o660
    process.stop()
    assert not (process.directory / "admin.sock").exists()
