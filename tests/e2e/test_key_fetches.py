"""Keys from a URL: whatever the key server does, good tokens stay good and no bad one passes; who is not there costs only its own routes."""

import json
import re
import time

import pytest
from certificates import authority
from conftest import SLOWNESS
from key_server import key_server, key_set, ok
from tokens import ISSUER, bearer, key_pair, mint, mint_with, tampered

OLD = key_pair("ES256", "old")
NEW = key_pair("ES256", "new")
FORGED = key_pair("ES256", "old")  # the kid of another's key

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  fetched: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [ES256], keys: {@keys@}, jwks: {@jwks@}}
  local: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
routes:
  - {prefix: /fetched, name: fetched, upstream: app, providers: [fetched]}
  - {prefix: /local, name: local, upstream: app, providers: [local]}
  - {prefix: /public, name: public, upstream: app, auth: none}
"""
QUICK = "refresh: 1s, min_refresh: 1s, timeout: 500ms"


def configured(keys, jwks=QUICK):
    return CONFIGURATION.replace("@keys@", keys).replace("@jwks@", jwks)


def from_url(server, jwks=QUICK, **more):
    return configured(f'jwks_url: "{server.url(**more)}"', jwks)


def of_provider(process, name="fetched"):
    return json.loads(process.admin("/status")[1])["providers"][name]


def wait_for(process, what, within=10):
    """Until the provider's status is such."""
    deadline = time.monotonic() + within * SLOWNESS
    while not what(told := of_provider(process)):
        assert time.monotonic() < deadline, f"{told}\n{process.log()[-3000:]}"
        time.sleep(0.02)
    return told


def ask(process, pair, target="/fetched", **claims):
    return process.fetch(target=target, headers=bearer(mint_with(pair, **claims))).status


@pytest.fixture
def servers():
    """Makes key servers, and ends them."""
    made = []

    def make(*arguments, **answers):
        made.append(key_server(*arguments, **answers))
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory, http_upstream):
    """A proxy with keys, whose server goes wrong in one test after the other."""
    from conftest import bearward_process

    server = key_server(keys=ok(key_set(OLD)))
    process = bearward_process(tmp_path_factory.mktemp("bearward"), from_url(server), http=http_upstream.address)
    yield process, server
    server.stop()
    process.stop()


TROUBLE = {
    "reset": (lambda server: server.reset, "Connection reset|ended within"),
    "no_answer": (lambda server: server.stall, "no answer within 500 ms"),
    "half_an_answer_that_stalls": (lambda server: server.stall_within, "no answer within 500 ms"),
    "a_trickle": (lambda server: server.trickle, "no answer within 500 ms"),
    "500": (lambda _: b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "answered 500"),
    "204": (lambda _: b"HTTP/1.1 204 No Content\r\n\r\n", "answered 204"),
    "an_interim_answer": (lambda _: b"HTTP/1.1 103 Early Hints\r\n\r\n" + ok(key_set(NEW)), "answered 103"),
    "redirect": (lambda server: b"HTTP/1.1 302 Found\r\nLocation: /others\r\nContent-Length: 0\r\n\r\n", "answered 302; redirects"),
    "garbage": (lambda _: b"\x00\xff\x16\x03\x01 nothing\r\n\r\n", "is not HTTP"),
    "a_page": (lambda _: ok(b"<html>Please log in</html>"), "/keys: "),
    "no_json": (lambda _: ok(b'{"keys": ['), "/keys: "),
    "no_keys": (lambda _: ok({"keys": []}), "/keys: "),
    "names_twice": (lambda _: ok(b'{"keys": [], "keys": [' + json.dumps(NEW.jwk).encode() + b"]}"), "/keys: "),
    "secrets_alone": (lambda _: ok({"keys": [{"kty": "oct", "kid": "old", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}]}), "/keys: "),
    "half_a_body": (lambda _: ok(key_set(NEW))[:-20], "ended within the answer"),
    "half_a_body_until_close": (lambda _: b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps(key_set(NEW)).encode()[:-20], "/keys: "),
    "10_mb": (lambda _: ok(b" " * 10_000_000 + json.dumps(key_set(NEW)).encode()), "longer than 1048576 bytes"),
    "10_mb_in_chunks": (lambda _: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"ffff\r\n" + b" " * 65535 + b"\r\n") * 160, "longer than 1048576"),
    "a_chunk_line_without_end": (lambda server: server.endless_chunk_line, "does not end|is not HTTP"),
    "a_head_without_end": (lambda server: server.endless_head, "is not HTTP|does not end"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_of_the_key_server_changes_no_verdict(shared, name):
    process, server = shared
    server.answers["/others"] = ok(key_set(NEW))
    answer, expected = TROUBLE[name]
    server.answers["/keys"] = answer(server)
    wait_for(process, lambda told: told["last_error"] and re.search(expected, told["last_error"]))
    assert ask(process, OLD) == 200
    assert ask(process, FORGED) == 401
    assert process.fetch(target="/fetched", headers=bearer(tampered(mint_with(OLD), sub="admin"))).status == 401
    # Its key may have been published meanwhile: nobody can say that it is bad.
    unknown = process.fetch(target="/fetched", headers=bearer(mint_with(NEW)))
    assert unknown.status == 503 and unknown.get("Retry-After") and b"Authentication is unavailable" in unknown.body
    assert process.admin("/readyz")[0] == 200 and process.memory() < 300 << 20
    server.answers["/keys"] = ok(key_set(OLD))
    told = wait_for(process, lambda told: told["last_error"] is None)
    assert told["keys"] == 1 and ask(process, NEW) == 401


def test_a_server_that_is_away_is_asked_again_with_growing_pauses(servers, start):
    server = servers(keys=b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    process = start(from_url(server, "min_refresh: 10s"), ready=False)
    server.wait_asked(3)
    times = [each[2] for each in server.requests[:3]]
    assert 0.7 <= times[1] - times[0] <= 1.5 * SLOWNESS and 1.5 <= times[2] - times[1] <= 3 * SLOWNESS, times
    assert ask(process, OLD) == 503
    asked = server.asked()
    for _ in range(50):  # no request is another try
        assert ask(process, NEW) == 503
    assert server.asked() <= asked + 1
    server.answers["/keys"] = ok(key_set(OLD))
    wait_for(process, lambda told: told["keys"] == 1, within=15)
    assert ask(process, OLD) == 200


def test_before_the_first_keys_only_their_own_routes_wait(servers, start):
    server = servers(keys=b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    process = start(from_url(server), ready=False)
    server.wait_asked(1)
    wait_for(process, lambda told: told["last_error"])
    status, why = process.admin("/readyz")
    assert status == 503 and "provider fetched has no keys" in why and "answered 503" in why
    refused = process.fetch(target="/fetched", headers=bearer(mint_with(OLD)))
    assert refused.status == 503 and refused.get("Retry-After") and refused.get("WWW-Authenticate") is None
    assert process.access_record(refused.get("X-Request-Id"))["reason"] == "keys_unavailable"
    assert process.fetch(target="/fetched").status == 401  # no key would help
    assert process.fetch(target="/local", headers=bearer(mint())).status == 200
    assert process.fetch(target="/public").status == 200
    told = of_provider(process)
    assert told["keys"] == 0 and told["age_seconds"] is None and told["next_refresh_seconds"] is not None
    server.answers["/keys"] = ok(key_set(OLD))
    process.wait_ready()
    assert ask(process, OLD) == 200


def test_the_first_request_waits_for_the_first_fetch(servers, start):
    server = servers()
    held = []
    server.answers["/keys"] = lambda peer: (held.append(1), time.sleep(0.7), peer.sendall(ok(key_set(OLD))))
    process = start(from_url(server, "timeout: 5s"), ready=False)
    assert process.admin("/readyz")[0] == 503
    assert ask(process, OLD) == 200 and len(held) == 1


@pytest.fixture(scope="module")
def trust(tmp_path_factory):
    made = authority(tmp_path_factory.mktemp("trust"))
    made.issue("good", "localhost", "127.0.0.1")
    made.issue("other_name", "other.test")
    made.issue("expired", "localhost", "127.0.0.1", began=-30, days=-1)
    stranger = authority(made.directory / "stranger", "Stranger")
    stranger.issue("good", "localhost", "127.0.0.1")
    return made


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_keys_over_https(servers, start, trust, host):
    server = servers(trust.directory / "good", keys=ok(key_set(OLD)))
    process = start(from_url(server, f"ca: {trust.path}", host=host))
    assert ask(process, OLD) == 200 and ask(process, FORGED) == 401
    assert server.requests[0][1]["host"] == f"{host}:{server.port}"


@pytest.mark.parametrize("certificate, expected", [
    ("other_name", "name|host"), ("expired", "expired"), ("stranger/good", "issuer|self-signed|verify")])
def test_a_certificate_that_proves_nothing_brings_no_keys(servers, start, trust, certificate, expected):
    server = servers(trust.directory / certificate, keys=ok(key_set(OLD)))
    process = start(from_url(server, f"ca: {trust.path}", host="localhost"), ready=False)
    told = wait_for(process, lambda told: told["last_error"])
    assert re.search(expected, told["last_error"]), told
    assert ask(process, OLD) == 503 and process.admin("/readyz")[0] == 503 and server.requests == []


def test_the_systems_authorities_do_not_know_a_private_one(servers, start, trust):
    server = servers(trust.directory / "good", keys=ok(key_set(OLD)))
    process = start(from_url(server, "timeout: 2s", host="localhost"), ready=False)
    wait_for(process, lambda told: told["last_error"])
    assert ask(process, OLD) == 503 and server.requests == []


def test_a_plain_server_behind_an_https_url_brings_no_keys(servers, start, trust):
    server = servers(keys=ok(key_set(OLD)))
    process = start(from_url(server, f"ca: {trust.path}").replace("http://127", "https://127"), ready=False)
    wait_for(process, lambda told: told["last_error"])
    assert ask(process, OLD) == 503


def discovery(server, **changes):
    document = {"issuer": ISSUER, "jwks_uri": server.url("/jwks"), **changes}
    return ok({name: value for name, value in document.items() if value is not None})


def from_discovery(server):
    return configured(f'discovery_url: "{server.url("/document")}"')


def test_keys_through_a_discovery_document(servers, start):
    server = servers(jwks=ok(key_set(OLD)))
    server.answers["/document"] = discovery(server)
    process = start(from_discovery(server))
    assert ask(process, OLD) == 200 and ask(process, FORGED) == 401
    assert [each[0] for each in server.requests[:2]] == ["/document", "/jwks"]


@pytest.mark.parametrize("changes, expected", [
    ({"issuer": "https://id.test"}, "the document's issuer is 'https://id.test', which is not 'https://id.test/'"),
    ({"issuer": "https://evil.test/"}, "which is not"), ({"issuer": None}, "has no issuer"), ({"issuer": ["https://id.test/"]}, "has no issuer"),
    ({"jwks_uri": None}, "no jwks_uri"), ({"jwks_uri": "/jwks"}, "jwks_uri"), ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
    ({"jwks_uri": "http://user:word@127.0.0.1/"}, "jwks_uri")])
def test_a_document_that_is_not_the_issuers_brings_no_keys(servers, start, changes, expected):
    server = servers(jwks=ok(key_set(OLD)))
    server.answers["/document"] = discovery(server, **changes)
    process = start(from_discovery(server), ready=False)
    told = wait_for(process, lambda told: told["last_error"])
    assert expected in told["last_error"], told
    assert ask(process, OLD) == 503 and server.asked("/jwks") == 0


def test_over_https_a_document_names_no_plain_keys_elsewhere(servers, start, trust):
    server = servers(trust.directory / "good")
    server.answers["/document"] = discovery(server, jwks_uri="http://192.0.2.1/jwks")
    process = start(configured(f'discovery_url: "{server.url("/document")}"', f"ca: {trust.path}"), ready=False)
    told = wait_for(process, lambda told: told["last_error"])
    assert "http:// on another host" in told["last_error"], told
