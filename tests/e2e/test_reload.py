"""SIGHUP: a good configuration is taken over as a whole, a bad one leaves everything as it was; what is under way goes on."""

import asyncio
import json
import signal
import socket
import threading
import time

import pytest
from conftest import SLOWNESS
from frames import client, frame, handshake, read_frame
from tokens import bearer, mint
from upstreams import held_answer

CONFIGURATION = """
version: 1
threads: 2
listen:
  - {address: 127.0.0.1:0, name: public}
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}, sockets: {servers: ["@websocket@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], clock_skew: 0s, keys: {secret: {file: secret}}}
routes:
  - {prefix: /app, name: app, upstream: app, providers: [main]}
  - {prefix: /ws, name: ws, upstream: sockets, providers: [main]}
"""
# route of /app -> the same, but only for admins
STRICTER = CONFIGURATION.replace("name: app, upstream: app, providers: [main]", "name: app, upstream: app, providers: [main], require: {roles: [admin]}")
# What its author did not mean, whatever the routes say.
FAILING_TEST = "tests: [{name: anyone comes in, request: {path: /app}, expect: {status: 200}}]\n"


class reloadable:
    """A process whose configuration can be written anew."""

    def __init__(self, process, app, sockets):
        self.process = process
        self.app = app
        self.sockets = sockets

    def write(self, text):
        text = text.replace("@directory@", str(self.process.directory)).replace("@http@", self.app.address)
        self.process.configuration.write_text(text.replace("@websocket@", self.sockets.address))

    def asked_for(self, result):
        """How many reloads of that result the signal led to: what is written may be noticed without it, too."""
        words = "reloaded " if result == "success" else "reload refused "
        return sum(words in line and "(SIGHUP" in line for line in self.process.log().splitlines())

    def reload(self, expect):
        other = "failure" if expect == "success" else "success"
        before = {result: self.asked_for(result) for result in (expect, other)}
        self.process.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10 * SLOWNESS
        while self.asked_for(expect) == before[expect]:
            assert time.monotonic() < deadline, self.process.log()[-3000:]
            time.sleep(0.02)
        assert {result: self.asked_for(result) for result in (expect, other)} == {expect: before[expect] + 1, other: before[other]}

    def get(self, target="/app", **claims):
        return self.process.fetch(target=target, headers=bearer(mint(**claims)))


@pytest.fixture
def proxy(start, app, sockets):
    return reloadable(start(CONFIGURATION), app, sockets)


def test_a_new_requirement_counts_after_the_signal(proxy):
    assert proxy.get().status == 200
    proxy.write(STRICTER)
    proxy.reload("success")
    assert proxy.get().status == 403
    assert proxy.get(roles=["admin"]).status == 200
    proxy.write(CONFIGURATION)
    proxy.reload("success")
    assert proxy.get().status == 200


@pytest.mark.parametrize("break_it", [
    lambda text: text + "nonsense: 1\n",
    lambda text: text.replace("upstream: app", "upstream: gone"),
    lambda text: text.replace("algorithms: [HS256]", "algorithms: [none]"),
    lambda text: text.replace("{file: secret}", "{file: no-such-file}"),
    lambda text: text.replace("version: 1", "version: [1"),
    lambda text: "",
    lambda text: text.replace("name: ws,", "name: app,"),
    lambda text: text + FAILING_TEST,
], ids=["unknown_key", "dangling_name", "algorithm", "missing_secret", "syntax", "empty", "name_twice", "failing_test"])
def test_a_bad_configuration_is_refused_as_a_whole(proxy, break_it):
    assert proxy.get().status == 200
    # What comes before the mistake is stricter: not even that may be taken over.
    proxy.write(break_it(STRICTER))
    proxy.reload("failure")
    assert proxy.get().status == 200
    assert proxy.get("/elsewhere").status == 404
    assert proxy.process.admin("/readyz")[0] == 200
    log = proxy.process.log()
    assert "the old configuration stays" in log and f"{proxy.process.configuration}:" in log
    proxy.write(STRICTER)  # and is not stuck
    proxy.reload("success")
    assert proxy.get().status == 403


def test_policy_tests_run_before_a_configuration_counts(proxy):
    """Where its tests hold it is taken over; one that fails is an error with its place, what was expected and what happened."""
    proxy.write(STRICTER + 'tests: [{name: users stay out, request: {path: /app}, identity: {user: u}, expect: {status: 403}}]\n')
    proxy.reload("success")
    proxy.write(CONFIGURATION + FAILING_TEST)
    status, body = proxy.process.admin("/reload", "POST", {"Content-Type": "application/json"})
    answer = json.loads(body)
    assert status == 422 and answer["result"] == "failure"
    line = CONFIGURATION.count("\n") + 1
    assert answer["errors"] == [f"{proxy.process.configuration}:{line}:9: error: tests: the test 'anyone comes in' fails: "
                                "status: expected 200, got 401; `bearward test` shows each step"]
    assert proxy.get().status == 403, "the old one stays"


def test_revocations_count_whatever_the_policy_tests_say(start, app, sockets):
    """Whom a test names may be revoked too; nothing of that holds back what else is."""
    text = CONFIGURATION.replace("keys: {secret: {file: secret}}", "keys: {secret: {file: secret}}, revocation: {file: revoked.txt}")
    text += "tests: [{name: a user comes in, request: {path: /app}, identity: {user: u-1}, expect: {status: 200}}]\n"
    process = start(text, files={"revoked.txt": "# none\n"})
    proxy = reloadable(process, app, sockets)
    assert proxy.get(sub="evil").status == 200
    (process.directory / "revoked.txt").write_text("user:u-1\nuser:evil\n")
    proxy.reload("success")
    assert proxy.get(sub="evil").status == 401 and proxy.get(sub="u-1").status == 401 and proxy.get(sub="u-2").status == 200


def test_a_start_with_a_failing_policy_test_is_refused(start):
    with pytest.raises(AssertionError, match=r"ended with 1 at the start:[^$]*error: tests: the test 'anyone comes in' fails: status: expected 200, got 401"):
        start(CONFIGURATION + FAILING_TEST)


def test_a_missing_file_is_refused_too(proxy):
    proxy.process.configuration.rename(proxy.process.directory / "away.yaml")
    proxy.reload("failure")
    assert proxy.get().status == 200


def test_an_address_that_is_taken_changes_nothing(proxy):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        more = f"  - {{address: 127.0.0.1:{taken.getsockname()[1]}, name: second}}\nadmin:"
        proxy.write(STRICTER.replace("admin:", more, 1))
        proxy.reload("failure")
    assert proxy.get().status == 200
    assert [each["name"] for each in json.loads(proxy.process.admin("/status")[1])["listeners"]] == ["public"]


@pytest.mark.parametrize("kind", ["success", "failure"])
def test_what_is_under_way_goes_on(proxy, app, sockets, kind):
    """A request that waits, an upload half sent, a download half read, an idle connection and an open socket."""
    slow = held_answer()

    async def halves(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
        await writer.drain()
        await slow.wait()
        writer.write(b"half")
        await writer.drain()

    app.on("/app/slow", slow)
    app.on("/app/halves", halves)
    head = b"Host: a\r\nAuthorization: Bearer " + mint().encode() + b"\r\n"
    process = proxy.process
    with process.connect() as waiting, process.connect() as upload, process.connect() as download, process.connect() as idle, process.connect() as wire:
        waiting.send(b"GET /app/slow HTTP/1.1\r\n" + head + b"\r\n")
        assert slow.began.wait(10)
        upload.send(b"POST /app/up HTTP/1.1\r\n" + head + b"Content-Length: 8\r\n\r\nhalf")
        download.send(b"GET /app/halves HTTP/1.1\r\n" + head + b"\r\n")
        assert download.until(b"half").endswith(b"half")
        idle.send(b"GET /app HTTP/1.1\r\n" + head + b"\r\n")
        assert idle.response().status == 200
        wire.send(handshake("/ws", bearer(mint()).items()))
        assert wire.response().status == 101

        proxy.write(STRICTER if kind == "success" else STRICTER + "nonsense: 1\n")
        proxy.reload(kind)

        slow.released.set()
        assert waiting.response().body == b"done"
        upload.send(b"half")
        assert upload.response().status == 200
        assert download.exactly(4) == b"half"
        wire.send(frame(1, b"still here"))
        assert read_frame(wire) == (1, b"still here")
        for connection in (waiting, upload, download, idle):  # kept alive, and judged by the rules of now
            connection.send(b"GET /app HTTP/1.1\r\n" + head + b"\r\n")
            assert connection.response().status == (403 if kind == "success" else 200)


def test_no_request_fails_while_it_reloads_again_and_again(proxy):
    stop = threading.Event()
    failures = []
    counts = []

    def load():
        done = 0
        token = mint(roles=["admin"])
        while not stop.is_set():
            with proxy.process.connect() as wire:
                for _ in range(10):
                    wire.send(b"GET /app HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % token.encode())
                    status = wire.response().status
                    done += 1
                    if status != 200:
                        failures.append(status)
        counts.append(done)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for each in threads:
        each.start()
    try:
        for number in range(20):
            proxy.write([STRICTER, CONFIGURATION, STRICTER + "nonsense: 1\n"][number % 3])
            proxy.reload("failure" if number % 3 == 2 else "success")
    finally:
        stop.set()
        for each in threads:
            each.join(20)
    assert failures == [] and len(counts) == 4 and sum(counts) > 40


def test_a_new_secret_counts_for_new_tokens_and_the_old_one_no_more(proxy):
    old = bearer(mint())
    process = proxy.process
    assert process.fetch(target="/app", headers=old).status == 200  # and is remembered
    (process.directory / "secret").write_bytes(b"another secret that is more than long enough for it\n")
    proxy.reload("success")
    assert process.fetch(target="/app", headers=old).status == 401


def test_signals_in_a_burst_do_no_harm(proxy):
    for _ in range(200):
        proxy.process.process.send_signal(signal.SIGHUP)
    assert proxy.get().status == 200

    async def run():
        async with client(proxy.process, "/ws", mint()) as wire:
            await wire.send("x")
            assert await wire.recv() == "x"

    asyncio.run(run())


def test_a_head_that_was_half_sent_keeps_the_listener_that_it_came_to(start, app, sockets):
    """Listeners change places in the file while a head is under way: the routes of one stay closed to the other."""
    shared = """
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], clock_skew: 0s, keys: {secret: {file: secret}}}
routes:
  - {prefix: /, name: outside, upstream: app, auth: none}
  - {prefix: /internal, name: inside, upstream: app, auth: none, listeners: [internal]}
"""
    public, internal = '{address: "127.0.0.1:0", name: public}', '{address: "unix:@directory@/internal.sock", name: internal}'
    proxy = reloadable(start(f"version: 1\nthreads: 1\nlisten: [{public}, {internal}]{shared}"), app, sockets)
    with proxy.process.connect() as wire:
        wire.send(b"GET /internal/held HTTP/1.1\r\nHost: a\r\nX-Request-Id: held\r\n")
        time.sleep(0.2)
        proxy.write(f"version: 1\nthreads: 1\nlisten: [{internal}, {public}]{shared}")
        proxy.reload("success")
        wire.send(b"\r\n")
        assert wire.response().status == 200
    assert proxy.process.access_record("held")["route"] == "outside"
