"""Numbers that a peer announces size nothing: 2^62 bytes to come cost no more memory than the few that came."""

import struct

import pytest
import wire
from conftest import SLOWNESS
from frames import KEY, handshake
from tokens import bearer, mint

HUGE = 1 << 62
CONNECTIONS = 20
ROOM = (16 << 20) * (2 if SLOWNESS > 1 else 1)  # what 20 connections and their buffers may take


def frame_head(length):
    return b"\x82\xff" + struct.pack("!Q", length) + b"\x01\x02\x03\x04"


REQUESTS = {
    "content_length": wire.request("POST", "/sink", {**bearer(mint()), "Content-Length": str(HUGE)}) + b"some",
    "chunk": wire.request("POST", "/sink", {**bearer(mint()), "Transfer-Encoding": "chunked"}) + b"%x\r\nsome" % HUGE,
    "chunk_leading_zeros": wire.request("POST", "/sink", {**bearer(mint()), "Transfer-Encoding": "chunked"}) + b"%016x\r\nsome" % HUGE,
    "beyond_64_bits": wire.request("POST", "/sink", {**bearer(mint()), "Content-Length": "9" * 40}) + b"some",
    "chunk_beyond_64_bits": wire.request("POST", "/sink", {**bearer(mint()), "Transfer-Encoding": "chunked"}) + b"f" * 17 + b"\r\nsome",
}


def settled(link):
    """Until the proxy has read what was sent: what it answers comes, or nothing for a moment."""
    link.socket.settimeout(0.3 * SLOWNESS)
    try:
        while link.receive():
            pass
    except OSError:
        pass


@pytest.mark.parametrize("kind", REQUESTS)
def test_requests(bearward, kind):
    before = bearward.memory()
    links = [bearward.connect() for _ in range(CONNECTIONS)]
    for link in links:
        link.send(REQUESTS[kind])
    settled(links[0])
    assert bearward.memory() - before < ROOM
    for link in links:
        link.socket.close()
    assert bearward.fetch(target="/app", headers=bearer(mint())).status == 200


@pytest.mark.parametrize("length", [HUGE, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_websocket_frames(bearward, length):
    before = bearward.memory()
    links = [bearward.connect() for _ in range(CONNECTIONS)]
    for link in links:
        link.send(handshake("/ws", bearer(mint()).items(), key=KEY))
        assert link.response().status == 101
        link.send(frame_head(length) + b"some")
    settled(links[0])
    assert bearward.memory() - before < ROOM
    for link in links:
        link.socket.close()
    assert bearward.fetch(target="/app", headers=bearer(mint())).status == 200


@pytest.mark.parametrize("head", [
    b"Content-Length: %d\r\n\r\nsome" % HUGE, b"Transfer-Encoding: chunked\r\n\r\n%x\r\nsome" % HUGE, b"Content-Length: %s\r\n\r\nsome" % (b"9" * 40),
], ids=["content_length", "chunk", "beyond_64_bits"])
def test_answers(bearward, app, head):
    async def announce(_, reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n" + head)
        await writer.drain()
        await reader.read(1)
        return "close"

    app.on("/app/announce", announce)
    before = bearward.memory()
    links = [bearward.connect() for _ in range(CONNECTIONS)]
    for link in links:
        link.send(wire.request("GET", "/app/announce", bearer(mint())))
    settled(links[0])
    assert bearward.memory() - before < ROOM
    for link in links:
        link.socket.close()
    assert bearward.fetch(target="/app", headers=bearer(mint())).status == 200
