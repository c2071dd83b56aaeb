"""TLS towards clients: Python's and curl's, with certificates made on the spot."""

import json
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest
from certificates import authority
from conftest import SLOWNESS, bearward_process
from frames import ACCEPT, frame, handshake
from tokens import bearer, mint
from wire import connection, request

CONFIGURATION = """
version: 1
threads: 2
listen:
  - {address: 127.0.0.1:0, name: public}
  - address: 127.0.0.1:0
    name: secure
    tls:
      certificates:
        - {certificate: tls/first.crt, private_key: tls/first.key}
        - {certificate: tls/second.crt, private_key: tls/second.key}
        - {certificate: tls/wild.crt, private_key: tls/wild.key}
  - address: 127.0.0.1:0
    name: modern
    tls: {certificates: [{certificate: tls/first.crt, private_key: tls/first.key}], min_version: 1.3}
  - address: 127.0.0.1:0
    name: mutual
    tls: {certificates: [{certificate: tls/first.crt, private_key: tls/first.key}], client_ca: tls/clients/ca.crt}
  - address: 127.0.0.1:0
    name: either
    tls: {certificates: [{certificate: tls/first.crt, private_key: tls/first.key}], client_ca: tls/clients/ca.crt, client_certificate: optional}
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"], response_timeout: 4s, write_timeout: 4s}
  sockets: {servers: ["@websocket@"]}
providers: {main: {type: jwt, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}}
routes:
  - {prefix: /, name: all, upstream: app, providers: [main]}
  - {prefix: /ws, name: ws, upstream: sockets, providers: [main]}
limits: {request_head_timeout: 1s, idle_timeout: 5s, write_timeout: 3s}
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority with its servers' certificates, and one of clients."""
    made = authority(tmp_path_factory.mktemp("tls"))
    made.issue("first", "first.test", "127.0.0.1")
    made.issue_rsa("second", "second.test", "also.second.test")
    made.issue("wild", "*.wild.test", through=made.intermediate())
    made.clients = authority(made.directory / "clients", "Clients' authority")
    made.clients.issue("client", "client.test")
    made.clients.issue("expired", "client.test", days=-1, began=-10)
    made.others = authority(made.directory / "others", "Nobody's authority")
    made.others.issue("client", "client.test")
    return made


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, certificates, http_upstream, websocket_upstream):
    directory = tmp_path_factory.mktemp("bearward")
    shutil.copytree(certificates.directory, directory / "tls")
    process = bearward_process(directory, CONFIGURATION, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


def client_context(certificates, **settings):
    context = ssl.create_default_context(cafile=certificates.path)
    for name, value in settings.items():
        setattr(context, name, value)
    return context


class tls_wire(connection):
    def __init__(self, address, context, name="first.test", before=b""):
        super().__init__(address)
        self.plain = self.socket
        if before:
            self.socket.sendall(before)
        try:
            self.socket = context.wrap_socket(self.socket, server_hostname=name, suppress_ragged_eofs=False)
        except BaseException:
            self.plain.close()
            raise


def names_of(wire):
    return [value for kind, value in wire.socket.getpeercert()["subjectAltName"] if kind == "DNS"]


def ask(wire, target="/x", **more):
    wire.send(request("GET", target, bearer(mint()), **more))
    return wire.response()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_request_over_each_version(bearward, certificates, app, version):
    context = client_context(certificates, minimum_version=version, maximum_version=version)
    with tls_wire(bearward.addresses["secure"], context) as wire:
        for number in range(3):
            assert ask(wire, f"/{number}").status == 200
            assert app.last.target == f"/{number}"
            assert app.last.get("X-Forwarded-Proto") == "https"
        assert wire.socket.compression() is None
    assert ask(bearward.connect()).status == 200
    assert app.last.get("X-Forwarded-Proto") == "http"


def test_the_certificate_is_chosen_by_the_name_asked_for(bearward, certificates):
    for asked, expected in (
        ("first.test", "first.test"), ("second.test", "second.test"), ("also.second.test", "second.test"), ("SECOND.TEST", "second.test"),
        ("a.wild.test", "*.wild.test"), ("b.wild.test", "*.wild.test"),
    ):
        with tls_wire(bearward.addresses["secure"], client_context(certificates), asked) as wire:
            assert names_of(wire)[0] == expected
            assert ask(wire).status == 200
    lax = client_context(certificates, check_hostname=False)
    for asked in (None, "unknown.test", "wild.test", "a.b.wild.test"):
        with tls_wire(bearward.addresses["secure"], lax, asked) as wire:
            assert names_of(wire)[0] == "first.test", asked


def test_old_versions_are_refused(bearward, certificates):
    address = bearward.addresses["secure"]
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_verify_locations(certificates.path)
        context.minimum_version = context.maximum_version = version
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            tls_wire(address, context)
    context = client_context(certificates, maximum_version=ssl.TLSVersion.TLSv1_2)
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        tls_wire(bearward.addresses["modern"], context)
    assert ask(tls_wire(bearward.addresses["modern"], client_context(certificates))).status == 200


def test_alpn_offers_http11_only(bearward, certificates):
    address = bearward.addresses["secure"]
    for offered, chosen in ((["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), (["http/1.0"], None)):
        context = client_context(certificates)
        context.set_alpn_protocols(offered)
        with tls_wire(address, context) as wire:
            assert wire.socket.selected_alpn_protocol() == chosen
            assert ask(wire).status == 200
    context = client_context(certificates)
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError):
        tls_wire(address, context)


def test_client_certificates(bearward, certificates):
    def attempt(listener, file=None, version=ssl.TLSVersion.TLSv1_3):
        context = client_context(certificates, minimum_version=version, maximum_version=version)
        if file:
            context.load_cert_chain(f"{certificates.directory}/{file}.crt", f"{certificates.directory}/{file}.key")
        try:
            with tls_wire(bearward.addresses[listener], context) as wire:
                return ask(wire).status
        except (ssl.SSLError, ConnectionResetError, EOFError, BrokenPipeError):
            return None

    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert attempt("mutual", "clients/client", version) == 200
        for wrong in (None, "clients/expired", "others/client", "first"):
            assert attempt("mutual", wrong, version) is None, wrong
        assert attempt("either", "clients/client", version) == 200
        assert attempt("either", None, version) == 200
        assert attempt("either", "others/client", version) is None


def test_sessions_are_resumed_but_not_past_the_client_certificate(bearward, certificates):
    for listener, file in (("secure", None), ("mutual", "clients/client")):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = client_context(certificates, minimum_version=version, maximum_version=version)
            if file:
                context.load_cert_chain(f"{certificates.directory}/{file}.crt", f"{certificates.directory}/{file}.key")
            with tls_wire(bearward.addresses[listener], context) as wire:
                assert ask(wire).status == 200
                session = wire.socket.session
            plain = socket.create_connection(("127.0.0.1", int(bearward.addresses[listener].rsplit(":", 1)[1])), timeout=10)
            with context.wrap_socket(plain, server_hostname="first.test", session=session) as again:
                assert again.session_reused
                again.sendall(request("GET", "/x", bearer(mint())))
                assert again.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_large_bodies_both_ways(bearward, certificates, app):
    body = bytes(range(256)) * 40_000
    with tls_wire(bearward.addresses["secure"], client_context(certificates)) as wire:
        wire.send(request("POST", "/echo", bearer(mint()), body))
        assert wire.response().status == 200
        assert app.last.body == body


def test_pipelined_requests_in_one_record(bearward, certificates, app):
    with tls_wire(bearward.addresses["secure"], client_context(certificates)) as wire:
        wire.send(b"".join(request("GET", f"/{number}", bearer(mint())) for number in range(20)))
        for _ in range(20):
            assert wire.response().status == 200
        assert [each.target for each in app.requests] == [f"/{number}" for number in range(20)]


def test_a_head_byte_by_byte_in_records_of_their_own(bearward, certificates):
    with tls_wire(bearward.addresses["secure"], client_context(certificates)) as wire:
        for byte in request("GET", "/x", bearer(mint())):
            wire.send(bytes([byte]))
        assert wire.response().status == 200


def test_a_websocket(bearward, certificates):
    with tls_wire(bearward.addresses["secure"], client_context(certificates)) as wire:
        wire.send(handshake("/ws/echo", [("Authorization", "Bearer " + mint())]))
        answer = wire.response()
        assert answer.status == 101 and answer.get("Sec-WebSocket-Accept") == ACCEPT
        for size in (5, 70_000):
            wire.send(frame(2, b"x" * size))
            wire.exactly(2 if size < 126 else 10)
            assert wire.exactly(size) == b"x" * size
        wire.send(frame(8, b"\x03\xe8"))
        assert wire.rest()[:1] == b"\x88"  # and the end was orderly: a ragged one would be an exception


def test_the_end_is_told(bearward, certificates):
    context = client_context(certificates)
    with tls_wire(bearward.addresses["secure"], context) as wire:
        assert ask(wire).status == 200
        wire.send(b"GARBAGE\r\n\r\n")
        assert wire.response().status == 400
        assert wire.rest() == b""  # with close_notify; suppress_ragged_eofs is off
    with tls_wire(bearward.addresses["secure"], context) as idle:
        assert ask(idle).status == 200
        assert idle.rest() == b""  # after idle_timeout


def test_a_client_that_ends_its_tls_side_is_let_go(bearward, certificates):
    with tls_wire(bearward.addresses["secure"], client_context(certificates)) as wire:
        assert ask(wire).status == 200
        wire.socket.unwrap().close()
    wait_for_none_open(bearward)


def test_plain_http_on_a_tls_port_and_tls_on_a_plain_one(bearward, certificates):
    with connection(bearward.addresses["secure"]) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"HTTP/1.1" not in wire.rest()
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        tls_wire(bearward.addresses["public"], client_context(certificates))
    assert ask(tls_wire(bearward.addresses["secure"], client_context(certificates))).status == 200


def wait_for_none_open(process):
    deadline = time.monotonic() + 10 * SLOWNESS
    while json.loads(process.admin("/status")[1])["connections"] > 0:
        assert time.monotonic() < deadline, process.admin("/status")
        time.sleep(0.05)


def client_hello():
    outgoing = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="first.test").do_handshake()
    return outgoing.read()


def test_a_slow_handshake_runs_out_of_time(bearward):
    wait_for_none_open(bearward)
    hello = client_hello()
    for start in (hello[:1], hello[:-1]):
        with connection(bearward.addresses["secure"]) as wire:
            wire.send(start)
            began = time.monotonic()
            assert wire.is_closed()
            assert 0.5 < time.monotonic() - began < 4 * SLOWNESS
    with connection(bearward.addresses["secure"]) as wire:  # one that trickles gets no more time
        began = time.monotonic()
        with pytest.raises(OSError):
            for byte in hello:
                wire.send(bytes([byte]))
                time.sleep(0.03)
        assert time.monotonic() - began < 4 * SLOWNESS
    wait_for_none_open(bearward)


def test_curl_speaks_with_it(bearward, certificates):
    port = bearward.addresses["secure"].rsplit(":", 1)[1]
    for arguments in ([], ["--http1.0"], ["--tlsv1.3"], ["--tls-max", "1.2"], ["--http2"]):
        run = subprocess.run(
            ["curl", "-sS", "--fail", "--max-time", "20", "--cacert", certificates.path, "--resolve", f"a.wild.test:{port}:127.0.0.1", *arguments,
             "-o", "/dev/null", "-w", "%{http_code} %{http_version}", "-H", "Authorization: Bearer " + mint(), f"https://a.wild.test:{port}/x"],
            capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        assert run.stdout.split() == ["200", "1" if "--http1.0" in arguments else "1.1"] or run.stdout == "200 1.1"


def test_expiry_in_the_metrics(bearward):
    page = bearward.admin("/metrics")[1]
    found = dict(re.findall(r'^bearward_certificate_expiry_seconds\{listener="(\w+)"\} (\S+)$', page, re.MULTILINE))
    assert set(found) == {"secure", "modern", "mutual", "either"}
    for value in found.values():
        assert 29 * 86400 < float(value) < 30 * 86400


def test_certificates_are_read_again_on_reload(start, certificates, tmp_path):
    (tmp_path / "proxy-0").mkdir()
    shutil.copytree(certificates.directory, tmp_path / "proxy-0" / "tls")
    process = start(CONFIGURATION)
    context = client_context(certificates)
    old = tls_wire(process.addresses["secure"], context)
    first = old.socket.getpeercert()["serialNumber"]

    fresh = authority(tmp_path / "fresh")
    fresh.own = certificates.own
    fresh.issue("first", "first.test")
    for suffix in (".crt", ".key"):
        shutil.copy(tmp_path / "fresh" / ("first" + suffix), tmp_path / "proxy-0" / "tls" / ("first" + suffix))
    process.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 10 * SLOWNESS
    while True:
        with tls_wire(process.addresses["secure"], context) as wire:
            if wire.socket.getpeercert()["serialNumber"] != first:
                assert ask(wire).status == 200
                break
        assert time.monotonic() < deadline, process.log()
        time.sleep(0.05)
    assert ask(old).status == 200  # what is open goes on
    old.socket.close()

    (tmp_path / "proxy-0" / "tls" / "first.crt").write_text("broken")
    process.process.send_signal(signal.SIGHUP)
    while "reload refused" not in process.log():
        assert time.monotonic() < deadline + 10
        time.sleep(0.05)
    with tls_wire(process.addresses["secure"], context) as wire:
        assert ask(wire).status == 200
