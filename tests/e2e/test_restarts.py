"""The only server of an upstream dies and comes back, under load and without: who is affected, and for how long."""

import threading
import time

import peers
import pytest
from conftest import SLOWNESS
from wire import connection, request

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"], connect_timeout: 500ms}}
routes: [{prefix: /, upstream: app, auth: none}]
log: {access: off}
"""
CLIENTS = 10


class restartable:
    def __init__(self):
        self.port = peers.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process = None
        self.start()

    def start(self):
        self.process, _ = peers.start_node(self.port)  # returns when it listens

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def app():
    server = restartable()
    yield server
    if server.process.poll() is None:
        server.kill()


class load:
    """Clients that ask without a pause, and remember when and how each request went."""

    def __init__(self, address, make):
        self.address = address
        self.make = make
        self.outcomes = []  # (began, ended, status); 0: the connection broke
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for each in self.threads:
            each.start()

    def run(self):
        while not self.stopped.is_set():
            with connection(self.address) as wire:
                while not self.stopped.is_set():
                    began = time.monotonic()
                    try:
                        wire.send(self.make)
                        answer = wire.response()
                        status = answer.status if answer.status != 200 or answer.body == b"hello" else -1
                    except (OSError, EOFError):
                        status = 0
                    self.outcomes.append((began, time.monotonic(), status))
                    if status != 200:
                        time.sleep(0.01)  # a failure must not make the load heavier
                    if status <= 0 or answer.get("Connection") == "close":
                        break

    def stop(self):
        self.stopped.set()
        for each in self.threads:
            each.join(20 * SLOWNESS)
        assert not [each for each in self.threads if each.is_alive()], "a client never got its answer"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_under_load_only_what_meets_the_gap_fails_and_a_second_later_nothing(start, app, method):
    process = start(CONFIGURATION, http=app.address)
    clients = load(process.address, request(method, "/hello", body=b"x" if method == "POST" else b""))
    try:
        time.sleep(0.5)
        killed = time.monotonic()
        app.kill()
        time.sleep(2)
        app.start()
        back = time.monotonic()
        time.sleep(3)
    finally:
        clients.stop()
    before = [status for _, ended, status in clients.outcomes if ended < killed]
    gap = [status for began, ended, status in clients.outcomes if ended >= killed and began < back + 1]
    after = [status for began, _, status in clients.outcomes if began >= back + 1]
    assert len(before) > 20 and set(before) == {200}
    assert set(gap) <= {200, 502} and 502 in gap
    assert len(after) > 20 and set(after) == {200}
    # Nobody waited for a server that is not there.
    assert max(ended - began for began, ended, _ in clients.outcomes) < 5 * SLOWNESS


def test_a_quick_restart_under_load_costs_no_more_than_what_was_in_flight(start, app):
    """Requests that find nobody wait as long as a connection may take."""
    process = start(CONFIGURATION.replace("500ms", f"{20 * SLOWNESS}s"), http=app.address)
    clients = load(process.address, request("GET", "/hello"))
    try:
        time.sleep(0.5)
        app.kill()
        app.start()
        time.sleep(1)
    finally:
        clients.stop()
    failed = [status for _, _, status in clients.outcomes if status != 200]
    # Of each client one in flight, and one that the dying process's accept queue took.
    assert set(failed) <= {502} and len(failed) <= 2 * CLIENTS
    assert len(clients.outcomes) > 100


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
def test_a_restart_between_two_requests_costs_none(start, app, method):
    process = start(CONFIGURATION, http=app.address)
    body = b"x" if method in ("PUT", "POST") else b""
    with process.connect() as wire:
        for _ in range(3):
            wire.send(request(method, "/hello", body=body))
            assert wire.response().status == 200
            app.kill()
            app.start()


def test_it_may_come_up_after_the_proxy(start, app):
    app.kill()
    process = start(CONFIGURATION, http=app.address)
    assert process.fetch(target="/hello").status == 502
    app.start()
    deadline = time.monotonic() + 1
    while process.fetch(target="/hello").status != 200:
        assert time.monotonic() < deadline, "still not back after a second"
        time.sleep(0.05)


def test_a_half_answer_of_a_killed_server_never_looks_whole(start, app):
    process = start(CONFIGURATION, http=app.address)
    for query in ("", "&length=1"):
        with process.connect() as wire:
            wire.send(request("GET", "/data?size=100000000" + query))
            wire.head()
            app.kill()
            rest = wire.rest()
            assert not rest.endswith(b"\r\n0\r\n\r\n") and len(rest) < 100000000
        app.start()
        assert process.fetch(target="/data?size=10").body == b"".join(peers.blocks(10))
