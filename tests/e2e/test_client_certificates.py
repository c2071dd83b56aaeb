"""Client certificates: what the app gets of them, and as credentials of their own."""

import datetime
import json
import shutil
import ssl
import time

import pytest
from certificates import authority, pem_key
from conftest import SLOWNESS, bearward_process, unix_connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from frames import handshake, read_frame
from tokens import bearer, mint
from wire import connection, request

CONFIGURATION = """
version: 1
threads: 2
listen:
  - {address: 127.0.0.1:0, name: public}
  - address: 127.0.0.1:0
    name: mutual
    tls: {certificates: [{certificate: tls/first.crt, private_key: tls/first.key}], client_ca: tls/clients/ca.crt}
  - address: 127.0.0.1:0
    name: either
    tls: {certificates: [{certificate: tls/first.crt, private_key: tls/first.key}], client_ca: tls/clients/ca.crt, client_certificate: optional}
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"]}
  sockets: {servers: ["@websocket@"]}
providers:
  main: {audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, allow_warnings: [shared-identity]}
  devices:
    type: certificate
    match:
      - {dns: "*.devices.example.com", user: certificate.dns, tenant: acme, roles: [device]}
      - {uri: "spiffe://example.org/*", user: certificate.uri, tenant: mesh}
      - {subject: "CN=*,O=Acme", user: certificate.subject, tenant: people}
identity_headers:
  X-User-Id: user
  X-Tenant-Id: tenant
  X-User-Roles: roles
  X-Cert-Subject: certificate.subject
  X-Cert-Dns: certificate.dns
  X-Cert-Uri: certificate.uri
  X-Cert-Sha256: certificate.sha256
routes:
  - {prefix: /, name: all, upstream: app, providers: [main, devices]}
  - {prefix: /public, name: public, upstream: app, auth: none}
  - {prefix: /hello, name: hello, upstream: app, providers: [main], auth: optional}
  - {prefix: /devices, name: devices, upstream: app, providers: [devices], require: {roles: [device]}}
  - {prefix: /tokens, name: tokens, upstream: app, providers: [main]}
  - {prefix: /ws, name: ws, upstream: sockets, providers: [devices]}
"""
OURS = ("X-Cert-Subject", "X-Cert-Dns", "X-Cert-Uri", "X-Cert-Sha256")


def issue(clients, file, subject, names, seconds=3600):
    """Writes FILE.crt and FILE.key: `subject` as pairs of OID and text, first the most general; `names` as they are."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.utcnow()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, text) for oid, text in subject]))
        .issuer_name(clients.own[0].subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(seconds=seconds))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = builder.sign(clients.own[1], hashes.SHA256())
    clients.write(file + ".crt", made)
    (clients.directory / (file + ".key")).write_bytes(pem_key(key))
    return made


CN, O = NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    made = authority(tmp_path_factory.mktemp("tls"))
    made.issue("first", "first.test", "127.0.0.1")
    clients = made.clients = authority(made.directory / "clients", "Clients' authority")
    dns, uri = x509.DNSName, x509.UniformResourceIdentifier
    made.device = issue(clients, "device", [(O, "Example, Inc."), (CN, "sensor 1")], [dns("x.test"), dns("A.devices.example.com"), uri("urn:a,b")])
    issue(clients, "wild", [(CN, "wild")], [dns("*.devices.example.com")])
    issue(clients, "forger", [(CN, "forger")], [dns("x,root.devices.example.com"), dns("x\0.devices.example.com"), dns("x\r\nX-User-Id: root"), dns("f.test")])
    issue(clients, "spiffe", [(CN, "s")], [uri("spiffe://example.org/ns/a")])
    issue(clients, "person", [(O, "Acme"), (CN, "Jane")], [])
    issue(clients, "pretender", [(CN, "x,O=Acme")], [])
    made.others = authority(made.directory / "others", "Nobody's authority")
    issue(made.others, "device", [(CN, "x")], [dns("a.devices.example.com")])
    return made


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, certificates, http_upstream, websocket_upstream):
    directory = tmp_path_factory.mktemp("bearward")
    shutil.copytree(certificates.directory, directory / "tls")
    process = bearward_process(directory, CONFIGURATION, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


class tls_wire(connection):
    def __init__(self, address, certificates, client=None, of="clients", version=None, session=None, context=None):
        super().__init__(address)
        self.context = context or ssl.create_default_context(cafile=certificates.path)
        if version:
            self.context.minimum_version = self.context.maximum_version = version
        if client:
            folder = certificates.directory / of
            self.context.load_cert_chain(folder / (client + ".crt"), folder / (client + ".key"))
        self.socket = self.context.wrap_socket(self.socket, server_hostname="first.test", session=session)

    def ask(self, target, headers=None, method="GET"):
        self.send(request(method, target, headers or {}))
        return self.response()


def test_the_app_is_told_of_the_certificate_wherever_it_was_verified(bearward, certificates, app):
    hashed = certificates.device.fingerprint(hashes.SHA256()).hex()
    told = ("CN=sensor%201,O=Example\\,%20Inc.", "x.test,a.devices.example.com", "urn:a%2Cb", hashed)
    for listener in ("mutual", "either"):
        with tls_wire(bearward.addresses[listener], certificates, "device") as wire:
            for target, headers in (("/public", {}), ("/hello", {}), ("/tokens", bearer(mint())), ("/devices", {}), ("/", {})):
                assert wire.ask(target, headers).status == 200, target
                assert tuple(app.last.get(name) for name in OURS) == told, target


def test_what_clients_send_under_these_names_is_always_removed(bearward, certificates, app):
    forged = {name.replace("-", "_") if index % 2 else name.lower(): "forged" for index, name in enumerate(OURS)}
    with bearward.connect() as wire:
        for target in ("/public", "/hello"):
            wire.send(request("GET", target, forged))
            assert wire.response().status == 200
            assert "forged" not in str(app.last.headers)
    with tls_wire(bearward.addresses["either"], certificates) as wire:
        assert wire.ask("/public", forged).status == 200
        assert "forged" not in str(app.last.headers) and not any(app.last.get(name) for name in OURS)
    with tls_wire(bearward.addresses["mutual"], certificates, "device") as wire:
        assert wire.ask("/public", forged).status == 200
        assert "forged" not in str(app.last.headers) and app.last.get("X-Cert-Dns") == "x.test,a.devices.example.com"


def test_a_certificate_is_a_credential(bearward, certificates, app):
    for client, user, tenant, roles in (("device", "a.devices.example.com", "acme", "device"), ("spiffe", "spiffe://example.org/ns/a", "mesh", None),
                                        ("person", "CN=Jane,O=Acme", "people", None)):
        with tls_wire(bearward.addresses["mutual"], certificates, client) as wire:
            answer = wire.ask("/")
            assert answer.status == 200, client
            assert (app.last.get("X-User-Id"), app.last.get("X-Tenant-Id"), app.last.get("X-User-Roles")) == (user, tenant, roles)
            record = bearward.access_record(answer.get("X-Request-Id"))
            assert (record["user"], record["tenant"], record["reason"]) == (user, tenant, "ok")
    with tls_wire(bearward.addresses["mutual"], certificates, "person") as wire:
        assert wire.ask("/devices").status == 403


def test_names_that_pretend_are_none(bearward, certificates, app):
    for client in ("forger", "wild", "pretender"):
        with tls_wire(bearward.addresses["mutual"], certificates, client) as wire:
            answer = wire.ask("/")
            assert answer.status == 401 and not app.heads, client
            record = bearward.access_record(answer.get("X-Request-Id"))
            assert record["reason"] == "token_missing" and "no entry of match fits" in record["cause"]
            assert wire.ask("/public").status == 200
            assert app.last.get("X-Cert-Dns") == {"forger": "f.test"}.get(client) and app.last.get("X-User-Id") is None
            app.forget()


def test_without_one_there_is_no_credential(bearward, certificates, app):
    assert bearward.fetch("GET", "/devices").status == 401
    with tls_wire(bearward.addresses["either"], certificates) as wire:
        answer = wire.ask("/devices")
        assert answer.status == 401 and answer.get("WWW-Authenticate") == 'Bearer realm="bearward"'
        assert wire.ask("/", bearer(mint())).status == 200
    with pytest.raises((ssl.SSLError, OSError)):
        with tls_wire(bearward.addresses["either"], certificates, "device", of="others") as wire:
            wire.ask("/devices")
    with pytest.raises((ssl.SSLError, OSError)):
        with tls_wire(bearward.addresses["mutual"], certificates) as wire:
            wire.ask("/public")


def test_any_other_credential_goes_before_it(bearward, certificates, app):
    with tls_wire(bearward.addresses["mutual"], certificates, "device") as wire:
        assert wire.ask("/", bearer(mint(sub="u-7"))).status == 200
        assert app.last.get("X-User-Id") == "u-7" and app.last.get("X-Cert-Dns") == "x.test,a.devices.example.com"
        assert wire.ask("/", bearer("x.y.z")).status == 401
        assert wire.ask("/devices", bearer("x.y.z")).status == 200, "this route has no such provider: nobody looks at it"
        assert wire.ask("/tokens").status == 401


def test_a_resumed_session_still_has_its_certificate(bearward, certificates, app):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context, session = None, None
        for resumed in (False, True, True):
            with tls_wire(bearward.addresses["mutual"], certificates, None if context else "device", version=version, session=session, context=context) as wire:
                assert wire.socket.session_reused == resumed
                assert wire.ask("/devices").status == 200
                assert app.last.get("X-User-Id") == "a.devices.example.com"
                assert app.last.get("X-Cert-Dns") == "x.test,a.devices.example.com" and app.last.get("X-Cert-Subject").startswith("CN=sensor")
                context, session = wire.context, wire.socket.session


def test_a_connection_does_not_outlive_its_certificate(bearward, certificates, sockets):
    """It ends within the connection: the next request is refused, and an open socket closed."""
    short = 3 * SLOWNESS
    issue(certificates.clients, "short", [(CN, "short")], [x509.DNSName("short.devices.example.com")], seconds=short)
    with tls_wire(bearward.addresses["mutual"], certificates, "short") as wire, tls_wire(bearward.addresses["mutual"], certificates, "short") as socket:
        socket.send(handshake("/ws"))
        assert socket.head().status == 101
        assert wire.ask("/devices").status == 200
        opcode, payload = read_frame(socket)
        assert opcode == 8 and payload[2:] == b"Token has expired"
        answer = wire.ask("/devices")
        assert answer.status == 401 and json.loads(answer.body) == {"detail": "Token has expired"}
        assert bearward.access_record(answer.get("X-Request-Id"))["reason"] == "token_expired"


def test_a_user_of_a_certificate_can_be_revoked(bearward, certificates, app):
    issue(certificates.clients, "lost", [(CN, "lost")], [x509.DNSName("lost.devices.example.com")])
    with tls_wire(bearward.addresses["mutual"], certificates, "lost") as wire:
        assert wire.ask("/devices").status == 200
        revoke(bearward, user="lost.devices.example.com")
        deadline = time.monotonic() + 2 * SLOWNESS
        while (answer := wire.ask("/devices")).status == 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert answer.status == 401
        assert bearward.access_record(answer.get("X-Request-Id"))["reason"] == "token_revoked"
    with tls_wire(bearward.addresses["mutual"], certificates, "device") as wire:
        assert wire.ask("/devices").status == 200


def revoke(bearward, **order):
    admin = unix_connection(str(bearward.directory / "admin.sock"))
    admin.request("POST", "/revoke", json.dumps(order), {"Content-Type": "application/json"})
    assert admin.getresponse().status == 204
    admin.close()


def test_status_counts_the_entries(bearward):
    assert json.loads(bearward.admin("/status")[1])["providers"]["devices"]["keys"] == 3

