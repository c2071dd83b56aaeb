"""The PROXY header: believed from trusted peers, who must send it; refused from anybody else."""

import socket
import ssl
import struct
import time

import pytest
from certificates import authority
from conftest import SLOWNESS, bearward_process
from wire import connection

CONFIGURATION = """
version: 1
threads: 2
listen:
  - {address: 127.0.0.1:0, name: public}
  - {address: 127.0.0.1:0, name: v1, proxy_protocol: v1}
  - {address: 127.0.0.1:0, name: v2, proxy_protocol: v2}
  - {address: 127.0.0.1:0, name: any, proxy_protocol: any}
  - {address: "unix:@directory@/local.sock", name: local, proxy_protocol: any}
  - address: 127.0.0.1:0
    name: secure
    proxy_protocol: any
    tls: {certificates: [{certificate: server.crt, private_key: server.key}]}
trusted_proxies: [127.0.0.1/32, "unix:"]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
routes: [{prefix: /, upstream: app, auth: none}]
limits: {request_head_timeout: 1s, idle_timeout: 3s, max_connections_per_address: 2}
"""

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def v1(source, target="192.0.2.99", family="TCP4"):
    return f"PROXY {family} {source} {target} 40000 443\r\n".encode()


def v2(source, command=1, extra=b""):
    body = socket.inet_aton(source) + socket.inet_aton("192.0.2.99") + struct.pack(">HH", 40000, 443) + extra
    return SIGNATURE + bytes([0x20 | command, 0x11]) + struct.pack(">H", len(body)) + body


REQUEST = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream):
    directory = tmp_path_factory.mktemp("bearward")
    authority(directory).issue("server", "server.test")
    process = bearward_process(directory, CONFIGURATION, http=http_upstream.address)
    yield process
    process.stop()


@pytest.fixture
def wires(bearward):
    opened = []

    def open_one(listener, source=None):
        wire = connection(bearward.addresses[listener]) if source is None else from_address(bearward.addresses[listener], source)
        opened.append(wire)
        return wire

    yield open_one
    for wire in opened:
        wire.socket.close()


def from_address(address, source):
    wire = connection.__new__(connection)
    host, port = address.rsplit(":", 1)
    wire.socket = socket.create_connection((host, int(port)), timeout=15, source_address=(source, 0))
    wire.buffer = b""
    return wire


def test_the_client_is_the_one_in_the_header(wires, app):
    for listener, header, expected in (
        ("v1", v1("198.51.100.1"), "198.51.100.1"),
        ("any", v1("198.51.100.2"), "198.51.100.2"),
        ("any", v1("2001:db8::7", "::1", "TCP6"), "2001:db8::7"),
        ("v2", v2("198.51.100.3"), "198.51.100.3"),
        ("any", v2("198.51.100.4", extra=b"\x04\x00\x03abc"), "198.51.100.4"),
        ("v1", b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        ("v2", v2("198.51.100.5", command=0), "127.0.0.1"),
    ):
        wire = wires(listener)
        wire.send(header + REQUEST)
        assert wire.response().status == 200
        assert app.last.get("X-Forwarded-For") == expected
        wire.send(REQUEST)  # for the whole connection
        assert wire.response().status == 200
        assert app.last.get("X-Forwarded-For") == expected


def test_the_header_in_pieces(wires, app):
    for header in (v1("198.51.100.1"), v2("198.51.100.1", extra=b"\x04\x00\x03abc")):
        for cut in range(1, len(header)):
            wire = wires("any")
            wire.send(header[:cut])
            if cut % 7 == 0:
                time.sleep(0.01)
            wire.send(header[cut:] + REQUEST)
            assert wire.response().status == 200
            assert app.last.get("X-Forwarded-For") == "198.51.100.1"
            wire.socket.close()
    wire = wires("any")
    for byte in v2("198.51.100.1") + REQUEST:
        wire.send(bytes([byte]))
    assert wire.response().status == 200


def test_trusted_peers_must_send_it(wires, app):
    for listener, start in (
        ("v1", REQUEST), ("v2", REQUEST), ("any", REQUEST), ("v1", v2("198.51.100.1") + REQUEST), ("v2", v1("198.51.100.1") + REQUEST),
        ("any", v1("198.51.100.256") + REQUEST), ("any", v2("198.51.100.1", command=2) + REQUEST),
    ):
        wire = wires(listener)
        wire.send(start)
        assert wire.is_closed(), start
    assert app.requests == []


def test_others_must_not(wires, app):
    for listener in ("v1", "v2", "any"):
        plain = wires(listener, "127.0.0.2")
        plain.send(REQUEST)
        assert plain.response().status == 200
        assert app.last.get("X-Forwarded-For") == "127.0.0.2"
        plain.socket.close()
    app.forget()
    for header in (v1("198.51.100.1"), v2("198.51.100.1")):
        for listener in ("v1", "v2", "any"):
            liar = wires(listener, "127.0.0.3")
            liar.send(header + REQUEST)
            assert liar.response().status == 400
            liar.socket.close()
    assert app.requests == []


def test_a_listener_without_it_refuses_it_from_anybody(wires, app):
    for source in (None, "127.0.0.2"):
        wire = wires("public", source)
        wire.send(v1("198.51.100.1") + REQUEST)
        assert wire.response().status == 400
    assert app.requests == []


def test_a_slow_header_runs_out_of_time(wires):
    for header in (v1("198.51.100.1"), v2("198.51.100.1")):
        for start in (header[:1], header[:-1]):
            wire = wires("any")
            wire.send(start)
            began = time.monotonic()
            assert wire.is_closed()
            assert 0.5 < time.monotonic() - began < 4 * SLOWNESS
        wire = wires("any")
        began = time.monotonic()
        with pytest.raises(OSError):
            for byte in header + b"x" * 200:
                wire.send(bytes([byte]))
                time.sleep(0.05)
        assert time.monotonic() - began < 4 * SLOWNESS


def test_it_comes_before_tls(bearward, wires, app):
    context = ssl.create_default_context(cafile=bearward.directory / "ca.crt")
    for header in (v1("198.51.100.9"), v2("198.51.100.9")):
        wire = wires("secure")
        wire.send(header)
        wire.socket = context.wrap_socket(wire.socket, server_hostname="server.test")
        wire.send(REQUEST)
        assert wire.response().status == 200
        assert app.last.get("X-Forwarded-For") == "198.51.100.9"
        assert app.last.get("X-Forwarded-Proto") == "https"
    bare = wires("secure")
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        context.wrap_socket(bare.socket, server_hostname="server.test")


def test_over_a_unix_socket(bearward, app):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(10)
        peer.connect(str(bearward.directory / "local.sock"))
        peer.sendall(v1("198.51.100.8") + REQUEST)
        assert peer.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert app.last.get("X-Forwarded-For") == "198.51.100.8"


def test_connections_are_counted_by_the_address_in_the_header(wires):
    def attempt(header):
        wire = wires("any")
        wire.send(header + REQUEST)
        return wire

    held = [attempt(v1("203.0.113.5")) for _ in range(2)]
    for wire in held:
        assert wire.response().status == 200
    assert attempt(v1("203.0.113.5")).is_closed()
    for number in range(6, 16):
        assert attempt(v2(f"203.0.113.{number}")).response().status == 200
