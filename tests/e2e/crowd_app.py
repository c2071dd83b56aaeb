"""An app for thousands of connections at once: echoes WebSocket frames, and sends numbered events. usage: python3 crowd_app.py; prints its port.

/ws: an echo of frames (with a mask of zeros, so that payloads need no work). /events/ID: an event every 0.4 s, until somebody asks for /finish; then each stream ends with `data: end`.
"""

import base64
import gc
import hashlib
import resource
import select
import socket
import struct
import time

INTERVAL = 0.4
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def event(stream, number):
    """The text of an event; its length differs from one to the next."""
    return b"data: %s %d %s\n\n" % (stream, number, b"." * (number % 50))


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


class connection:
    __slots__ = ("socket", "incoming", "outgoing", "upgraded", "stream", "number")

    def __init__(self, accepted):
        self.socket = accepted
        self.incoming, self.outgoing = bytearray(), bytearray()
        self.upgraded = False
        self.stream = None  # of events: its ID
        self.number = 0


class app:
    def __init__(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.listening.setblocking(False)
        self.epoll = select.epoll()
        self.epoll.register(self.listening, select.EPOLLIN)
        self.connections = {}
        self.streams = []  # in the order of their turns
        self.turn, self.round_began = 0, time.monotonic()

    def run(self):
        while True:
            for descriptor, events in self.epoll.poll(0.02):
                if descriptor == self.listening.fileno():
                    self.accept()
                elif descriptor in self.connections:
                    self.handle(self.connections[descriptor], events)
            self.send_events()

    def accept(self):
        for _ in range(100):
            try:
                accepted, _ = self.listening.accept()
            except BlockingIOError:
                return
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections[accepted.fileno()] = connection(accepted)
            self.epoll.register(accepted, select.EPOLLIN)

    def handle(self, peer, events):
        try:
            if events & select.EPOLLOUT:
                self.send(peer, b"")
            if events & ~select.EPOLLOUT:
                data = peer.socket.recv(65536)
                if not data:
                    self.drop(peer)
                    return
                peer.incoming += data
                self.take(peer)
        except BlockingIOError:
            pass
        except OSError:
            self.drop(peer)

    def drop(self, peer):
        del self.connections[peer.socket.fileno()]
        peer.socket.close()
        peer.stream = None

    def send(self, peer, data):
        if peer.outgoing or not data:
            peer.outgoing += data
            data = bytes(peer.outgoing)
        try:
            sent = peer.socket.send(data)
        except BlockingIOError:
            sent = 0
        had, peer.outgoing = bool(peer.outgoing), bytearray(data[sent:])
        if had != bool(peer.outgoing):
            self.epoll.modify(peer.socket, select.EPOLLIN | (select.EPOLLOUT if peer.outgoing else 0))

    def take(self, peer):
        if peer.upgraded:
            self.echo(peer)
        elif peer.incoming.endswith(b"\r\n\r\n"):
            self.answer(peer)

    def answer(self, peer):
        lines = peer.incoming.decode("latin-1").split("\r\n")
        peer.incoming.clear()
        path = lines[0].split(" ")[1]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if path == "/ws":
            accept = base64.b64encode(hashlib.sha1((headers["sec-websocket-key"] + GUID).encode()).digest()).decode()
            peer.upgraded = True
            self.send(peer, f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        elif path.startswith("/events/"):
            peer.stream = path.rsplit("/", 1)[1].encode()
            peer.number = 1
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            self.send(peer, head + chunk(event(peer.stream, 0)))
            self.streams.append(peer)
        elif path == "/finish":
            for each in self.streams:
                if each.stream:
                    self.finish(each)
            self.streams.clear()
            self.send(peer, b"HTTP/1.1 204 No Content\r\n\r\n")

    def finish(self, peer):
        try:
            self.send(peer, chunk(event(peer.stream, peer.number)) + chunk(b"data: end\n\n") + b"0\r\n\r\n")
            peer.stream = None
        except OSError:
            self.drop(peer)

    def echo(self, peer):
        """The whole frames that are here, without their masks; a Close ends it."""
        data, at, out, closes = peer.incoming, 0, bytearray(), False
        while len(data) - at >= 6:
            size, head = data[at + 1] & 0x7F, 2
            if size == 126:
                size, head = struct.unpack_from("!H", data, at + 2)[0], 4
            end = at + head + 4 + size
            if len(data) < end or size == 127:
                break
            out += bytes([data[at], data[at + 1] & 0x7F]) + data[at + 2:at + head]
            mask, payload = data[at + head:at + head + 4], data[at + head + 4:end]
            out += payload if not any(mask) else bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
            closes = closes or data[at] & 0x0F == 8
            at = end
        del data[:at]
        if out:
            self.send(peer, out)
        if closes:
            self.drop(peer)

    def send_events(self):
        """Each stream has its turn once in an interval, one after the other."""
        passed = time.monotonic() - self.round_began
        due = min(len(self.streams), int(passed / INTERVAL * len(self.streams)))
        for peer in self.streams[self.turn:due]:
            if peer.stream:
                try:
                    self.send(peer, chunk(event(peer.stream, peer.number)))
                    peer.number += 1
                except OSError:
                    self.drop(peer)
        self.turn = max(self.turn, due)
        if passed >= INTERVAL:
            self.streams = [peer for peer in self.streams if peer.stream]
            self.turn, self.round_began = 0, time.monotonic()


if __name__ == "__main__":
    gc.disable()
    served = app()
    print(served.listening.getsockname()[1], flush=True)
    served.run()
