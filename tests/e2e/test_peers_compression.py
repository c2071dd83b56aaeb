"""python3-websockets as a client of uvicorn and of python3-websockets, with permessage-deflate (RFC 7692) from end to end."""

import asyncio
import json
import random
import time
import zlib

import peers
import pytest
import websockets
from conftest import SLOWNESS, bearward_process
from frames import frame, handshake
from tokens import bearer, mint, tampered
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {uvicorn: {servers: ["@http@"]}, websockets: {servers: ["@websocket@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}
defaults: {providers: [main]}
routes:
  - {prefix: /uvicorn, upstream: uvicorn}
  - {prefix: /websockets, upstream: websockets}
  - {prefix: /uvicorn/limited, upstream: uvicorn, websocket: {max_message: 2MiB, max_frame_rate: 10000/s}}
  - {prefix: /websockets/limited, upstream: websockets, websocket: {max_message: 2MiB, max_frame_rate: 10000/s}}
"""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory, websocket_upstream):
    uvicorn, address = peers.start_uvicorn()
    try:
        process = bearward_process(tmp_path_factory.mktemp("bearward"), CONFIGURATION, http=address, websocket=websocket_upstream.address)
        yield process
        process.stop()
    finally:
        uvicorn.kill()
        uvicorn.wait()


@pytest.fixture(params=["uvicorn", "websockets"])
def server(request):
    return request.param


def client(proxy, path, token=None, headers=(), **more):
    return websockets.connect(
        f"ws://{proxy.address}{path}", extra_headers=[*(bearer(token).items() if token else ()), *headers], max_size=None, open_timeout=10 * SLOWNESS, close_timeout=5, **more)


def messages():
    """Of every kind: empty, small, of one byte and of any, texts."""
    source = random.Random(7692)
    yield from ("", b"", "hello", b"\0" * (1 << 20), source.randbytes(1 << 20), "täglich " * 50000)
    for size in (1, 125, 126, 127, 65535, 65536, 65537):
        yield source.randbytes(size)
        yield b"a" * size


# what the client asks for; None: the library's default
OFFERS = {
    "default": None,
    "no_context": {"client_no_context_takeover": True, "server_no_context_takeover": True},
    "small_windows": {"client_max_window_bits": 9, "server_max_window_bits": 9},
}


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("path", ["/ws", "/limited"])
def test_what_was_compressed_comes_back(proxy, server, path, offer):
    options = {"extensions": [ClientPerMessageDeflateFactory(**OFFERS[offer])], "compression": None} if OFFERS[offer] else {}

    async def run():
        async with client(proxy, f"/{server}{path}", mint(), **options) as socket:
            (extension,) = socket.extensions
            assert extension.name == "permessage-deflate"
            for name, value in (OFFERS[offer] or {}).items():
                agreed = {"client_no_context_takeover": extension.local_no_context_takeover, "server_no_context_takeover": extension.remote_no_context_takeover,
                          "client_max_window_bits": extension.local_max_window_bits, "server_max_window_bits": extension.remote_max_window_bits}
                assert agreed[name] == value, name
            for _ in range(2):
                for message in messages():
                    await socket.send(message)
                    assert await asyncio.wait_for(socket.recv(), 10 * SLOWNESS) == message
            await socket.send(["in ", "three ", "parts"])
            assert await socket.recv() == "in three parts"
            await asyncio.wait_for(await socket.ping(b"still there?"), 10 * SLOWNESS)

    asyncio.run(run())


def test_many_at_once(proxy, server):
    async def one(number):
        async with client(proxy, f"/{server}/ws", mint(sub=f"u-{number}")) as socket:
            sent = [f"{number} {index} " * (index + 1) for index in range(50)]
            for message in sent:
                await socket.send(message)
            assert [await socket.recv() for _ in sent] == sent

    async def run():
        await asyncio.wait_for(asyncio.gather(*(one(number) for number in range(40))), 30 * SLOWNESS)

    asyncio.run(run())


def test_the_bytes_are_the_compressors_own(proxy, server):
    """By hand: what was compressed is not unpacked and packed again on the way."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = (compressor.compress(b"hello " * 1000) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]
    assert len(packed) < 100
    with proxy.connect() as wire:
        wire.send(handshake(f"/{server}/ws", [*bearer(mint()).items(), ("Sec-WebSocket-Extensions", "permessage-deflate; server_no_context_takeover")]))
        answer = wire.response()
        assert answer.status == 101 and answer.get("Sec-WebSocket-Extensions").startswith("permessage-deflate")
        sent = bytearray(frame(2, packed))
        sent[0] |= 0x40  # RSV1: compressed
        wire.send(bytes(sent))
        first, second = wire.exactly(2)
        assert first == 0xC2 and second < 100
        unpacked = zlib.decompressobj(-15).decompress(wire.exactly(second) + b"\0\0\xff\xff")
        assert unpacked == b"hello " * 1000


def test_compression_that_only_one_side_wants_is_none(proxy, server):
    async def run():
        async with client(proxy, f"/{server}/ws", mint(), compression=None) as socket:
            assert socket.extensions == []
            await socket.send("plain")
            assert await socket.recv() == "plain"

    asyncio.run(run())


@pytest.mark.parametrize("place", ["header", "query", "subprotocol"])
def test_the_identity_is_there_and_the_token_is_not(proxy, place):
    token = mint()

    async def run():
        path = "/uvicorn/ws?a=1" + ("&access_token=" + token if place == "query" else "")
        options = {"subprotocols": ["bearer", token]} if place == "subprotocol" else {}
        async with client(proxy, path, token if place == "header" else None, headers=[("X-User-Id", "root")], **options) as socket:
            assert socket.subprotocol == ("bearer" if place == "subprotocol" else None)
            await socket.send("who?")
            return json.loads(await socket.recv())

    seen = asyncio.run(run())
    assert [value for name, value in seen if name == "x-user-id"] == ["u-1"] and token not in str(seen)
    assert not {"authorization", "sec-websocket-protocol"} & {name for name, _ in seen}


def uvicorns_sockets(proxy):
    return json.loads(proxy.fetch(target="/uvicorn/sockets", headers=bearer(mint())).body)


@pytest.mark.parametrize("token, detail", [
    (lambda: None, "Not authenticated"), (lambda: tampered(mint(), sub="u-2"), "Could not validate credentials"), (lambda: mint(exp=int(time.time()) - 5), "Token has expired")],
    ids=["none", "tampered", "expired"])
def test_a_refusal_agrees_to_no_extension(proxy, server, websocket_upstream, token, detail):
    before = uvicorns_sockets(proxy)["begun"]
    websocket_upstream.forget()

    async def run():
        async with client(proxy, f"/{server}/ws", token()) as socket:
            assert socket.extensions == []
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await socket.recv()
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, detail)

    asyncio.run(run())
    assert websocket_upstream.handshakes == []
    assert uvicorns_sockets(proxy)["begun"] == before


def test_the_apps_own_refusal_passes(proxy):
    async def run():
        with pytest.raises(websockets.InvalidStatusCode) as refused:
            async with client(proxy, "/uvicorn/refused", mint()):
                pass
        assert refused.value.status_code == 403

    asyncio.run(run())


def test_the_expiry_comes_between_compressed_messages(proxy, server, websocket_upstream):
    """The client is in the middle of a conversation; both sides get the Close, and what came before is whole."""
    websocket_upstream.forget()
    end = int(time.time()) + 2

    async def run():
        async with client(proxy, f"/{server}/ws", mint(exp=end)) as socket:
            count = 0
            with pytest.raises(websockets.ConnectionClosed) as closed:
                while True:
                    sent = f"number {count} " * (count % 500)
                    await socket.send(sent)
                    assert await asyncio.wait_for(socket.recv(), 10 * SLOWNESS) == sent
                    count += 1
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "Token has expired")
            assert count > 10 and -0.1 < time.time() - end < 2 * SLOWNESS

    asyncio.run(run())
    deadline = time.monotonic() + 5 * SLOWNESS
    while True:
        closes = websocket_upstream.closes if server == "websockets" else uvicorns_sockets(proxy)["closes"]
        if 1008 in closes:
            break
        assert time.monotonic() < deadline, closes
        time.sleep(0.05)


def test_messages_over_the_limit_end_both_sides(proxy, server):
    """What counts is what is on the wire: more than 2 MiB, of bytes that don't compress."""
    async def run():
        async with client(proxy, f"/{server}/limited", mint()) as socket:
            await socket.send(b"\0" * (8 << 20))  # little, once compressed
            assert await asyncio.wait_for(socket.recv(), 10 * SLOWNESS) == b"\0" * (8 << 20)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await socket.send(random.Random(1).randbytes(3 << 20))
                await asyncio.wait_for(socket.recv(), 10 * SLOWNESS)
            assert closed.value.rcvd.code == 1009

    asyncio.run(run())
