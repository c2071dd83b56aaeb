"""Tokens that are bound to a client's certificate (RFC 8705) or key (RFC 9449)."""

import hashlib
import json
import shutil
import ssl
import subprocess
import threading
import time

import pytest
import tokens
from certificates import authority
from conftest import BINARY, SLOWNESS, bearward_process
from cryptography.hazmat.primitives import serialization
from frames import ACCEPT, handshake, read_frame
from proofs import prover
from tokens import bearer, encode, mint
from wire import connection, request

CONFIGURATION = """
version: 1
threads: 4
listen:
  - {address: 127.0.0.1:0, name: public}
  - address: 127.0.0.1:0
    name: secure
    tls: {certificates: [{certificate: tls/first.crt, private_key: tls/first.key}]}
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
  off: {audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
  accepted: {audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, dpop: accepted}
  required: {audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, dpop: required}
routes:
  - {prefix: /, name: accepted, upstream: app, providers: [accepted]}
  - {prefix: /off, name: off, upstream: app, providers: [off]}
  - {prefix: /required, name: required, upstream: app, providers: [required]}
  - {prefix: /keep, name: keep, upstream: app, providers: [accepted], forward_token: true}
  - {prefix: /admin, name: admin, upstream: app, providers: [accepted], require: {roles: [admin]}}
  - {prefix: /ws, name: ws, upstream: sockets, providers: [accepted], websocket: {reject_with: http}}
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    made = authority(tmp_path_factory.mktemp("tls"))
    made.issue("first", "first.test", "127.0.0.1")
    made.clients = authority(made.directory / "clients", "Clients' authority")
    made.hashes = {}
    for name in ("one", "two"):
        der = made.clients.issue(name, "client.test").public_bytes(serialization.Encoding.DER)
        made.hashes[name] = encode(hashlib.sha256(der).digest())
    return made


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, certificates, http_upstream, websocket_upstream):
    directory = tmp_path_factory.mktemp("bearward")
    shutil.copytree(certificates.directory, directory / "tls")
    process = bearward_process(directory, CONFIGURATION, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


class tls_wire(connection):
    def __init__(self, address, certificates, client=None):
        super().__init__(address)
        context = ssl.create_default_context(cafile=certificates.path)
        if client:
            context.load_cert_chain(f"{certificates.directory}/clients/{client}.crt", f"{certificates.directory}/clients/{client}.key")
        self.socket = context.wrap_socket(self.socket, server_hostname="first.test")


def ask(wire, target, headers, method="GET", **more):
    wire.send(request(method, target, headers, **more))
    return wire.response()


def fetch(bearward, target, headers, method="GET", **more):
    with bearward.connect() as wire:
        return ask(wire, target, headers, method, **more)


def refused(bearward, answer, app, cause):
    """It is binding_unverified for this cause, and nothing reached the upstream."""
    assert answer.status == 401, answer
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert record["reason"] == "binding_unverified"
    assert cause in record["cause"], record["cause"]
    assert not app.heads
    return answer.all("WWW-Authenticate")


def test_a_certificate_bound_token_counts_on_a_connection_with_that_certificate(bearward, certificates, app):
    token = mint(cnf={"x5t#S256": certificates.hashes["one"]})
    for listener in ("mutual", "either"):
        with tls_wire(bearward.addresses[listener], certificates, "one") as wire:
            for number in range(3):
                assert ask(wire, f"/off/{number}", bearer(token)).status == 200
                assert app.last.get("Authorization") is None
    app.forget()
    for listener, client in (("mutual", "two"), ("either", "two")):
        with tls_wire(bearward.addresses[listener], certificates, client) as wire:
            refused(bearward, ask(wire, "/off", bearer(token)), app, "another certificate")
    with tls_wire(bearward.addresses["either"], certificates) as wire:
        refused(bearward, ask(wire, "/off", bearer(token)), app, "no verified client certificate")
    with tls_wire(bearward.addresses["secure"], certificates, "one") as wire:
        refused(bearward, ask(wire, "/off", bearer(token)), app, "no verified client certificate")
    refused(bearward, fetch(bearward, "/off", bearer(token)), app, "no verified client certificate")


def test_a_resumed_session_still_has_its_certificate(bearward, certificates, app):
    token = mint(cnf={"x5t#S256": certificates.hashes["one"]})
    host, port = bearward.addresses["mutual"].rsplit(":", 1)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=certificates.path)
        context.minimum_version = context.maximum_version = version
        context.load_cert_chain(f"{certificates.directory}/clients/one.crt", f"{certificates.directory}/clients/one.key")
        session = None
        for resumed in (False, True):
            with connection(f"{host}:{port}") as wire:
                wire.socket = context.wrap_socket(wire.socket, server_hostname="first.test", session=session)
                assert wire.socket.session_reused == resumed
                assert ask(wire, "/off", bearer(token)).status == 200
                session = wire.socket.session


def test_certificates_that_a_client_writes_into_headers_bind_nothing(bearward, certificates, app):
    token = mint(cnf={"x5t#S256": certificates.hashes["one"]})
    headers = {**bearer(token), "X-SSL-Client-Cert": "x", "Client-Cert": ":AAAA:", "X-Forwarded-Client-Cert": "Hash=" + certificates.hashes["one"]}
    refused(bearward, fetch(bearward, "/off", headers), app, "no verified client certificate")


def test_other_confirmations_stay_refused(bearward, certificates, app):
    one = certificates.hashes["one"]
    for cnf in ({"x5t#S256": one, "jwe": "x"}, {"jwk": {}}, {"kid": "x"}, {}, "x", {"x5t#S256": one + "="}, {"x5t#S256": [one]}):
        with tls_wire(bearward.addresses["mutual"], certificates, "one") as wire:
            refused(bearward, ask(wire, "/off", bearer(mint(cnf=cnf))), app, "cnf")


def test_a_token_bound_to_a_key_counts_with_a_proof(bearward, app):
    client = prover()
    token = mint(cnf=client.cnf)
    answer = fetch(bearward, "/x?y=1", client.headers(token, "http://api.test/x"))
    assert answer.status == 200
    assert app.last.get("X-User-Id") == "u-1"
    assert app.last.get("Authorization") is None and app.last.get("DPoP") is None
    answer = fetch(bearward, "/x", client.headers(token, "http://API.test:80/%78?y#z", "POST"), "POST")
    assert answer.status == 200
    assert fetch(bearward, "/x", bearer(mint())).status == 200, "others stay as they are"
    headers = client.headers(token, "http://api.test/keep")
    assert fetch(bearward, "/keep", headers).status == 200
    assert app.last.get("Authorization") == headers["Authorization"] and app.last.get("DPoP") == headers["DPoP"]


def test_the_challenges(bearward, app):
    algs = 'algs="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519 Ed448'
    both = fetch(bearward, "/x", {}).all("WWW-Authenticate")
    assert both[0] == 'Bearer realm="bearward"' and both[1].startswith('DPoP realm="bearward", ' + algs) and "error" not in both[1]
    alone = fetch(bearward, "/required", {}).all("WWW-Authenticate")
    assert alone == [both[1]]
    assert fetch(bearward, "/off", {}).all("WWW-Authenticate") == ['Bearer realm="bearward"']
    client = prover()
    token = mint(cnf=client.cnf)
    for target in ("/x", "/required"):
        challenges = fetch(bearward, target, client.headers(token, "http://api.test/other")).all("WWW-Authenticate")
        assert challenges[-1] == both[1] + ', error="invalid_dpop_proof"'
    assert not app.heads


@pytest.mark.parametrize("cause, changes", [
    ("htm", {"htm": "POST"}), ("htm", {"htm": "get"}), ("htm", {"htm": None}),
    ("htu", {"htu": "https://api.test/x"}), ("htu", {"htu": "http://api.test/y"}), ("htu", {"htu": "http://other.test/x"}), ("htu", {"htu": None}),
    ("ath", {"ath": None}), ("ath", {"ath": encode(b"x" * 32)}),
    ("iat", {"iat": int(time.time()) - 3600}), ("iat", {"iat": int(time.time()) + 3600}), ("iat", {"iat": None}), ("iat", {"iat": "x"}),
    ("jti", {"jti": None}), ("jti", {"jti": ""}),
    ("typ", {"header": {"typ": "JWT"}}), ("typ", {"header": {"typ": None}}), ("alg", {"header": {"alg": "HS256"}}), ("alg", {"header": {"alg": "none"}}),
    ("jwk", {"header": {"jwk": None}}), ("cnf.jkt", {"header": {"jwk": {"kty": "oct", "k": "AAAA"}}}), ("crit", {"header": {"crit": ["x"]}}),
])
def test_a_bad_proof_is_refused(bearward, app, cause, changes):
    client = prover()
    token = mint(cnf=client.cnf)
    challenges = refused(bearward, fetch(bearward, "/x", client.headers(token, **{"url": "http://api.test/x", **changes})), app, cause)
    assert challenges[-1].endswith('error="invalid_dpop_proof"')


def test_what_else_is_refused(bearward, app):
    client, thief = prover(), prover()
    token = mint(cnf=client.cnf)
    url = "http://api.test/x"
    proof = client.proof(token, url)
    refused(bearward, fetch(bearward, "/x", {"Authorization": "DPoP " + token}), app, "no DPoP header")
    refused(bearward, fetch(bearward, "/x", thief.headers(token, url)), app, "cnf.jkt")
    refused(bearward, fetch(bearward, "/x", [("Authorization", "DPoP " + token), ("DPoP", proof), ("dpop", proof)]), app, "more than one")
    refused(bearward, fetch(bearward, "/x", {"Authorization": "DPoP " + token, "DPoP": proof[:-4] + "AAAA"}), app, "did not sign")
    private = {**client.jwk, "d": "AAAA"}
    refused(bearward, fetch(bearward, "/x", client.headers(token, url, header={"jwk": private})), app, "private key")
    for headers in (bearer(token), {**bearer(token), "DPoP": proof}):
        refused(bearward, fetch(bearward, "/x", headers), app, "did not come as Authorization: DPoP")
    refused(bearward, fetch(bearward, "/x", client.headers(mint(), url)), app, "has no cnf.jkt")
    refused(bearward, fetch(bearward, "/required", bearer(mint())), app, "dpop: required")
    refused(bearward, fetch(bearward, "/off", bearer(token)), app, "dpop: off")
    assert fetch(bearward, "/off", {"Authorization": "DPoP " + token, "DPoP": proof}).status == 401, "another scheme, so no credential"
    assert not app.heads
    assert fetch(bearward, "/x", {"Authorization": "DPoP " + token, "DPoP": proof}).status == 200, "none of these used it up"


def test_a_proof_counts_once_on_whatever_connection_and_worker(bearward, app):
    client = prover()
    token = mint(cnf=client.cnf)
    headers = client.headers(token, "http://api.test/x")
    statuses = []

    def attempt():
        statuses.append(fetch(bearward, "/x", headers).status)

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [401] * 15
    assert len(app.heads) == 1
    with bearward.connect() as wire:
        for _ in range(3):
            assert ask(wire, "/x", headers).status == 401
    assert len(app.heads) == 1
    fresh = client.headers(token, "http://api.test/x", jti=json.loads(tokens.base64.urlsafe_b64decode(headers["DPoP"].split(".")[1] + "=="))["jti"])
    app.forget()
    refused(bearward, fetch(bearward, "/x", fresh), app, "its jti was used before")


def test_a_proof_is_used_up_by_a_request_that_is_denied(bearward, app):
    client = prover()
    token = mint(cnf=client.cnf)
    headers = client.headers(token, "http://api.test/admin")
    assert fetch(bearward, "/admin", headers).status == 403
    refused(bearward, fetch(bearward, "/admin", headers), app, "its jti was used before")


def test_a_reload_forgets_no_proof(bearward, app):
    client = prover()
    token = mint(cnf=client.cnf)
    headers = client.headers(token, "http://api.test/x")
    assert fetch(bearward, "/x", headers).status == 200
    assert bearward.admin("/reload", "POST", {"Content-Type": "application/json"})[0] == 200
    app.forget()
    refused(bearward, fetch(bearward, "/x", headers), app, "its jti was used before")


def test_the_target_is_what_the_client_sees(bearward, certificates, app):
    client = prover()
    token = mint(cnf=client.cnf)
    with tls_wire(bearward.addresses["secure"], certificates) as wire:
        assert ask(wire, "/x", client.headers(token, "https://api.test/x")).status == 200
        assert ask(wire, "/x", client.headers(token, "http://api.test/x")).status == 401
        assert ask(wire, "/x", client.headers(token, "https://api.test:8443/x"), host="api.test:8443").status == 200
        assert ask(wire, "/x", client.headers(token, "https://api.test/x"), host="api.test:8443").status == 401
    app.forget()
    spoofed = {**client.headers(token, "https://api.example.com/x"), "X-Forwarded-Proto": "https", "X-Forwarded-Host": "api.example.com"}
    refused(bearward, fetch(bearward, "/x", spoofed), app, "htu")


def test_a_trusted_proxy_says_what_the_client_sees(start, app):
    process = start("""
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
trusted_proxies: [127.0.0.1]
upstreams: {app: {servers: ["@http@"]}}
providers: {main: {audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, dpop: required}}
routes: [{prefix: /, upstream: app, providers: [main]}]
""")
    client = prover()
    token = mint(cnf=client.cnf)
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "api.example.com"}
    assert fetch(process, "/x", {**client.headers(token, "https://api.example.com/x"), **forwarded}).status == 200
    assert fetch(process, "/x", {**client.headers(token, "http://api.test/x"), **forwarded}).status == 401
    assert fetch(process, "/x", client.headers(token, "http://api.test/x")).status == 200


def test_key_and_certificate_must_both_hold(bearward, certificates, app):
    client = prover()
    token = mint(cnf={**client.cnf, "x5t#S256": certificates.hashes["one"]})
    url = "https://api.test/x"
    with tls_wire(bearward.addresses["mutual"], certificates, "two") as wire:
        refused(bearward, ask(wire, "/x", client.headers(token, url)), app, "another certificate")
    with tls_wire(bearward.addresses["mutual"], certificates, "one") as wire:
        refused(bearward, ask(wire, "/x", {"Authorization": "DPoP " + token}), app, "no DPoP header")
        assert ask(wire, "/x", client.headers(token, url)).status == 200


def test_a_websocket_handshake_is_proven_as_a_get(bearward, sockets):
    client = prover()
    token = mint(cnf=client.cnf)
    headers = list(client.headers(token, "http://api.test/ws").items())
    with bearward.connect() as wire:
        wire.send(handshake("/ws", headers))
        answer = wire.response()
        assert answer.status == 101 and answer.get("Sec-WebSocket-Accept") == ACCEPT
    with bearward.connect() as wire:
        wire.send(handshake("/ws", headers))
        answer = wire.response()
        assert answer.status == 401 and answer.all("WWW-Authenticate")[-1].endswith('error="invalid_dpop_proof"')
    for headers in (client.headers(token, "ws://api.test/ws"), {"Authorization": "DPoP " + token}, {"Sec-WebSocket-Protocol": "bearer, " + token}):
        with bearward.connect() as wire:
            wire.send(handshake("/ws", list(headers.items())))
            assert wire.response().status == 401


def test_a_refused_handshake_is_closed(start):
    process = start("""
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {sockets: {servers: ["@websocket@"]}}
providers: {main: {audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, dpop: required}}
routes: [{prefix: /ws, upstream: sockets, providers: [main]}]
""")
    with process.connect() as wire:
        wire.send(handshake("/ws", list(bearer(mint()).items())))
        assert wire.response().status == 101
        assert read_frame(wire) == (8, b"\x03\xf0Could not validate credentials")


def explain(bearward, *arguments):
    run = subprocess.run([BINARY, "explain", "-c", bearward.configuration, "--host", "api.test", "--json", *arguments], capture_output=True, text=True,
                         timeout=30 * SLOWNESS)
    assert run.returncode in (0, 3), run.stderr
    return json.loads(run.stdout)


def test_explain_and_inspect_say_what_is_missing(bearward):
    client = prover()
    token = mint(cnf=client.cnf)
    proof = client.proof(token, "http://api.test/x")
    for _ in range(2):
        said = explain(bearward, "--path", "/x", "--token", token, "--header", "DPoP: " + proof)
        assert said["reason"] == "ok", "nothing is used up"
    assert explain(bearward, "--path", "/x", "--header", "Authorization: DPoP " + token, "--header", "DPoP: " + proof)["reason"] == "ok"
    said = explain(bearward, "--path", "/y", "--token", token, "--header", "DPoP: " + proof)
    assert said["reason"] == "binding_unverified" and "htu is 'http://api.test/x'" in said["cause"]
    assert said["answer"]["headers"]["WWW-Authenticate"].endswith('error="invalid_dpop_proof"')
    said = explain(bearward, "--path", "/x", "--header", "Authorization: DPoP " + token)
    assert said["cause"] == "there is no DPoP header"
    said = explain(bearward, "--path", "/off", "--token", mint(cnf={"x5t#S256": client.thumbprint}))
    assert "no verified client certificate" in said["cause"]
    assert token.rsplit(".", 1)[-1] not in json.dumps(said)
    run = subprocess.run([BINARY, "token", "inspect", token, "-c", bearward.configuration], capture_output=True, text=True, timeout=30 * SLOWNESS)
    assert run.returncode == 1
    assert "a DPoP proof by the key of cnf.jkt" in run.stdout + run.stderr


def test_policy_tests_are_given_their_identity(tmp_path):
    (tmp_path / "secret").write_bytes(tokens.SECRET)
    (tmp_path / "bearward.yaml").write_text("""
version: 1
listen: [{address: 127.0.0.1:0}]
upstreams: {app: {servers: [127.0.0.1:1]}}
providers: {main: {audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, dpop: required}}
routes: [{prefix: /, upstream: app, providers: [main], require: {roles: [admin]}}]
tests:
  - {name: admins, request: {path: /}, identity: {user: u, roles: [admin]}, expect: {status: 200}}
  - {name: others, request: {path: /}, identity: {user: u}, expect: {status: 403, reason: role_missing}}
  - {name: nobody, request: {path: /}, expect: {status: 401, reason: token_missing}}
""")
    run = subprocess.run([BINARY, "test", "-c", tmp_path / "bearward.yaml"], capture_output=True, text=True, timeout=30 * SLOWNESS)
    assert run.returncode == 0, run.stdout + run.stderr
