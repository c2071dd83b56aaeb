"""WebSocket: where the token may stand, what is echoed, rejection by Close 1008, and a transparent relay."""

import asyncio
import base64
import hashlib
import json
import struct
import time

import pytest
import websockets
from conftest import SLOWNESS
from frames import ACCEPT, KEY, client, frame, handshake, read_frame
from tokens import bearer, encode, mint

def opened(bearward, target, headers=(), **more):
    """(the connection, the head of the answer)"""
    wire = bearward.connect()
    wire.send(handshake(target, headers, **more))
    return wire, wire.response()


def assert_echoes(wire, text=b"hello"):
    wire.send(frame(1, text))
    assert read_frame(wire) == (1, text)


def assert_rejected(bearward, sockets, wire, answer, detail, protocol=None, reason=None):
    """101, then exactly one Close 1008 with this reason, and the end once the client's Close is there."""
    assert answer.status == 101, answer
    assert answer.get("Sec-WebSocket-Accept") == ACCEPT and answer.get("Upgrade").lower() == "websocket"
    assert answer.get("Sec-WebSocket-Protocol") == protocol
    assert answer.get("Sec-WebSocket-Extensions") is None
    assert read_frame(wire) == (8, struct.pack("!H", 1008) + detail.encode())
    wire.send(frame(8, struct.pack("!H", 1008)))
    assert wire.is_closed()
    assert sockets.handshakes == []
    if reason:
        record = bearward.access_record(answer.get("X-Request-Id"))
        assert record["reason"] == reason and record["websocket"] is True
    wire.socket.close()


def test_a_token_in_the_header(bearward, sockets):
    wire, answer = opened(bearward, "/ws", bearer(mint()).items())
    with wire:
        assert answer.status == 101 and answer.get("Sec-WebSocket-Accept") == ACCEPT and answer.get("Sec-WebSocket-Protocol") is None
        assert_echoes(wire)
    path, headers = sockets.handshakes[0]
    headers = {name.lower(): value for name, value in headers}
    assert path == "/ws" and headers["x-user-id"] == "u-1" and headers["x-tenant-id"] == "t-1" and headers["host"] == "api.test"
    assert "authorization" not in headers and headers["sec-websocket-key"] == KEY


def test_a_token_in_the_query(bearward, sockets):
    wire, answer = opened(bearward, "/ws/room?a=1&access_token=" + mint())
    with wire:
        assert answer.status == 101
        assert_echoes(wire)
    assert sockets.handshakes[0][0] == "/ws/room?a=1"


def k8s(token):
    return "base64url.bearer.authorization.k8s.io." + encode(token.encode())


# what the client offers, what the upstream gets, what the answer names; T stands for the token
OFFERS = [
    ("bearer, T", None, "bearer"),
    ("access_token, T", None, "access_token"),
    ("Bearer, T", None, "Bearer"),
    ("ACCESS_TOKEN, T", None, "ACCESS_TOKEN"),
    ("bearer,T", None, "bearer"),
    ("Bearer T", None, "Bearer T"),
    ("bearer.T", None, "bearer.T"),
    ("K", None, "K"),
    ("T", None, "T"),
    ("bearer, T, chat", "chat", "chat"),
    ("chat, bearer, T", "chat", "chat"),
    ("T, chat", "chat", "chat"),
    ("x, bearer, T, y", "x, y", "bearer"),
    ("x, T, y", "x, y", "T"),
    ("x, bearer.T", "x", "bearer.T"),
]


@pytest.mark.parametrize("offered, forwarded, told", OFFERS, ids=lambda value: str(value).replace(", ", "+").replace(" ", "_"))
def test_a_token_among_the_subprotocols(bearward, sockets, offered, forwarded, told):
    token = mint()

    def fill(text):
        return text and text.replace("T", token) if text not in ("ACCESS_TOKEN, T", "ACCESS_TOKEN") else text.replace(" T", " " + token)

    offer = k8s(token) if offered == "K" else fill(offered)
    expected = k8s(token) if told == "K" else fill(told)
    wire, answer = opened(bearward, "/ws", [("Sec-WebSocket-Protocol", offer)])
    with wire:
        assert answer.status == 101, answer
        assert answer.get("Sec-WebSocket-Protocol") == expected
        assert_echoes(wire)
    headers = sockets.handshakes[0][1]
    assert [value for name, value in headers if name.lower() == "sec-websocket-protocol"] == ([forwarded] if forwarded else [])
    assert token not in str(headers)


def test_the_offer_may_be_spread_over_several_fields(bearward, sockets):
    wire, answer = opened(bearward, "/ws", [("Sec-WebSocket-Protocol", "bearer"), ("Sec-WebSocket-Protocol", mint() + ", chat")])
    with wire:
        assert answer.status == 101 and answer.get("Sec-WebSocket-Protocol") == "chat"


def test_without_a_token_entry_only_the_upstreams_choice_is_told(bearward, sockets):
    for offer, told in (("x", None), ("x, chat", "chat")):
        wire, answer = opened(bearward, "/ws", [("Sec-WebSocket-Protocol", offer), *bearer(mint()).items()])
        with wire:
            assert answer.status == 101 and answer.get("Sec-WebSocket-Protocol") == told


@pytest.mark.parametrize("offer, told", [(None, None), ("chat", "chat"), ("x, chat", "x")])
def test_no_token(bearward, sockets, offer, told):
    wire, answer = opened(bearward, "/ws", [("Sec-WebSocket-Protocol", offer)] if offer else [])
    assert_rejected(bearward, sockets, wire, answer, "Not authenticated", told, "token_missing")


def test_refused_tokens(bearward, sockets):
    expired = mint(exp=int(time.time()) - 5)
    forged = mint()[:-10] + "AAAAAAAAAA"
    cases = [
        ("/ws?access_token=" + expired, None, "Token has expired", None, "token_expired"),
        ("/ws?access_token=" + forged, None, "Could not validate credentials", None, "signature_invalid"),
        ("/ws", "bearer, " + expired, "Token has expired", "bearer", "token_expired"),
        ("/ws", "chat, bearer, " + forged, "Could not validate credentials", "bearer", "signature_invalid"),
        ("/ws", expired, "Token has expired", expired, "token_expired"),
        ("/ws", "chat, " + expired, "Token has expired", expired, "token_expired"),
        ("/ws", "bearer." + expired, "Token has expired", "bearer." + expired, "token_expired"),
        ("/ws", "chat, bearer", "Could not validate credentials", "bearer", "token_malformed"),
        ("/ws/admin", "bearer, " + mint(), "Not enough permissions", "bearer", "role_missing"),
        ("/ws/tenants/t-2?access_token=" + mint(), None, "Not enough permissions", None, "tenant_mismatch"),
        ("/ws?access_token=" + mint(), "bearer, " + mint(sub="u-2"), "More than one credential", "bearer", "token_multiple"),
        ("/ws", "bearer, {}, access_token, {}".format(mint(), mint(sub="u-2")), "More than one credential", None, "token_multiple"),
        ("/ws/off?access_token=" + mint(), None, None, None, None),
    ]
    for target, offer, detail, protocol, reason in cases:
        wire, answer = opened(bearward, target, [("Sec-WebSocket-Protocol", offer)] if offer else [])
        if reason == "token_multiple" and protocol is None:
            protocol = answer.get("Sec-WebSocket-Protocol")
            assert protocol in ("bearer", "access_token")
        if detail is None:
            assert answer.status == 403 and answer.body == b'{"detail":"Not allowed"}', answer
            assert answer.get("WWW-Authenticate") is None
            wire.socket.close()
        else:
            assert_rejected(bearward, sockets, wire, answer, detail, protocol, reason)
    assert sockets.handshakes == []


def test_a_rejected_socket_ends_though_the_client_says_nothing(bearward, sockets):
    wire, answer = opened(bearward, "/ws")
    with wire:
        assert answer.status == 101
        began = time.monotonic()
        assert read_frame(wire)[0] == 8
        assert wire.is_closed()
        assert 1 < time.monotonic() - began < 5


def test_a_rejected_sockets_frames_reach_nobody(bearward, sockets):
    wire = bearward.connect()
    with wire:
        wire.send(handshake("/ws") + frame(1, b"sneaky") + b"GET /public HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.response().status == 101
        assert read_frame(wire) == (8, struct.pack("!H", 1008) + b"Not authenticated")
        assert wire.rest() == b""
    assert sockets.handshakes == [] and sockets.messages == []


@pytest.mark.parametrize("changes, status", [
    ({"version": "8"}, 426), ({"version": None}, 426), ({"version": "13, 8"}, 426), ({"key": "short"}, 400), ({"key": None}, 400),
    ({"key": KEY + "x"}, 400), ({"key": "!" * 24}, 400),
])
def test_malformed_handshakes_stay_http(bearward, sockets, changes, status):
    wire, answer = opened(bearward, "/ws", bearer(mint()).items(), **changes)
    with wire:
        assert answer.status == status, answer
        assert status != 426 or answer.get("Sec-WebSocket-Version") == "13"
    assert sockets.handshakes == []


def test_a_handshake_with_a_body_is_400(bearward, sockets):
    for field in (("Content-Length", "5"), ("Transfer-Encoding", "chunked")):
        wire, answer = opened(bearward, "/ws", [field, *bearer(mint()).items()])
        with wire:
            assert answer.status == 400
    assert sockets.handshakes == []


def test_no_route_and_a_dead_upstream_stay_http(bearward, sockets):
    wire, answer = opened(bearward, "/nowhere", bearer(mint()).items())
    with wire:
        assert answer.status == 404
    wire, answer = opened(bearward, "/ws/down", bearer(mint()).items())
    with wire:
        assert answer.status == 502


def test_another_method_or_http_1_0_or_another_upgrade_is_an_ordinary_request(bearward, app):
    token = mint().encode()
    for request in (
        handshake("/app", bearer(mint()).items()).replace(b"GET", b"POST").replace(b"Connection: Upgrade\r\n", b"Connection: Upgrade\r\nContent-Length: 0\r\n"),
        handshake("/app", bearer(mint()).items()).replace(b"HTTP/1.1", b"HTTP/1.0"),
        b"GET /app HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AA\r\nAuthorization: Bearer %s\r\n\r\n" % token,
    ):
        app.forget()
        with bearward.connect() as wire:
            wire.send(request)
            assert wire.response().status == 200
        assert "upgrade" not in app.last.names() and "http2-settings" not in app.last.names()


def test_what_the_upstream_answers_instead_of_101_is_passed_on(bearward, sockets):
    wire, answer = opened(bearward, "/ws/forbidden", bearer(mint()).items())
    with wire:
        assert answer.status == 403 and answer.get("X-App") == "no" and answer.body == b"the app says no"


@pytest.mark.parametrize("head", [
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + ACCEPT.encode() + b"\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: " + ACCEPT.encode() + b"\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: unasked\r\nSec-WebSocket-Accept: "
    + ACCEPT.encode() + b"\r\n\r\n",
], ids=["wrong_accept", "no_accept", "no_upgrade", "no_connection", "unasked_subprotocol"])
def test_a_wrong_101_of_the_upstream_is_502(bearward, app, head):
    async def answer(_, __, writer):
        writer.write(head)
        await writer.drain()
        return "close"

    app.on("/rawws/bad", answer)
    wire, answer = opened(bearward, "/rawws/bad", bearer(mint()).items())
    with wire:
        assert answer.status == 502


def test_bytes_before_the_101_do_not_reach_the_upstream(bearward, app):
    early = []

    async def refuse(_, reader, writer):
        await asyncio.sleep(0.3)
        try:
            early.append(await asyncio.wait_for(reader.read(1000), 0.2))
        except asyncio.TimeoutError:
            early.append(None)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")
        await writer.drain()

    app.on("/rawws/late", refuse)
    with bearward.connect() as wire:
        wire.send(handshake("/rawws/late", bearer(mint()).items()) + b"GET /app/smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.response().body == b"no"
        # No 101 came: what was held back is the next request, judged as such.
        assert wire.response().status == 401
    assert early == [None]
    assert [request.target for request in app.requests] == ["/rawws/late"]


def test_frames_sent_with_the_handshake_arrive_after_the_101(bearward, sockets):
    with bearward.connect() as wire:
        wire.send(handshake("/ws", bearer(mint()).items()) + frame(1, b"at once"))
        assert wire.response().status == 101
        assert read_frame(wire) == (1, b"at once")


def test_frames_sent_with_the_upstreams_101_arrive(bearward, app):
    async def talk(request, _, writer):
        accept = base64.b64encode(hashlib.sha1((request.get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n" % accept
                     + frame(1, b"first", mask=None))
        await writer.drain()
        await asyncio.sleep(0.2)
        return "close"

    app.on("/rawws/talk", talk)
    wire, answer = opened(bearward, "/rawws/talk", bearer(mint()).items())
    with wire:
        assert answer.status == 101
        assert read_frame(wire) == (1, b"first")


def test_spoofed_identity_never_arrives(bearward, sockets):
    for target, headers in (("/ws", bearer(mint()).items()), ("/ws/open", [])):
        sockets.forget()
        wire, answer = opened(bearward, target, [("X-User-Id", "spoof"), ("x_tenant_id", "spoof"), *headers])
        with wire:
            assert answer.status == 101
        assert "spoof" not in str(sockets.handshakes)


# --- with a real client ---------------------------------------------------------------


def test_a_real_client_with_each_place_of_a_token(bearward, sockets):
    async def run():
        token = mint()
        async with client(bearward, "/ws", token) as socket:
            await socket.send("a")
            assert await socket.recv() == "a"
            assert socket.subprotocol is None
        async with client(bearward, "/ws?access_token=" + token) as socket:
            await socket.send(b"\x00")
            assert await socket.recv() == b"\x00"
        async with client(bearward, "/ws", subprotocols=["bearer", token]) as socket:
            assert socket.subprotocol == "bearer"
            await socket.send("b")
            assert await socket.recv() == "b"
        async with client(bearward, "/ws", subprotocols=["chat", "bearer", token]) as socket:
            assert socket.subprotocol == "chat"

    asyncio.run(run())


def test_a_real_client_sees_1008_and_the_reason(bearward, sockets):
    async def run():
        for target, options, reason in (
            ("/ws", {}, "Not authenticated"),
            ("/ws", {"subprotocols": ["chat"]}, "Not authenticated"),
            ("/ws", {"subprotocols": ["bearer", mint(exp=int(time.time()) - 5)]}, "Token has expired"),
            ("/ws/admin", {"token": mint()}, "Not enough permissions"),
        ):
            async with client(bearward, target, **options) as socket:
                with pytest.raises(websockets.ConnectionClosed) as closed:
                    await socket.recv()
                assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, reason)

    asyncio.run(run())
    assert sockets.handshakes == []


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_big_messages_and_many_messages(bearward, sockets, compression):
    async def run():
        async with client(bearward, "/ws", mint(), compression=compression) as socket:
            assert bool(socket.extensions) == (compression is not None)
            big = bytes(range(256)) * 4096 * 16  # 16 MiB
            await socket.send(big)
            assert await socket.recv() == big
            for start in range(0, 2000, 100):
                for number in range(start, start + 100):
                    await socket.send(f"message {number}")
                for number in range(start, start + 100):
                    assert await socket.recv() == f"message {number}"
            await (await socket.ping(b"still there?"))

    asyncio.run(run())


def test_close_codes_pass_both_ways(bearward, sockets):
    async def run():
        async with client(bearward, "/ws/bye", mint()) as socket:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await socket.recv()
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "bye")
        async with client(bearward, "/ws", mint()) as socket:
            await socket.close(4321, "mine")
            assert socket.close_code == 4321

    asyncio.run(run())
    deadline = time.monotonic() + 5
    while 4321 not in sockets.closes and time.monotonic() < deadline:
        time.sleep(0.02)
    assert 4321 in sockets.closes


def test_a_vanished_client_ends_the_upstreams_socket(bearward, sockets):
    wire, answer = opened(bearward, "/ws", bearer(mint()).items())
    assert answer.status == 101
    wire.socket.close()
    deadline = time.monotonic() + 5
    while not sockets.closes and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sockets.closes == [1006]


def test_an_open_socket_ends_when_its_token_expires(bearward, sockets):
    async def run():
        expires = int(time.time()) + 3
        async with client(bearward, "/ws", mint(exp=expires)) as socket:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                while True:
                    await socket.send("x")
                    await socket.recv()
                    await asyncio.sleep(0.05)
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "Token has expired")
            assert expires - 0.2 <= time.time() <= expires + 3

    asyncio.run(run())
    deadline = time.monotonic() + 5
    while not sockets.closes and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sockets.closes == [1008]


def test_an_idle_socket_ends_when_its_token_expires(bearward, sockets):
    expires = int(time.time()) + 2
    wire, answer = opened(bearward, "/ws", bearer(mint(exp=expires)).items())
    with wire:
        assert answer.status == 101
        assert read_frame(wire) == (8, struct.pack("!H", 1008) + b"Token has expired")
        assert expires - 0.2 <= time.time() <= expires + 3


def test_a_client_that_does_not_read_holds_the_upstream_back(bearward, sockets):
    before = bearward.memory("VmHWM")
    wire, answer = opened(bearward, "/ws/flood", bearer(mint()).items())
    with wire:
        assert answer.status == 101
        last = -1
        while len(sockets.messages) != last:
            last = len(sockets.messages)
            time.sleep(0.5)
        assert last * 65536 < 64 << 20
    assert bearward.memory("VmHWM") - before < 32 << 20


def test_status_counts_open_sockets(bearward, sockets):
    wires = [opened(bearward, "/ws", bearer(mint()).items())[0] for _ in range(5)]
    try:
        deadline = time.monotonic() + 10 * SLOWNESS
        while json.loads(bearward.admin("/status")[1])["sockets"] < 5:  # counted just behind the 101
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        for wire in wires:
            wire.socket.close()


def test_many_sockets_at_once(bearward, sockets):
    async def one(number):
        async with client(bearward, "/ws", mint(sub=f"u-{number}")) as socket:
            for turn in range(10):
                await socket.send(f"{number}-{turn}")
                assert await socket.recv() == f"{number}-{turn}"

    async def run():
        await asyncio.gather(*(one(number) for number in range(50)))

    asyncio.run(run())


def test_the_log_has_one_line_a_socket(bearward, sockets):
    wire, answer = opened(bearward, "/ws", bearer(mint()).items())
    with wire:
        assert_echoes(wire)
        wire.send(frame(8, struct.pack("!H", 1000)))
        assert read_frame(wire)[0] == 8
        assert wire.is_closed()
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert record["status"] == 101 and record["websocket"] is True and record["user"] == "u-1"
    assert record["bytes_in"] > 0 and record["bytes_out"] > 0
