"""Protected apps that keep the exact bytes they received: one for HTTP, one for WebSocket."""

import asyncio
import hashlib
import http
import json
import threading

import websockets
from wire import message


class recorded(message):
    """A request as it arrived. body: decoded; of /sink paths only its length and hash are kept."""

    def __init__(self, raw_head, connection):
        self.raw_head = raw_head
        self.connection = connection  # the how-manieth connection it came on, from 0
        lines = raw_head[:-4].decode("latin-1").split("\r\n")
        self.method, self.target, self.version = lines[0].split(" ")
        self.headers = [tuple(line.split(": ", 1)) if ": " in line else (line.rstrip(":"), "") for line in lines[1:]]
        self.body = b""
        self.body_length = 0
        self.body_hash = hashlib.sha256()
        self.trailers = b""

    def names(self):
        return {name.lower() for name, _ in self.headers}

    async def read_body(self, reader):
        if self.get("Transfer-Encoding") == "chunked":
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                await self.take(reader, size)
                assert await reader.readexactly(2) == b"\r\n"
            while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
                self.trailers += line
        elif self.get("Content-Length") is not None:
            await self.take(reader, int(self.get("Content-Length")))

    async def take(self, reader, count):
        while count > 0:
            data = await reader.read(min(count, 1 << 20))
            if not data:
                raise asyncio.IncompleteReadError(b"", count)
            count -= len(data)
            self.body_length += len(data)
            self.body_hash.update(data)
            if not self.target.startswith("/sink"):
                self.body += data


class in_thread:
    """An event loop in a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def end(self):
        async def cancel():
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.run(cancel())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


class http_upstream(in_thread):
    """Answers 200 with what it saw, or as `on(path, ...)` says: with bytes, or by an awaited function of (request, reader, writer)."""

    def __init__(self):
        super().__init__()
        self.requests = []  # complete ones
        self.heads = []  # all whose head arrived
        self.bytes = []  # every byte, a bytearray a connection
        self.handlers = {}
        self.server = self.run(asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 20))
        self.port = self.server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"

    def stop(self):
        self.loop.call_soon_threadsafe(self.server.close)
        self.end()

    def forget(self):
        """Everything recorded so far, and the handlers."""
        self.requests.clear()
        self.heads.clear()
        self.handlers.clear()

    def on(self, path, handler):
        self.handlers[path] = handler

    @property
    def last(self):
        assert self.requests, "nothing reached the upstream"
        return self.requests[-1]

    async def serve(self, reader, writer):
        number = len(self.bytes)
        self.bytes.append(bytearray())
        try:
            while True:
                raw_head = await reader.readuntil(b"\r\n\r\n")
                request = recorded(raw_head, number)
                self.heads.append(request)
                handler = self.handlers.get(request.target.split("?")[0], answer_with_what_was_seen)
                if request.get("Expect") == "100-continue":
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                early = getattr(handler, "before_body", None)
                if early:
                    await early(request, reader, writer)
                await request.read_body(reader)
                self.requests.append(request)
                if isinstance(handler, bytes):
                    writer.write(handler)
                    await writer.drain()
                    if b"Connection: close" in handler or not handler.startswith(b"HTTP/"):
                        break
                elif await handler(request, reader, writer) == "close":
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def answer_once(_, __, writer):
    """An answer that does not say that the connection ends with it."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    await writer.drain()
    return "close"


class held_answer:
    """A handler that answers when it is released: "done"."""

    def __init__(self):
        self.began = threading.Event()
        self.released = threading.Event()

    async def __call__(self, _, __, writer):
        self.began.set()
        await self.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
        await writer.drain()

    async def wait(self):
        await asyncio.get_running_loop().run_in_executor(None, self.released.wait, 20)


async def answer_with_what_was_seen(request, _, writer):
    body = json.dumps({
        "method": request.method, "target": request.target, "headers": request.headers,
        "body_length": request.body_length, "body_hash": request.body_hash.hexdigest(),
    }).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
    if request.method != "HEAD":
        writer.write(body)
    await writer.drain()


class websocket_upstream(in_thread):
    """Echoes. /ws/chat takes the subprotocol chat; /ws/forbidden answers 403; /ws/bye closes with 4001; /ws/flood sends without being asked."""

    def __init__(self):
        super().__init__()
        self.handshakes = []  # (path, [(name, value)])
        self.closes = []  # codes of ended sockets
        self.messages = []
        self.server = self.run(self.listen())
        self.port = self.server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"

    async def listen(self):
        return await websockets.serve(
            self.serve, "127.0.0.1", 0, process_request=self.process, subprotocols=["chat"],
            select_subprotocol=self.select, max_size=None, ping_interval=None, close_timeout=5)

    def stop(self):
        self.loop.call_soon_threadsafe(self.server.close)
        self.end()

    def forget(self):
        self.handshakes.clear()
        self.closes.clear()
        self.messages.clear()

    @staticmethod
    def select(offered, _):
        return "chat" if "chat" in offered else None

    async def process(self, path, headers):
        self.handshakes.append((path, list(headers.raw_items())))
        if path.startswith("/ws/forbidden"):
            return http.HTTPStatus.FORBIDDEN, [("X-App", "no"), ("Content-Type", "text/plain")], b"the app says no"
        return None

    async def serve(self, socket, path):
        try:
            if path.startswith("/ws/bye"):
                await socket.close(4001, "bye")
                return
            if path.startswith("/ws/flood"):
                block = b"\0" * 65536
                while True:
                    await socket.send(block)
                    self.messages.append(len(block))
            async for message in socket:
                self.messages.append(message)
                await socket.send(message)
        except websockets.ConnectionClosed:
            pass
        finally:
            await socket.wait_closed()
            self.closes.append(socket.close_code)
