"""A bare ASGI app, for the tests against uvicorn: like node_app.js, as far as ASGI goes."""

import asyncio
import contextlib
import hashlib
import json
import urllib.parse

import websockets

BLOCK = 65536
PATTERN = bytes(range(256)) * (BLOCK // 256)


def block(number, size):
    return (number.to_bytes(8, "big") + PATTERN[8:])[:size]


async def body(receive):
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


sockets = {"begun": 0, "closes": []}  # WebSockets: how many handshakes came, and with which codes they ended


async def echo_messages(scope, receive, send):
    """A WebSocket. The text `who?` is answered with the handshake's headers; on /refused there is none."""
    sockets["begun"] += 1
    await receive()
    if scope["path"].endswith("/refused"):
        await send({"type": "websocket.close", "code": 4000})
        return
    await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None)})
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") == "who?":
            message = {"text": json.dumps([[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]])}
        with contextlib.suppress(websockets.ConnectionClosed):  # what is received next says the same
            await send({"type": "websocket.send", "bytes": message.get("bytes"), "text": message.get("text")})
    sockets["closes"].append(message["code"])


async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await echo_messages(scope, receive, send)
    if scope["type"] != "http":
        return
    what = scope["path"].rsplit("/", 1)[-1]
    query = dict(urllib.parse.parse_qsl(scope["query_string"].decode()))
    headers = dict(scope["headers"])

    async def start(status, *more):
        own = [(b"x-port", str(scope["client"][1]).encode())]
        await send({"type": "http.response.start", "status": status, "headers": own + list(more)})

    async def write(data, more=False):
        await send({"type": "http.response.body", "body": data, "more_body": more})

    if what == "echo":
        framing = headers.get(b"transfer-encoding") or headers.get(b"content-length") or b"none"
        pieces = [piece async for piece in body(receive)]
        await start(200, (b"x-framing", framing))
        for piece in pieces:
            await write(piece, True)
        await write(b"")
    elif what == "digest":
        digest, length = hashlib.md5(), 0
        async for piece in body(receive):
            digest.update(piece)
            length += len(piece)
        await start(200)
        await write(json.dumps({"length": length, "md5": digest.hexdigest()}).encode())
    elif what == "data":
        size = int(query["size"])
        await start(200, *([(b"content-length", str(size).encode())] if "length" in query else []))
        for number in range(-(-size // BLOCK)):
            await write(block(number, min(BLOCK, size - number * BLOCK)), True)
        await write(b"")
    elif what == "events":
        await start(200, (b"content-type", b"text/event-stream"))
        for number in range(5):
            await write(b"data: %d\n\n" % number, True)
            await asyncio.sleep(0.1)
        await write(b"")
    elif what == "sockets":
        await start(200)
        await write(json.dumps(sockets).encode())
    elif what in ("nothing", "same"):
        await start(204 if what == "nothing" else 304, (b"etag", b'"1"'))
        await write(b"")
    else:
        await start(200, (b"content-length", b"5"))
        await write(b"hello")
