"""Answers that are still running when their token expires or is revoked, or when the drain begins."""

import asyncio
import json
import signal
import threading
import time

import pytest
from conftest import SLOWNESS
from test_metrics import page
from test_revoke import revoke
from tokens import bearer, mint
from wire import request

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /app, name: app}
  - {prefix: /public, name: public, auth: none}
  - {prefix: /all, name: all, streams: {end_on_expiry: all, end_on_revocation: all}}
  - {prefix: /off, name: off, streams: {end_on_expiry: off, end_on_revocation: off}}
"""
EVENT = b"id: 1\r\ndata: hello\r\n\r\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


class stream:
    """A handler that sends a head, then pieces every 50 ms, until its connection ends."""

    def __init__(self, head=b"Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n", piece=chunk(EVENT), wait=0.0):
        self.head, self.piece, self.wait = head, piece, wait
        self.ended = threading.Event()

    async def __call__(self, _, reader, writer):
        try:
            await asyncio.sleep(self.wait)
            writer.write(b"HTTP/1.1 200 OK\r\n" + self.head + b"\r\n")
            for _ in range(400):
                writer.write(self.piece)
                await writer.drain()
                await asyncio.sleep(0.05)
        finally:
            self.ended.set()
        return "close"


def ask(wire, target, token=None, **more):
    wire.socket.settimeout(15 * SLOWNESS)
    wire.send(request("GET", target, {**(bearer(token) if token else {}), **more}))


def short_lived(seconds=1, **more):
    """Dates are whole seconds: it lives for at least that long."""
    return mint(exp=int(time.time()) + seconds + 1, **more)


def read_all(wire):
    """(what came after the head, whether the connection was reset)."""
    data = wire.buffer
    wire.buffer = b""
    try:
        while more := wire.socket.recv(65536):
            data += more
    except ConnectionResetError:
        return data, True
    return data, False


def test_an_event_stream_ends_as_a_whole_message_when_its_token_expires(bearward, app):
    handler = stream()
    app.on("/app/events", handler)
    with bearward.connect() as wire:
        token = short_lived()
        ask(wire, "/app/events", token, **{"X-Request-Id": "sse-expired"})
        answer = wire.response()
        assert answer.status == 200 and answer.body.endswith(EVENT) and answer.body.count(EVENT) * len(EVENT) == len(answer.body)
        assert handler.ended.wait(5 * SLOWNESS), "the app's work goes on for nobody"
        ask(wire, "/app", mint())  # the connection goes on
        assert wire.response().status == 200
        ask(wire, "/app/events", token)
        assert wire.response().status == 401
    record = bearward.access_record("sse-expired")
    assert record["ended"] == "token_expired" and record["status"] == 200 and record["reason"] == "ok"
    assert page(bearward).value("bearward_stream_ends_total", reason="token_expired", route="app") >= 1


def test_an_event_stream_ends_when_its_token_is_revoked(bearward, app):
    app.on("/app/events", stream())
    with bearward.connect() as wire, bearward.connect() as others:
        ask(wire, "/app/events", mint(jti="sse-1"), **{"X-Request-Id": "sse-revoked"})
        ask(others, "/app/events", mint(jti="sse-2"))
        assert wire.head().status == 200 and others.head().status == 200
        assert wire.chunk() == EVENT
        began = time.monotonic()
        assert revoke(bearward, {"jti": "sse-1"})[0] == 204
        while wire.chunk():
            pass
        assert time.monotonic() - began < 1 * SLOWNESS
        for _ in range(10):
            assert others.chunk() == EVENT
    record = bearward.access_record("sse-revoked")
    assert record["ended"] == "token_revoked" and record["cause"] == "jti 'sse-1' is revoked"


@pytest.mark.parametrize("pieces", [(b"data: 1\n", b"\n"), (b"data: 1\r", b"\r"), (b"data: 1\r\n\r", b"\n"), (b"d", b"ata: 1\n\n: comment\n\n")])
def test_it_ends_between_two_events_however_they_are_cut(bearward, app, pieces):
    class cut(stream):
        async def __call__(self, _, reader, writer):
            writer.write(b"HTTP/1.1 200 OK\r\n" + self.head + b"\r\n")
            for number in range(400):
                writer.write(chunk(pieces[number % len(pieces)]))
                await writer.drain()
                await asyncio.sleep(0.03)

    app.on("/app/cut", cut())
    with bearward.connect() as wire:
        ask(wire, "/app/cut", mint(jti="sse-cut"))
        wire.head()
        body = wire.chunk()
        assert revoke(bearward, {"jti": "sse-cut", "until": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1.5))})[0] == 204
        while piece := wire.chunk():
            body += piece
    assert body.endswith((b"\n\n", b"\r\r", b"\r\n\r", b"\r\n\r\n")), body[-20:]
    time.sleep(1.6)


def test_without_an_end_of_the_event_it_is_broken_off(bearward, app):
    app.on("/app/endless", stream(piece=chunk(b"data: no end\n")))
    with bearward.connect() as wire:
        ask(wire, "/app/endless", mint(jti="sse-endless"), **{"X-Request-Id": "sse-endless"})
        wire.head()
        began = time.monotonic()
        assert revoke(bearward, {"jti": "sse-endless"})[0] == 204
        data, reset = read_all(wire)
        assert reset and not data.endswith(b"0\r\n\r\n")
        assert 4 < time.monotonic() - began < 8 * SLOWNESS
    assert bearward.access_record("sse-endless")["ended"] == "token_revoked"


@pytest.mark.parametrize("head", [
    b"Content-Type: text/event-stream\r\nContent-Length: 1000000\r\n",
    b"Content-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n",
    b"Content-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n",
    b"Content-Type: application/grpc+proto\r\nTransfer-Encoding: chunked\r\n",
])
def test_what_has_no_boundary_is_broken_off(bearward, app, head):
    app.on("/app/other", stream(head, EVENT if b"Length" in head else chunk(EVENT)))
    with bearward.connect() as wire:
        ask(wire, "/app/other", short_lived())
        assert wire.head().status == 200
        data, reset = read_all(wire)
        assert reset and not data.endswith(b"0\r\n\r\n")


def test_towards_http_1_0_it_is_broken_off(bearward, app):
    app.on("/app/events", stream())
    with bearward.connect() as wire:
        wire.socket.settimeout(15 * SLOWNESS)
        wire.send(request("GET", "/app/events", bearer(short_lived()), version="HTTP/1.0"))
        assert wire.head().status == 200
        assert read_all(wire)[1], "its end would pass for whole"


def test_an_answer_whose_end_is_the_connections_becomes_whole(bearward, app):
    app.on("/app/events", stream(b"Content-Type: Text/Event-Stream\r\n", EVENT))
    with bearward.connect() as wire:
        ask(wire, "/app/events", short_lived())
        answer = wire.response()
        assert answer.status == 200 and answer.body.endswith(EVENT)


def test_other_answers_run_to_their_end(bearward, app):
    async def slow(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
        await writer.drain()
        await asyncio.sleep(2.5)
        writer.write(b"67890")
        await writer.drain()

    app.on("/app/slow", slow)
    with bearward.connect() as wire:
        ask(wire, "/app/slow", short_lived(jti="slow-1"))
        assert wire.head().status == 200
        assert revoke(bearward, {"jti": "slow-1"})[0] == 204
        assert wire.exactly(10) == b"1234567890"


def test_where_all_end_so_do_they(bearward, app):
    app.on("/all/download", stream(b"Content-Type: application/zip\r\nContent-Length: 100000000\r\n", b"x" * 500_000))
    with bearward.connect() as wire:
        ask(wire, "/all/download", mint(jti="all-1"), **{"X-Request-Id": "all-1"})
        assert wire.head().status == 200
        assert revoke(bearward, {"jti": "all-1"})[0] == 204
        assert read_all(wire)[1]
    record = bearward.access_record("all-1")
    assert record["ended"] == "token_revoked" and record["status"] == 200


def test_where_all_end_one_that_has_not_begun_is_a_401(bearward, app):
    app.on("/all/late", stream(wait=20))
    with bearward.connect() as wire:
        began = time.monotonic()
        ask(wire, "/all/late", short_lived(), **{"X-Request-Id": "all-late"})
        answer = wire.response()
        assert answer.status == 401 and json.loads(answer.body) == {"detail": "Token has expired"}
        assert answer.get("WWW-Authenticate").startswith("Bearer ") and "invalid_token" in answer.get("WWW-Authenticate")
        assert time.monotonic() - began < 4 * SLOWNESS
    assert bearward.access_record("all-late")["reason"] == "token_expired"


def test_an_event_stream_that_begins_too_late_is_a_401(bearward, app):
    app.on("/app/late", stream(wait=2.5))
    with bearward.connect() as wire:
        ask(wire, "/app/late", short_lived())
        assert wire.response().status == 401
        ask(wire, "/app", mint())
        assert wire.response().status == 200


def test_a_late_answer_that_is_no_stream_is_passed_on(bearward, app):
    async def late(_, __, writer):
        await asyncio.sleep(2.5)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()

    app.on("/app/late-answer", late)
    with bearward.connect() as wire:
        ask(wire, "/app/late-answer", short_lived())
        assert wire.response().body == b"ok"


def test_off_means_neither(bearward, app):
    app.on("/off/events", stream())
    with bearward.connect() as wire:
        ask(wire, "/off/events", short_lived(jti="off-1"))
        wire.head()
        assert revoke(bearward, {"jti": "off-1"})[0] == 204
        end = time.monotonic() + 3
        while time.monotonic() < end:
            assert wire.chunk() == EVENT


def test_they_are_listed_with_the_sockets(bearward, app):
    app.on("/app/events", stream())
    with bearward.connect() as wire:
        ask(wire, "/app/events", mint(sub="u-listed"))
        wire.head()
        listed = json.loads(bearward.admin("/sockets?user=u-listed")[1])
        assert listed["total"] == 1
        line = listed["sockets"][0]
        assert line["kind"] == "stream" and line["route"] == "app" and line["provider"] == "main" and line["until"] > line["since"]
    deadline = time.monotonic() + 5 * SLOWNESS
    while json.loads(bearward.admin("/sockets?user=u-listed")[1])["total"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("target", ["/app/events", "/public/events", "/off/events"])
def test_the_drain_ends_event_streams_at_once(start, app, target):
    process = start(CONFIGURATION)
    app.on(target, stream())
    with process.connect() as wire:
        ask(wire, target, None if "public" in target else mint(), **{"X-Request-Id": "drain"})
        wire.head()
        assert wire.chunk() == EVENT
        began = time.monotonic()
        process.process.send_signal(signal.SIGTERM)
        while wire.chunk():
            pass
        assert time.monotonic() - began < 2 * SLOWNESS
        assert wire.trailers() == [] and wire.is_closed()
    process.process.wait(10 * SLOWNESS)
    assert process.access_record("drain")["ended"] == "shutdown"
