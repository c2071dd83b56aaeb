"""Everything at once, for BEARWARD_CHAOS_SECONDS (20): afterwards nothing is left over, and no sanitizer has a word to say. Run by tests/chaos.sh."""

import os
import pathlib
import random
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest
import wire as wires
from certificates import authority
from conftest import SLOWNESS, bearward_process
from frames import frame, handshake, read_frame
from test_metrics import page
from test_proxy_protocol import v1, v2
from tokens import bearer, mint

SECONDS = int(os.environ.get("BEARWARD_CHAOS_SECONDS", "20"))
FLAKY_NAMES = pathlib.Path(__file__).with_name("peers") / "flaky_names.c"
LEFT_WITHIN = 5  # seconds after the last client has gone

CONFIGURATION = """
version: 1
threads: 2
listen:
  - {address: 127.0.0.1:0, name: public}
  - {address: "unix:@directory@/proxied.sock", name: proxied, proxy_protocol: any}
  - {address: 127.0.0.1:0, name: secure, tls: {certificates: [{certificate: server.crt, private_key: server.key}]}}
trusted_proxies: ["unix:"]
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"], response_timeout: 2s, write_timeout: 2s, idle_timeout: 1s}
  named: {servers: ["app.flaky:@port@"], response_timeout: 2s, idle_timeout: 1s, connect_timeout: 500ms, dns_refresh: 100ms}
  sockets: {servers: ["@websocket@"], idle_timeout: 1s}
  down: {servers: [127.0.0.1:1], connect_timeout: 200ms}
providers: {main: {audiences: [widgets], algorithms: [HS256], clock_skew: 0s, keys: {secret: {file: secret}}}}
routes:
  - {prefix: /app, name: app, upstream: app, providers: [main]}
  - {prefix: /named, name: named, upstream: named, providers: [main]}
  - {prefix: /down, name: down, upstream: down, providers: [main]}
  - {prefix: /ws, name: ws, upstream: sockets, providers: [main]}
limits: {request_head_timeout: 1s, request_body_timeout: 1s, idle_timeout: 2s, write_timeout: 1s}
"""
# What the reloads turn to and fro: a route comes and goes, a timeout changes; a broken one must change nothing.
VARIANTS = ["", "  - {prefix: /app/more, name: more, upstream: named, providers: [main]}\n", "  - {prefix: /app, name: again}\n"]


@pytest.fixture(autouse=True)
def time_limit():
    """Instead of the usual one: as long as told, and some minutes."""
    def give_up(*_):
        raise TimeoutError("the chaos ran too long")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS + 180)
    yield
    signal.alarm(0)


@pytest.fixture
def proxy(tmp_path, monkeypatch, http_upstream, websocket_upstream):
    library = tmp_path / "flaky_names.so"
    subprocess.run(["clang-19", "-O1", "-shared", "-fPIC", "-o", library, FLAKY_NAMES], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(library))
    authority(tmp_path).issue("server", "server.test")
    process = bearward_process(
        tmp_path, CONFIGURATION.replace("@port@", str(http_upstream.port)), http=http_upstream.address, websocket=websocket_upstream.address)
    monkeypatch.delenv("LD_PRELOAD")
    yield process
    process.stop()


def reset(link):
    """Ends it the hard way, with RST."""
    link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.socket.close()


seen = set()  # (target, status) of the answers


class client:
    """One of many that do as they please: each turn is drawn by lot."""

    TURNS = ("ordinary", "ordinary", "chunked", "pipelined", "refused", "malformed", "half_head", "half_body", "left_waiting", "broken_answer",
             "named", "named", "down", "talk", "talk", "half_frame", "half_handshake")

    def __init__(self, proxy, seed):
        self.proxy = proxy
        self.dice = random.Random(seed)
        self.trust = ssl.create_default_context(cafile=str(proxy.directory / "ca.crt"))

    def link(self):
        """A connection to one of the listeners, also cut off in what comes before HTTP."""
        kind = self.dice.choice(["plain", "plain", "tls", "proxied"])
        if kind == "plain":
            return self.proxy.connect()
        if kind == "proxied":
            made = wires.connection.to_unix(self.proxy.directory / "proxied.sock", timeout=15)
            made.send(self.dice.choice([v1, v2])("203.0.113.7"))
            return made
        made = wires.connection(self.proxy.addresses["secure"])
        made.socket = self.trust.wrap_socket(made.socket, server_hostname="server.test")
        return made

    def turn(self):
        name = self.dice.choice(self.TURNS)
        getattr(self, name)()
        return name

    def exchange(self, target, statuses, method="GET", body=b"", headers=None):
        with self.link() as link:
            for _ in range(self.dice.randrange(1, 4)):
                link.send(wires.request(method, target, {**bearer(mint()), **(headers or {})}, body))
                answer = link.response()
                seen.add((target, answer.status))
                assert answer.status in statuses, (target, answer)
                if answer.get("Connection") == "close":
                    break

    def ordinary(self):
        self.exchange("/app", {200}, "POST", bytes(self.dice.randrange(60000)))

    def chunked(self):
        self.exchange("/app", {200}, "PUT", b"5\r\nhello\r\n0\r\n\r\n", {"Transfer-Encoding": "chunked"})

    def named(self):
        self.exchange("/named", {200, 502, 503, 504})

    def down(self):
        self.exchange("/down", {502, 503})

    def refused(self):
        with self.link() as link:
            link.send(wires.request("GET", "/app"))
            assert link.response().status == 401

    def pipelined(self):
        with self.link() as link:
            link.send(wires.request("GET", "/app", bearer(mint())) * 3)
            for _ in range(self.dice.randrange(4)):
                assert link.response().status == 200

    def malformed(self):
        with self.link() as link:
            link.send(self.dice.randbytes(200) + b"\r\n\r\n")
            link.rest()

    def half_head(self):
        link = self.link()
        link.send(wires.request("GET", "/app", bearer(mint()))[:self.dice.randrange(1, 60)])
        self.dice.choice([reset, lambda each: each.socket.close()])(link)

    def half_body(self):
        link = self.link()
        link.send(wires.request("POST", "/app", {**bearer(mint()), "Content-Length": "100000"}) + bytes(self.dice.randrange(99999)))
        self.dice.choice([reset, lambda each: each.socket.close()])(link)

    def left_waiting(self):
        link = self.link()
        link.send(wires.request("GET", self.dice.choice(["/app/slow", "/named", "/app/large"]), bearer(mint())))
        time.sleep(self.dice.random() / 10)
        reset(link)

    def broken_answer(self):
        with self.link() as link:
            link.send(wires.request("GET", self.dice.choice(["/app/garbage", "/app/dies"]), bearer(mint())))
            link.rest()

    def opened(self):
        link = self.link()
        link.send(handshake("/ws", bearer(mint()).items()))
        assert link.response().status == 101
        return link

    def talk(self):
        with self.opened() as link:
            for _ in range(self.dice.randrange(6)):
                link.send(frame(2, b"x" * 1000))
                assert read_frame(link) == (2, b"x" * 1000)
            if self.dice.random() < 0.5:
                link.send(frame(8, struct.pack("!H", 1000)))
                assert read_frame(link)[0] == 8

    def half_frame(self):
        link = self.opened()
        link.send(frame(2, b"x" * 5000)[:self.dice.randrange(1, 4000)])
        self.dice.choice([reset, lambda each: each.socket.close()])(link)

    def half_handshake(self):
        link = wires.connection(self.proxy.addresses["secure"])
        link.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[:self.dice.randrange(1, 11)])
        self.dice.choice([reset, lambda each: each.socket.close()])(link)


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def left_over(process):
    """What is still under way, by name: connections, sockets, requests at upstreams."""
    now = page(process)
    return {f"{name}{dict(labels)}": value for (name, labels), value in now.samples.items() if value and (
        name in ("bearward_connections", "bearward_websockets") or (name == "bearward_upstream_connections" and ("state", "active") in labels))}


def soon(found, seconds):
    """What found() says when it is empty, or at the end of the time."""
    deadline = time.monotonic() + seconds
    while (now := found()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return now


def unruly(app):
    """Answers of an app that misbehaves."""
    async def slow(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        await writer.drain()

    async def dies(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")
        await writer.drain()
        return "close"

    app.on("/app/slow", slow)
    app.on("/app/dies", dies)
    app.on("/app/garbage", b"SSH-2.0-nonsense\r\n")
    app.on("/app/large", b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + bytes(3000000))


def test_chaos(proxy, app, sockets):
    unruly(app)
    stop = threading.Event()
    failures, turns = [], {}
    text = proxy.configuration.read_text()
    assert soon(lambda: left_over(proxy), LEFT_WITHIN) == {}
    base = descriptors(proxy)

    def work(seed):
        one = client(proxy, seed)
        while not stop.is_set():
            try:
                name = one.turn()
                turns[name] = turns.get(name, 0) + 1
            except Exception as error:  # the test reports what failed in a thread
                failures.append(repr(error))
                stop.set()
            for kept in (app.requests, app.heads, app.bytes, sockets.messages, sockets.closes, sockets.handshakes):
                kept.clear()

    def reload():
        dice = random.Random(0)
        while not stop.wait(0.2):
            limits = text.index("limits:")
            proxy.configuration.write_text(text[:limits] + dice.choice(VARIANTS) + text[limits:])
            proxy.process.send_signal(signal.SIGHUP)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(12)] + [threading.Thread(target=reload)]
    for thread in threads:
        thread.start()
    stop.wait(SECONDS)
    stop.set()
    for thread in threads:
        thread.join(30 * SLOWNESS)
    assert proxy.process.poll() is None, proxy.log()[-6000:]
    left = soon(lambda: left_over(proxy), LEFT_WITHIN)
    print(sum(turns.values()), "turns:", turns)
    assert failures == []
    assert left == {}
    # Idle connections to upstreams are kept for a second.
    assert soon(lambda: [] if descriptors(proxy) <= base else [descriptors(proxy)], 5 * SLOWNESS) == [], f"{base} at first"
    reloads = page(proxy)
    assert reloads.value("bearward_config_reloads_total", result="success") > 0 and reloads.value("bearward_config_reloads_total", result="failure") > 0
    assert ("/named", 200) in seen, "the names were never found"
    assert sum(turns.values()) > SECONDS and set(turns) == set(client.TURNS)
