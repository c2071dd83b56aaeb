"""3,000 WebSockets, then 3,000 event streams, through one worker: 1,000 of them expire within a second. Each of those hears of it in time, and no other loses a byte."""

import gc
import pathlib
import resource
import select
import signal
import socket
import struct
import subprocess
import time

import pytest
from conftest import SLOWNESS, bearward_process
from crowd_app import INTERVAL, event
from frames import handshake
from tokens import bearer, mint
from wire import request

CONFIGURATION = """
version: 1
threads: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}
routes: [{prefix: /, name: app, upstream: app, providers: [main]}]
log: {access: off}
"""
STAYING, EXPIRING = 2000, 1000
WITHIN = 1.5 * SLOWNESS  # seconds from exp to what the client hears
OPENING = 4 + 2 * SLOWNESS  # seconds that the expiring ones have to open
AFTERWARDS = 3  # seconds for which those that stay go on, beyond the last expiry
LATE = b"\x03\xf0Token has expired"


class member:
    """A connection of the crowd, and what it saw."""

    def __init__(self, number, expiry):
        self.number, self.expiry = number, expiry
        self.socket = None
        self.incoming, self.outgoing = bytearray(), bytearray()
        self.opened, self.sent, self.received = False, 0, 0
        self.told = None  # when it heard of its end
        self.ended = False
        self.fault = None

    def take(self, data):
        """What arrives; returns what to send in return."""
        self.incoming += data
        if not self.opened:
            end = self.incoming.find(b"\r\n\r\n")
            if end < 0:
                return b""
            if not self.incoming.startswith(self.STATUS):
                self.fault = bytes(self.incoming[:100])
                return b""
            del self.incoming[:end + 4]
            self.opened = True
        return self.take_more()

    def end(self):
        self.ended = True
        if self.told is None:
            self.fault = self.fault or "the connection ended"


def message(number, count):
    """A payload; its length differs from one to the next, and some are long."""
    return b"%d %d %s" % (number, count, b"." * (5000 if count % 10 == 9 else count * 7 % 60))


class socket_member(member):
    STATUS = b"HTTP/1.1 101 "

    def request(self, token):
        return handshake("/ws", bearer(token).items())

    def turn(self):
        """The next message, unless earlier ones are still on their way."""
        if self.told is not None or self.sent - self.received >= 4:
            return b""
        payload = message(self.number, self.sent)
        self.sent += 1
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack("!H", len(payload))
        return b"\x82" + size + b"\0\0\0\0" + payload

    def take_more(self):
        data, at = self.incoming, 0
        answer = b""
        while len(data) - at >= 2:
            size, head = data[at + 1], 2
            if size == 126:
                if len(data) - at < 4:
                    break
                size, head = struct.unpack_from("!H", data, at + 2)[0], 4
            end = at + head + size
            if len(data) < end:
                break
            payload = data[at + head:end]
            if data[at] == 0x82 and self.told is None and payload == message(self.number, self.received):
                self.received += 1
            elif data[at] == 0x88 and payload == LATE and self.told is None:
                self.told = time.time()
                answer = b"\x88\x82\0\0\0\0\x03\xf0"
            else:
                self.fault = self.fault or (self.received, bytes(data[at:at + 100]))
            at = end
        del data[:at]
        return answer


class stream_member(member):
    STATUS = b"HTTP/1.1 200 "

    def __init__(self, number, expiry):
        super().__init__(number, expiry)
        self.text = bytearray()  # of an event that is not complete
        self.finished = False  # by the app

    def request(self, token):
        return request("GET", f"/events/{self.number}", bearer(token))

    def turn(self):
        return b""

    def take_more(self):
        data, at = self.incoming, 0
        while (line := data.find(b"\r\n", at)) >= 0:
            size = int(data[at:line], 16)
            end = line + 2 + size + 2
            if len(data) < end:
                break
            if self.told is not None:
                self.fault = self.fault or "something came after the end"
            self.text += data[line + 2:line + 2 + size]
            self.take_events()
            if size == 0:
                self.told = time.time()
                if self.text:
                    self.fault = self.fault or ("torn", bytes(self.text))
            at = end
        del data[:at]
        return b""

    def take_events(self):
        while (end := self.text.find(b"\n\n")) >= 0:
            text = bytes(self.text[:end + 2])
            del self.text[:end + 2]
            if self.finished:
                self.fault = self.fault or ("after the app's end", text)
            elif text == b"data: end\n\n":
                self.finished = True
            elif text == event(b"%d" % self.number, self.received):
                self.received += 1
            else:
                self.fault = self.fault or (self.received, text)


class crowd:
    """All members, served by one loop that reads what is there and gives each its turn once in an interval."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.address = (host, int(port))
        self.epoll = select.epoll()
        self.members, self.turns = {}, []
        self.next, self.round_began = 0, time.monotonic()

    def open(self, members, tokens):
        """A few at a time, so that no queue overflows."""
        members = list(members)
        for start in range(0, len(members), 100):
            batch = members[start:start + 100]
            for each in batch:
                each.socket = socket.create_connection(self.address, timeout=10 * SLOWNESS)
                each.socket.setblocking(False)
                each.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.members[each.socket.fileno()] = each
                self.epoll.register(each.socket, select.EPOLLIN)
                self.send(each, each.request(tokens[each.number]))
            self.run(until=lambda batch=batch: all(each.opened or each.fault for each in batch), seconds=20 * SLOWNESS)
            faults = [each.fault for each in batch if each.fault]
            assert not faults, faults[:3]
            self.turns += batch

    def send(self, each, data):
        if each.outgoing or not data:
            each.outgoing += data
            data = bytes(each.outgoing)
        try:
            sent = each.socket.send(data)
        except BlockingIOError:
            sent = 0
        had, each.outgoing = bool(each.outgoing), bytearray(data[sent:])
        if had != bool(each.outgoing):
            self.epoll.modify(each.socket, select.EPOLLIN | (select.EPOLLOUT if each.outgoing else 0))

    def run(self, until, seconds, turns=True):
        deadline = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < deadline, "did not come to an end"
            for descriptor, events in self.epoll.poll(0.01):
                self.handle(self.members[descriptor], events)
            if turns:
                self.give_turns()

    def handle(self, each, events):
        try:
            if events & select.EPOLLOUT:
                self.send(each, b"")
            if events & ~select.EPOLLOUT:
                data = each.socket.recv(65536)
                if not data:
                    self.leave(each)
                elif answer := each.take(data):
                    self.send(each, answer)
        except BlockingIOError:
            pass
        except ConnectionError:
            self.leave(each)

    def leave(self, each):
        each.end()
        self.epoll.unregister(each.socket)
        del self.members[each.socket.fileno()]
        each.socket.close()

    def give_turns(self):
        passed = time.monotonic() - self.round_began
        due = min(len(self.turns), int(passed / INTERVAL * len(self.turns)))
        for each in self.turns[self.next:due]:
            if not each.ended and (data := each.turn()):
                try:
                    self.send(each, data)
                except ConnectionError:
                    pass  # the Close is still to be read
        self.next = max(self.next, due)
        if passed >= INTERVAL:
            self.next, self.round_began = 0, time.monotonic()

    def close(self):
        for each in self.members.values():
            each.socket.close()
        self.epoll.close()


@pytest.fixture(autouse=True)
def descriptors(time_limit):
    """Enough of them, for the proxy too; and time enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.alarm(90 * SLOWNESS)
    gc.disable()
    yield
    gc.enable()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def app(descriptors):
    process = subprocess.Popen(["/usr/bin/python3", pathlib.Path(__file__).parent / "crowd_app.py"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    yield f"127.0.0.1:{int(process.stdout.readline())}"
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def proxy(tmp_path, app):
    process = bearward_process(tmp_path / "bearward", CONFIGURATION, http=app)
    yield process
    process.stop()


@pytest.fixture
def everybody(proxy):
    made = crowd(proxy.address)
    yield made
    made.close()


def opened(everybody, kind):
    """(those that stay, those that expire): half of the latter in one moment, half over the second after it."""
    staying = [kind(number, None) for number in range(STAYING)]
    everybody.open(staying, {each.number: mint(sub=f"u-{each.number}") for each in staying})
    first = int(time.time()) + OPENING
    late = [kind(STAYING + number, first + max(0, number - EXPIRING // 2) / (EXPIRING // 2)) for number in range(EXPIRING)]
    everybody.open(late, {each.number: mint(sub=f"u-{each.number}", exp=each.expiry) for each in late})
    assert time.time() < first, "this machine is too slow to open the connections before they expire"
    return staying, late


def assert_told_in_time(late):
    assert [each.fault for each in late if each.fault] == []
    delays = sorted(each.told - each.expiry for each in late)
    assert delays[0] > -0.01, f"ended before its time: {delays[0]}"
    assert delays[-1] < WITHIN, f"p50 {delays[len(delays) // 2]}, p99 {delays[len(delays) * 99 // 100]}, last {delays[-1]}"


def closes(proxy, name):
    return [line for line in proxy.admin("/metrics")[1].splitlines() if line.startswith(name) and "token_expired" in line]


def test_sockets(proxy, everybody):
    staying, late = opened(everybody, socket_member)
    everybody.run(lambda: all(each.told or each.fault for each in late), OPENING + 10 * SLOWNESS)
    assert_told_in_time(late)
    end = time.monotonic() + AFTERWARDS
    everybody.run(lambda: time.monotonic() > end, AFTERWARDS + 10 * SLOWNESS)
    assert [each.fault for each in staying + late if each.fault] == []
    assert all(each.ended for each in late), "the connections end after the Close"
    # Nobody sends any more: all that was sent comes back.
    everybody.run(lambda: all(each.received == each.sent for each in staying), 20 * SLOWNESS, turns=False)
    assert [each.fault for each in staying if each.fault or each.ended] == []
    assert min(each.received for each in staying) > 5 and min(each.received for each in late) > 0
    assert closes(proxy, "bearward_websocket_closes_total") == [f'bearward_websocket_closes_total{{route="app",reason="token_expired"}} {EXPIRING}']


def test_event_streams(proxy, everybody, app):
    staying, late = opened(everybody, stream_member)
    everybody.run(lambda: all(each.told or each.fault for each in late), OPENING + 10 * SLOWNESS)
    assert_told_in_time(late)
    assert not any(each.finished for each in late) and min(each.received for each in late) > 0
    end = time.monotonic() + AFTERWARDS
    everybody.run(lambda: time.monotonic() > end, AFTERWARDS + 10 * SLOWNESS)
    assert [each.fault for each in staying + late if each.fault] == []
    assert not any(each.told for each in staying)
    before = min(each.received for each in staying)
    with socket.create_connection((app.split(":")[0], int(app.split(":")[1])), timeout=10 * SLOWNESS) as asking:
        asking.sendall(request("GET", "/finish"))
        everybody.run(lambda: all(each.told or each.fault for each in staying), 20 * SLOWNESS)
        assert asking.recv(100).startswith(b"HTTP/1.1 204 ")
    assert [each.fault for each in staying if each.fault or not each.finished] == []
    assert before > 5
    assert closes(proxy, "bearward_stream_ends_total") == [f'bearward_stream_ends_total{{route="app",reason="token_expired"}} {EXPIRING}']
