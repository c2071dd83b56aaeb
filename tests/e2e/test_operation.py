"""Running it: the admin listener, the drain, and what stands in the logs."""

import asyncio
import json
import signal
import socket
import struct
import threading
import time

import pytest
import websockets
import wire as wires
from frames import client, frame, handshake, read_frame
from tokens import SECRET, bearer, mint
from upstreams import held_answer

LOGGING = """
version: 1
listen: [{{address: 127.0.0.1:0, name: public}}]
admin: {{address: "unix:@directory@/admin.sock"}}
upstreams: {{app: {{servers: ["@http@"]}}}}
providers: {{main: {{type: jwt, audiences: [widgets], algorithms: [HS256], keys: {{secret: {{file: secret}}}}}}}}
routes: [{{prefix: /, name: all, upstream: app, providers: [main], token_from: [header, query]}}]
log: {{{}}}
"""


def test_healthz_and_readyz(bearward):
    assert bearward.admin("/healthz")[0] == 200
    assert bearward.admin("/readyz")[0] == 200


def test_status(bearward):
    status, body = bearward.admin("/status")
    assert status == 200
    data = json.loads(body)
    assert [entry["name"] for entry in data["listeners"]] == ["public"]
    host, port = data["listeners"][0]["address"].rsplit(":", 1)
    assert host == "127.0.0.1" and int(port) > 0
    assert data["version"]
    assert SECRET.decode() not in body


def test_other_paths_methods_and_hosts(bearward):
    assert bearward.admin("/nothing")[0] == 404
    assert bearward.admin("/healthz", "DELETE")[0] == 405
    assert bearward.admin("/healthz", headers={"Host": "evil.test"})[0] == 403
    for name in ("localhost", "127.0.0.1", "[::1]", "localhost:9901"):
        assert bearward.admin("/healthz", headers={"Host": name})[0] == 200


def test_the_admin_listener_over_tcp(start):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start(LOGGING.format("level: info").replace("unix:@directory@/admin.sock", f"127.0.0.1:{port}"), admin=("127.0.0.1", port))
    assert process.admin("/healthz")[0] == 200
    assert process.admin("/healthz", headers={"Host": "evil.test"})[0] == 403
    assert process.fetch(target="/x").status == 401


def test_sigterm_lets_requests_finish_and_closes_sockets_with_1001(start, app, sockets):
    process = start()
    slow = held_answer()
    app.on("/app/slow", slow)
    with process.connect() as request, process.connect() as idle, process.connect() as websocket:
        idle.send(b"GET /app HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % mint().encode())
        assert idle.response().status == 200
        websocket.send(handshake("/ws", bearer(mint()).items()))
        assert websocket.response().status == 101
        request.send(b"GET /app/slow HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % mint().encode())
        assert slow.began.wait(5)
        process.process.send_signal(signal.SIGTERM)

        opcode, payload = read_frame(websocket)
        assert opcode == 8 and payload[:2] == struct.pack("!H", 1001)
        websocket.send(frame(8, struct.pack("!H", 1001)))
        assert websocket.is_closed()
        assert idle.is_closed()
        deadline = time.monotonic() + 5
        while True:  # no new connections
            try:
                socket.create_connection(("127.0.0.1", int(process.address.rsplit(":", 1)[1])), timeout=1).close()
            except OSError:
                break
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert process.process.poll() is None

        slow.released.set()
        answer = request.response()
        assert answer.status == 200 and answer.body == b"done" and answer.get("Connection") == "close"
        assert request.is_closed()
    assert process.process.wait(10) == 0
    deadline = time.monotonic() + 5
    while not sockets.closes and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sockets.closes == [1001]


def test_sigterm_with_nothing_open_ends_at_once(start):
    process = start()
    began = time.monotonic()
    process.stop()
    assert time.monotonic() - began < 3


def test_a_second_signal_ends_at_once(start, app):
    process = start()
    began = threading.Event()

    async def hang(_, __, ___):
        began.set()
        await asyncio.sleep(30)

    app.on("/app/hang", hang)
    with process.connect() as request:
        request.send(b"GET /app/hang HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % mint().encode())
        assert began.wait(5)
        process.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert process.process.poll() is None
        process.process.send_signal(signal.SIGTERM)
        process.process.wait(3)
    assert process.process.returncode in (0, 1)
    process.stop(expect=process.process.returncode)


def test_sigint_drains_too(start):
    process = start()
    process.process.send_signal(signal.SIGINT)
    assert process.process.wait(5) == 0


def test_not_ready_while_draining(start, app):
    process = start()
    slow = held_answer()
    app.on("/app/slow", slow)
    with process.connect() as request:
        request.send(b"GET /app/slow HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % mint().encode())
        assert slow.began.wait(5)
        process.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert process.admin("/readyz")[0] == 503
        slow.released.set()
        assert request.response().status == 200
    assert process.process.wait(10) == 0


def test_tokens_are_logged_at_no_level(start, app):
    process = start(LOGGING.format("level: trace"))
    tokens = [mint(), mint(sub="u-2"), mint(exp=1), "eyJ.garbage.sig-nature"]
    for token in tokens:
        process.fetch(target="/a", headers=bearer(token))
        process.fetch(target="/a?access_token=" + token)
        process.fetch(target="/a?x=1&access%5Ftoken=" + token + "&access_token=" + token)
        process.fetch(target="/%zz?access_token=" + token)
        with process.connect() as wire:
            wire.send(b"GET /a?access_token=%s HTTP/1.1\r\n\r\n" % token.encode())
            wire.response()
        with process.connect() as wire:
            wire.send(handshake("/a", [("Sec-WebSocket-Protocol", "bearer, " + token)]))
            wire.response()
    time.sleep(0.5)
    process.stop()
    for token in tokens:
        assert token.rsplit(".", 1)[1] not in process.log()


@pytest.mark.parametrize("mode, logged", [("on", [200, 401]), ("off", []), ("rejects", [401])])
def test_access_log_modes(start, mode, logged):
    process = start(LOGGING.format(f"access: {mode}"))
    process.fetch(target="/a", headers=bearer(mint()))
    process.fetch(target="/a")
    process.stop()
    assert sorted(record["status"] for record in process.access_records()) == logged  # of two workers, in any order


def test_access_log_without_identity(start):
    process = start(LOGGING.format("identity: off"))
    process.fetch(target="/a", headers=bearer(mint(sub="somebody-known", tid="tenant-known")))
    process.stop()
    assert len(process.access_records()) == 1
    assert "somebody-known" not in process.log() and "tenant-known" not in process.log()


def test_a_log_file_is_reopened_on_sigusr1(start):
    process = start(LOGGING.format('output: "@directory@/access.log"'))
    path = process.directory / "access.log"
    process.fetch(target="/first")
    deadline = time.monotonic() + 5
    while "/first" not in (path.read_text() if path.exists() else "") and time.monotonic() < deadline:
        time.sleep(0.05)
    path.rename(process.directory / "rotated.log")
    process.process.send_signal(signal.SIGUSR1)
    deadline = time.monotonic() + 5
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.fetch(target="/second")
    process.stop()
    assert "/first" in (process.directory / "rotated.log").read_text()
    assert "/second" in path.read_text() and "/first" not in path.read_text()


def test_idle_websockets_and_slow_heads_end_in_time(start):
    process = start(LOGGING.format("level: info") + "limits: {request_head_timeout: 1s, idle_timeout: 1s}\n")
    with process.connect() as slow, process.connect() as silent:
        slow.send(b"GET /a HTTP/1.1\r\nHost:")
        answer = slow.response()
        assert answer.status == 408 and slow.is_closed()
        assert silent.is_closed()


def test_reasons_are_exposed_only_when_asked_for(start):
    process = start(LOGGING.format("level: info") + "errors: {expose_reason: true, realm: widgets}\n")
    answer = process.fetch(target="/a")
    assert json.loads(answer.body) == {"detail": "Not authenticated", "reason": "token_missing"}
    assert answer.get("WWW-Authenticate") == 'Bearer realm="widgets"'


def test_two_proxies_in_a_row(start, app):
    """One in front of the other: what one forwards is acceptable to the next."""
    inner = start()
    outer = start(LOGGING.format("level: info").replace("token_from", "forward_token: true, token_from"), http=inner.address)
    assert wires.fetch(outer.address, target="/app/x", headers=bearer(mint())).status == 200
    assert app.last.get("X-User-Id") == "u-1"

    async def run():
        async with client(outer, "/ws", mint()) as socket:
            await socket.send("through both")
            assert await socket.recv() == "through both"
        async with client(outer, "/ws/admin", mint()) as socket:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd.reason == "Not enough permissions"

    asyncio.run(run())
    outer.stop()
    inner.stop()
