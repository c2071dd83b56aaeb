"""Listeners as an operator meets them: files of unix sockets, and a process that may open no more files."""

import os
import resource
import socket
import stat
import time

from conftest import SLOWNESS
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
