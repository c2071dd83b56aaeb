"""TLS towards the app: verified before a byte of a request leaves, and its end believed only with close_notify."""

import asyncio
import json
import socket
import ssl
import threading
import time

import pytest
import upstreams
from certificates import authority
from conftest import SLOWNESS, bearward_process
from frames import ACCEPT, frame, handshake
from wire import connection, request

CONFIGURATION = """
version: 1
threads: 1
listen: [{{address: 127.0.0.1:0, name: public}}]
admin: {{address: "unix:@directory@/admin.sock"}}
upstreams:
{upstreams}
routes:
{routes}
limits: {{write_timeout: 3s}}
"""


class tls_server:
    """Accepts TLS connections and lets `script(socket)` deal with each; keeps every byte that came after the handshake."""

    def __init__(self, context, script=None):
        self.context = context
        self.script = script or self.answer
        self.received = []  # the bytes of each connection
        self.reused = []  # whether each handshake resumed a session
        self.failures = 0
        self.names = []
        context.sni_callback = lambda _, name, __: self.names.append(name)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        peer.settimeout(20)
        try:
            secure = self.context.wrap_socket(peer, server_side=True)
        except OSError:
            self.failures += 1
            peer.close()
            return
        self.reused.append(secure.session_reused)
        self.received.append(b"")
        try:
            self.script(secure)
        except OSError:
            pass
        finally:
            secure.close()

    def head(self, peer):
        """Reads one request's head, or what there is of it."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = peer.recv(65536)
            if not more:
                return data
            data += more
            self.received[-1] += more
        return data

    def answer(self, peer):
        while self.head(peer):
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    def stop(self):
        self.listener.close()


def server_context(directory, file, client_ca=None, **settings):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / f"{file}.crt", directory / f"{file}.key")
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    for name, value in settings.items():
        setattr(context, name, value)
    return context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    made = authority(tmp_path_factory.mktemp("tls"))
    made.issue("server", "app.test", "127.0.0.1", through=made.intermediate())
    made.issue("named", "app.test")
    made.issue("expired", "app.test", "127.0.0.1", days=-1, began=-10)
    made.issue("future", "app.test", "127.0.0.1", days=20, began=10)
    made.issue("nameless")
    made.issue("client", "bearward.test")
    made.others = authority(made.directory / "others", "Nobody's authority")
    made.others.issue("server", "app.test", "127.0.0.1")
    made.others.issue("client", "bearward.test")
    return made


@pytest.fixture
def through(tmp_path, certificates):
    """Starts a proxy in front of one server and asks it."""
    opened = []

    def start(server, tls, more="", also=None):
        servers = [server, also] if also else [server]
        addresses = ", ".join(f'"{each.address}"' for each in servers)
        process = bearward_process(
            tmp_path / f"proxy-{len(opened)}",
            CONFIGURATION.format(
                upstreams=f"  app: {{servers: [{addresses}], tls: {{{tls}}}, connect_timeout: 1s{more}}}",
                routes="  - {prefix: /, upstream: app, auth: none}"))
        opened.append((process, servers))
        return process

    yield start
    for process, servers in opened:
        process.stop()
        for each in servers:
            each.stop()


def ask(process, target="/secret-path"):
    with connection(process.address) as wire:
        wire.send(request("GET", target))
        return wire.response()


def test_a_server_that_is_who_it_should_be(through, certificates):
    directory = certificates.directory
    for file, tls, asked in (
        ("server", f"ca: {directory}/ca.crt", None),
        ("server", f"ca: {directory}/ca.crt, server_name: app.test", "app.test"),
        ("server", f"ca: {directory}/ca.crt, server_name: 127.0.0.1", None),
        ("named", f"ca: {directory}/ca.crt, server_name: app.test", "app.test"),
    ):
        server = tls_server(server_context(directory, file))
        assert ask(through(server, tls)).body == b"hello"
        assert server.names == [asked]
        assert server.received[0].startswith(b"GET /secret-path HTTP/1.1\r\n")


def test_any_other_is_a_502_and_gets_nothing(through, certificates):
    directory = certificates.directory
    for file, tls in (
        ("server", f"ca: {directory}/ca.crt, server_name: other.test"),
        ("named", f"ca: {directory}/ca.crt"),
        ("nameless", f"ca: {directory}/ca.crt, server_name: nameless"),  # a common name is no name
        ("expired", f"ca: {directory}/ca.crt"),
        ("future", f"ca: {directory}/ca.crt"),
        ("others/server", f"ca: {directory}/ca.crt"),
        ("server", f"ca: {directory}/others/ca.crt"),
        ("server", ""),  # the system's authorities don't know it
    ):
        server = tls_server(server_context(directory, file))
        process = through(server, tls)
        answer = ask(process)
        assert answer.status == 502 and answer.body == b'{"detail":"Bad Gateway"}', file
        assert b"".join(server.received) == b"", file
        assert "no TLS with the server" in process.log() and "certificate" in process.log()
        assert process.log().count("no TLS with the server") == 1


def test_health_checks_verify_it_too(through, certificates):
    """Of the two servers only the one that proves its name is healthy, and the other never sees a request."""
    directory = certificates.directory
    good = tls_server(server_context(directory, "server"))
    bad = tls_server(server_context(directory, "others/server"))
    process = through(good, f"ca: {directory}/ca.crt", more=", health_check: {path: /alive, interval: 100ms, timeout: 5s, healthy: 1, unhealthy: 1}", also=bad)
    deadline = time.monotonic() + 15 * SLOWNESS
    while True:
        [servers] = [each["servers"] for each in json.loads(process.admin("/status")[1])["upstreams"].values()]
        if [each["healthy"] for each in servers] == [True, False] and good.received and bad.failures:
            break
        assert time.monotonic() < deadline, servers
        time.sleep(0.05)
    assert good.received[0].startswith(b"GET /alive HTTP/1.1\r\n")
    assert [ask(process).status for _ in range(4)] == [200] * 4
    assert bad.received == []


def test_unless_nobody_asks(through, certificates):
    server = tls_server(server_context(certificates.directory, "others/server"))
    process = through(server, "verify: false")
    assert ask(process).body == b"hello"
    assert "verify: false" in process.log()


def test_old_versions_and_plain_servers_are_502(through, certificates):
    context = server_context(certificates.directory, "server")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    server = tls_server(context)
    assert ask(through(server, f"ca: {certificates.path}")).status == 502
    assert server.received == []


def test_a_server_that_does_not_shake_hands(through, certificates, tmp_path):
    class silent:
        listener = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"

        def stop(self):
            self.listener.close()

    process = through(silent(), f"ca: {certificates.path}")
    began = time.monotonic()
    assert ask(process).status == 504
    assert time.monotonic() - began < 8 * SLOWNESS


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_connections_are_kept_and_sessions_resumed(through, certificates, version):
    context = server_context(certificates.directory, "server", minimum_version=version, maximum_version=version)
    server = tls_server(context)
    process = through(server, f"ca: {certificates.path}", ", idle_timeout: 300ms")
    with connection(process.address) as wire:
        for _ in range(5):
            wire.send(request("GET", "/x"))
            assert wire.response().status == 200
        assert len(server.received) == 1
        time.sleep(0.8)  # the pooled connection goes
        wire.send(request("GET", "/x"))
        assert wire.response().status == 200
    assert server.reused == [False, True]


def test_our_own_certificate(through, certificates):
    directory = certificates.directory
    server = tls_server(server_context(directory, "server", client_ca=directory / "ca.crt"))
    tls = f"ca: {directory}/ca.crt, certificate: {directory}/client.crt, private_key: {directory}/client.key"
    assert ask(through(server, tls)).body == b"hello"
    for wrong in ("", f", certificate: {directory}/others/client.crt, private_key: {directory}/others/client.key"):
        server = tls_server(server_context(directory, "server", client_ca=directory / "ca.crt"))
        assert ask(through(server, f"ca: {directory}/ca.crt" + wrong)).status == 502
        assert server.received == []


def test_a_body_that_ends_with_the_connection_needs_close_notify(through, certificates):
    def script(whole, server):
        def run(peer):
            server.head(peer)
            peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"half of the price list")
            time.sleep(0.2)
            if whole:
                peer.unwrap()
            else:
                socket.socket(fileno=peer.detach()).close()  # the connection ends, TLS does not
        return run

    for whole in (True, False):
        server = tls_server(server_context(certificates.directory, "server"))
        server.script = script(whole, server)
        process = through(server, f"ca: {certificates.path}")
        with connection(process.address) as wire:
            wire.send(request("GET", "/x", {"X-Request-Id": "cut" if not whole else "whole"}))
            if whole:
                assert wire.response().body == b"half of the price list"
            else:
                with pytest.raises(EOFError):
                    wire.response()
    assert process.access_record("cut")["reason"] == "upstream_error"


def test_large_bodies_and_websockets(certificates, tmp_path):
    directory = certificates.directory
    body = bytes(range(256)) * 20_000

    async def echo(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        if b"Upgrade: websocket" in head:
            writer.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n".encode())
            while data := await reader.read(65536):
                writer.write(data)
        else:
            data = await reader.readexactly(len(body))
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for at in range(0, len(data), 10_000):
                part = data[at:at + 10_000]
                writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = upstreams.in_thread()
    listener = server.run(asyncio.start_server(echo, "127.0.0.1", 0, ssl=server_context(directory, "server")))
    port = listener.sockets[0].getsockname()[1]
    process = bearward_process(tmp_path / "proxy", CONFIGURATION.format(
        upstreams=f"  app: {{servers: [\"127.0.0.1:{port}\"], tls: {{ca: {directory}/ca.crt}}}}", routes="  - {prefix: /, upstream: app, auth: none}"))
    try:
        with connection(process.address) as wire:
            wire.send(request("POST", "/x", body=body))
            assert wire.response().body == body
        with connection(process.address) as wire:
            wire.send(handshake("/ws"))
            assert wire.response().status == 101
            data = frame(2, b"x" * 100_000)
            wire.send(data)
            assert wire.exactly(len(data)) == data
    finally:
        process.stop()
        server.end()
