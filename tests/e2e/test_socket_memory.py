"""WebSockets with more on the way than memory should hold: a reader that does not read, and a frame that never ends. The app is a bare socket in a thread."""

import base64
import hashlib
import pathlib
import re
import signal
import socket
import struct
import threading
import time

import pytest
from conftest import SLOWNESS, bearward_process
from frames import frame, handshake, read_frame
from tokens import bearer, mint

CONFIGURATION = """
version: 1
threads: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@websocket@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /guarded, name: guarded}
  - {prefix: /open, name: open, auth: none, websocket: {idle_timeout: 0}}
  - {prefix: /limited, name: limited, websocket: {max_message: 1MiB, max_frame_rate: 100/s}}
"""
MIB = 1 << 20
GIB = 1 << 30
ALLOWED = MIB if SLOWNESS == 1 else 64 * MIB  # sanitizers keep what was freed
FRAME = 65536  # with its head
ENDLESS = b"\x82\xff" + struct.pack("!Q", 2**63 - 1) + b"\0\0\0\0"  # the head of a client's binary frame


def guid(key):
    return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


class bare_app:
    """Accepts every handshake, then does with the connection as `serve` says."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listening.getsockname()[1]
        self.serve = None
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.begin, args=(connection,), daemon=True).start()

    def begin(self, connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            data = connection.recv(1)
            if not data:
                return
            head += data
        key = re.search(rb"(?i)\r\nsec-websocket-key: (\S+)", head)[1].decode()
        connection.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {guid(key)}\r\n\r\n".encode())
        try:
            self.serve(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def stop(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for connection in self.connections:
            connection.close()


class sender:
    """Sends this many bytes of frames, each with its number at its start."""

    def __init__(self, total):
        self.total, self.sent, self.broken, self.done = total, 0, threading.Event(), threading.Event()

    def __call__(self, connection):
        block = numbered_block()
        try:
            for number in range(self.total // len(block)):
                renumber(block, number)
                view = memoryview(block)
                while view:
                    count = connection.send(view)
                    self.sent += count
                    view = view[count:]
        except OSError:
            self.broken.set()
            raise
        self.done.set()
        connection.recv(1)

    def wait_until_it_stands(self):
        last = -1
        while self.sent != last:
            last = self.sent
            time.sleep(0.5)


class counter:
    """Reads all, and keeps the first bytes and the number of all."""

    def __init__(self):
        self.first, self.received, self.ended = b"", 0, threading.Event()

    def __call__(self, connection):
        buffer = bytearray(MIB)
        try:
            while count := connection.recv_into(buffer):
                self.first = (self.first + buffer[:max(0, 1000 - len(self.first))])[:min(1000, self.received + count)]
                self.received += count
        finally:
            self.ended.set()


def numbered_block():
    """A MiB of whole binary frames."""
    return bytearray((b"\x82\x7f" + struct.pack("!Q", FRAME - 10) + bytes(range(256)) * 256)[:FRAME] * (MIB // FRAME))


def renumber(block, number):
    for index in range(MIB // FRAME):
        struct.pack_into("!Q", block, index * FRAME + 10, number * (MIB // FRAME) + index)


@pytest.fixture(scope="module")
def app():
    started = bare_app()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory, app):
    process = bearward_process(tmp_path_factory.mktemp("bearward"), CONFIGURATION, websocket=app.address)
    yield process
    process.stop()


@pytest.fixture(autouse=True)
def time_enough(time_limit):
    signal.alarm(90 * SLOWNESS)


def resident(proxy):
    """What it holds, exactly: /proc/PID/status lags behind."""
    text = pathlib.Path(f"/proc/{proxy.pid}/smaps_rollup").read_text()
    return int(re.search(r"^Rss:\s+(\d+) kB", text, re.MULTILINE)[1]) * 1024


def open_socket(proxy, path, token=None):
    wire = proxy.connect()
    wire.send(handshake(path, bearer(token or mint()).items()))
    assert wire.response().status == 101
    wire.socket.settimeout(30 * SLOWNESS)
    return wire


def read_all(wire, total):
    """Every byte is compared with what was sent."""
    expected, buffer = numbered_block(), bytearray(MIB)
    for number in range(total // MIB):
        renumber(expected, number)
        view = memoryview(buffer)
        while view:
            if wire.buffer:
                count = min(len(wire.buffer), len(view))
                view[:count] = wire.buffer[:count]
                wire.buffer = wire.buffer[count:]
            else:
                count = wire.socket.recv_into(view)
                assert count, f"the stream ended in MiB {number}"
            view = view[count:]
        del view
        assert buffer == expected, f"MiB {number} is not what was sent"


def warmed(proxy, app, path):
    """What it holds after a conversation of the same kind, so that code and pools are there before memory is measured."""
    app.serve = sender(64 * MIB)
    with open_socket(proxy, path) as wire:
        app.serve.wait_until_it_stands()
        read_all(wire, 64 * MIB)
    app.serve = counter()
    with open_socket(proxy, path) as wire:
        for _ in range(16):
            wire.send(frame(2, bytes(MIB // 2), mask=b"") if path != "/limited" else frame(2, bytes(1000)))
    assert app.serve.ended.wait(10 * SLOWNESS)
    return resident(proxy)


@pytest.mark.parametrize("path, total", [("/guarded", GIB), ("/open", GIB // 4), ("/limited", GIB // 4)])
def test_a_reader_that_does_not_read_costs_no_memory(proxy, app, path, total):
    before = warmed(proxy, app, path)
    app.serve = sent = sender(total)
    with open_socket(proxy, path) as wire:
        sent.wait_until_it_stands()
        assert 0 < sent.sent < 64 * MIB, "what the kernel's buffers hold and no more"
        stood = sent.sent
        for _ in range(10):
            time.sleep(0.1)
            assert resident(proxy) - before < ALLOWED
        assert sent.sent == stood
        read_all(wire, total)
        assert sent.done.wait(10 * SLOWNESS), "the last byte may come before the call that sent it returns"
        assert sent.sent == total and resident(proxy) - before < ALLOWED


def test_a_reader_that_does_not_read_ends_with_its_token(proxy, app):
    app.serve = sent = sender(GIB)
    end = int(time.time()) + 3
    with open_socket(proxy, "/guarded", mint(exp=end)) as wire:
        assert sent.broken.wait((3 + 5 + 5) * SLOWNESS), "the app's side is still open"
        assert time.time() >= end and 0 < sent.sent < 64 * MIB
        wire.socket.settimeout(10 * SLOWNESS)
        received = len(wire.rest())
        assert received < 64 * MIB


@pytest.mark.parametrize("path", ["/guarded", "/open"])
def test_a_frame_without_end_flows_through(proxy, app, path):
    before = warmed(proxy, app, path)
    app.serve = seen = counter()
    block = bytes(MIB)
    with open_socket(proxy, path) as wire:
        wire.send(ENDLESS)
        for _ in range(256):
            wire.send(block)
        deadline = time.monotonic() + 30 * SLOWNESS
        while seen.received < 256 * MIB + len(ENDLESS):
            assert time.monotonic() < deadline, seen.received
            time.sleep(0.01)
        assert resident(proxy) - before < ALLOWED
        assert seen.received == 256 * MIB + len(ENDLESS) and seen.first[:len(ENDLESS)] == ENDLESS and not any(seen.first[len(ENDLESS):])
    assert seen.ended.wait(10 * SLOWNESS)


def test_a_frame_without_end_that_is_not_read_costs_no_memory(proxy, app):
    before = warmed(proxy, app, "/guarded")
    held = threading.Event()
    app.serve = lambda _: held.wait(60 * SLOWNESS)
    try:
        with open_socket(proxy, "/guarded") as wire:
            wire.send(ENDLESS)
            wire.socket.settimeout(1)
            sent = 0
            with pytest.raises(TimeoutError):
                while sent < GIB:
                    sent += wire.socket.send(bytes(MIB))
            assert 0 < sent < 64 * MIB
            assert resident(proxy) - before < ALLOWED
    finally:
        held.set()


def test_a_frame_without_end_ends_with_its_token(proxy, app):
    """There is no boundary for a Close: the connection ends 5 s after it could have."""
    app.serve = seen = counter()
    end = int(time.time()) + 2
    with open_socket(proxy, "/guarded", mint(exp=end)) as wire:
        wire.send(ENDLESS)
        while not seen.ended.wait(0.05):
            assert time.time() < end + 5 + 5 * SLOWNESS, "still open"
            try:
                wire.send(bytes(1000))
            except ConnectionError:
                break
        assert seen.ended.wait(5 * SLOWNESS)
        assert time.time() >= end + 4.5
    assert seen.received >= len(ENDLESS) + 1000


def test_a_frame_without_end_is_refused_where_messages_have_a_limit(proxy, app):
    app.serve = seen = counter()
    with open_socket(proxy, "/limited") as wire:
        began = time.monotonic()
        wire.send(ENDLESS)
        opcode, payload = read_frame(wire)
        assert time.monotonic() - began < SLOWNESS
        assert opcode == 8 and payload[:2] == struct.pack("!H", 1009)
        wire.send(frame(8, payload[:2]))
        assert wire.is_closed()
    assert seen.ended.wait(5 * SLOWNESS)
    assert seen.received < 200 and seen.first[:1] == b"\x88", "nothing but a Close reached the app"


def test_an_apps_frame_without_end_is_refused_where_messages_have_a_limit(proxy, app):
    closes = counter()

    def endless(connection):
        connection.sendall(b"\x82\x7f" + ENDLESS[2:10] + bytes(1000))
        closes(connection)

    app.serve = endless
    with open_socket(proxy, "/limited") as wire:
        opcode, payload = read_frame(wire)
        assert opcode == 8 and payload[:2] == struct.pack("!H", 1009)
        wire.send(frame(8, payload[:2]))
        assert wire.is_closed()
    assert closes.ended.wait(5 * SLOWNESS)
    assert closes.first[:1] == b"\x88"
