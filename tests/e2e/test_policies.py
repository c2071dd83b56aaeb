"""Whose tokens count where, and what they must say: several providers, revocation, requirements, origins of sockets."""

import json
import signal
import struct
import time

import pytest
from frames import handshake, read_frame
from tokens import EC, ED, RSA, assemble, bearer, claims, encode, hs256, mint, mint_with

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"]}
  sockets: {servers: ["@websocket@"]}
providers:
  first: {issuer: https://first.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
  second: {issuer: https://second.test/, audiences: [widgets], algorithms: [RS256], keys: {jwks_file: jwks.json}}
  rest: {audiences: [widgets], algorithms: [ES256], keys: {jwks_file: jwks.json}}
  edge:
    issuer: https://edge.test/
    audiences: [widgets]
    algorithms: [RS256]
    keys: {jwks_file: jwks.json}
    header: Cf-Access-Jwt-Assertion
    query_parameter: cf_token
  strict:
    issuer: https://id.test/
    audiences: [widgets, gadgets]
    algorithms: [HS256]
    keys: {secret: {file: secret}}
    types: [at+jwt]
    require_type: true
    max_lifetime: 10m
    required_claims: {token_use: access, plan: [free, pro], "org.id": {present: true}}
  main:
    issuer: https://id.test/
    audiences: [widgets]
    algorithms: [HS256]
    keys: {secret: {file: secret}}
    revocation: {file: revoked.txt}
  mixed: {issuer: https://id.test/, audiences: [widgets], algorithms: [RS256, ES256, EdDSA], keys: {jwks_file: mixed.json}}
policies:
  staff: {any: [{roles: [admin]}, {roles: [support]}]}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /several, name: several, providers: [first, second, rest, edge], token_from: [header, query]}
  - {prefix: /edge, name: edge, providers: [edge], token_from: [header, query]}
  - {prefix: /strict, name: strict, providers: [strict]}
  - {prefix: /mixed, name: mixed, providers: [mixed]}
  - {prefix: /main, name: main}
  - {prefix: /optional, name: optional, auth: optional}
  - {prefix: /optional/own, name: optional_own, auth: optional, require: {roles: [reader]}}
  - {prefix: /observed, name: observed, mode: observe, require: {roles: [admin]}}
  - {prefix: /all-roles, name: all_roles, require: {all_roles: [reader, writer]}}
  - {prefix: /scopes, name: scopes, require: {scopes: [a, b]}}
  - {prefix: /all-scopes, name: all_scopes, require: {all_scopes: [a, b]}}
  - {prefix: /claims, name: claims, require: {claims: {plan: [free, pro], "org.id": {present: true}}}}
  - {prefix: "/orgs/{org}", name: orgs, require: {claims: {"org.id": "{org}"}}}
  - {prefix: /any, name: any, require: {any: [{roles: [writer]}, {scopes: [a]}]}}
  - {prefix: /all, name: all, require: {all: [{roles: [writer]}, {scopes: [a]}]}}
  - {prefix: /not, name: not, require: {not: {roles: [guest]}}}
  - {prefix: /staff, name: staff, require: {policy: staff}}
  - {prefix: /ws, name: ws, upstream: sockets, websocket: {origins: ["https://app.test", "http://localhost:3000"]}}
  - {prefix: /ws/http, name: ws_http, upstream: sockets, websocket: {origins: ["https://app.test"], reject_with: http}}
  - {prefix: /ws/auto, name: ws_auto, upstream: sockets, websocket: {origins: ["https://app.test"], reject_with: auto}}
  - {prefix: /ws/null, name: ws_null, upstream: sockets, websocket: {origins: ["null"]}}
  - {prefix: /ws/open, name: ws_open, upstream: sockets, auth: none, websocket: {origins: ["https://app.test"]}}
"""

BAD_KEYS = [{"kty": "RSA", "kid": "no-numbers"}, {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"}, {"kty": "XX"}, 7]


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream, websocket_upstream):
    from conftest import bearward_process

    directory = tmp_path_factory.mktemp("policies")
    (directory / "mixed.json").write_text(json.dumps({"keys": [*BAD_KEYS, RSA.jwk, {**EC.jwk, "use": "enc"}, ED.jwk]}))
    (directory / "revoked.txt").write_text("# nobody yet\n")
    process = bearward_process(directory, CONFIGURATION, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


def reason(bearward, answer):
    return bearward.access_record(answer.get("X-Request-Id"))["reason"]


def refusal(bearward, target, headers):
    """(status, reason)"""
    answer = bearward.fetch(target=target, headers=headers)
    return answer.status, reason(bearward, answer)


def typed(**changes):
    """An access token of RFC 9068 that the strict provider accepts, changed as told."""
    header = {"alg": "HS256", "typ": changes.pop("typ", "at+jwt")}
    said = {"token_use": "access", "plan": "pro", "org": {"id": "o-1"}, **changes}
    return assemble({name: value for name, value in header.items() if value}, claims(**said), hs256())


def test_a_token_goes_to_the_provider_of_its_issuer(bearward, app):
    for token in (mint(iss="https://first.test/"), mint_with(RSA, iss="https://second.test/"), mint_with(EC, iss="https://other.test/"),
                  mint_with(EC, iss=None)):
        assert bearward.fetch(target="/several", headers=bearer(token)).status == 200
    assert len(app.heads) == 4


def test_no_provider_is_tried_after_another_refused(bearward, app):
    # Each is good for another provider of the route, but names the wrong one.
    assert refusal(bearward, "/several", bearer(mint_with(EC, iss="https://first.test/"))) == (401, "algorithm_not_allowed")
    assert refusal(bearward, "/several", bearer(mint(iss="https://second.test/"))) == (401, "algorithm_not_allowed")
    assert refusal(bearward, "/several", bearer(mint(iss="https://other.test/"))) == (401, "algorithm_not_allowed")
    assert app.heads == []


def test_another_header_carries_the_raw_token_and_is_removed(bearward, app):
    token = mint_with(RSA, iss="https://edge.test/")
    for value in (token, "Bearer " + token):
        assert bearward.fetch(target="/edge", headers={"Cf-Access-Jwt-Assertion": value}).status == 200
    assert bearward.fetch(target="/edge?a=1&cf_token=" + token).status == 200
    assert all("cf-access-jwt-assertion" not in {name.lower() for name, _ in head.headers} for head in app.heads)
    assert app.heads[2].target == "/edge?a=1"
    # Authorization is nobody's place on this route.
    assert refusal(bearward, "/edge", bearer(token)) == (401, "token_missing")


def test_the_place_of_a_token_belongs_to_its_provider(bearward, app):
    # In Authorization the edge's token is not looked for, and in the edge's header no other provider's.
    assert bearward.fetch(target="/several", headers=bearer(mint_with(RSA, iss="https://edge.test/"))).status == 401
    assert bearward.fetch(target="/several", headers={"Cf-Access-Jwt-Assertion": mint(iss="https://first.test/")}).status == 401
    assert app.heads == []


def test_credentials_found_twice(bearward, app):
    token, other = mint(iss="https://first.test/"), mint(iss="https://first.test/", sub="u-2")
    assert refusal(bearward, "/several?access_token=" + other, bearer(token)) == (400, "token_multiple")
    assert refusal(bearward, "/several?access_token=" + token + "&access_token=" + token, {}) == (400, "token_multiple")
    assert refusal(bearward, "/several", [("Authorization", "Bearer " + token)] * 2) == (400, "token_multiple")
    assert refusal(bearward, "/several", {**bearer(token), "Cf-Access-Jwt-Assertion": other}) == (400, "token_multiple")
    assert app.heads == []
    assert bearward.fetch(target="/several?access_token=" + token, headers=bearer(token)).status == 200
    assert app.heads[0].target == "/several"


@pytest.mark.parametrize("changes, why", [
    ({"typ": "JWT"}, "type_mismatch"),
    ({"typ": None}, "type_mismatch"),
    ({"aud": ["other"]}, "audience_mismatch"),
    ({"aud": None}, "audience_mismatch"),
    ({"token_use": "refresh"}, "claim_mismatch"),
    ({"token_use": None}, "claim_missing"),
    ({"plan": "none"}, "claim_mismatch"),
    ({"org": {}}, "claim_missing"),
    ({"org": {"id": ""}}, "claim_missing"),
    ({"iat": None}, "claim_missing"),
    ({"iat": int(time.time()) - 60, "exp": int(time.time()) + 900}, "lifetime_too_long"),
    ({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}, "binding_unverified"),
    ({"cnf": {}}, "binding_unverified"),
])
def test_what_a_provider_demands(bearward, app, changes, why):
    assert refusal(bearward, "/strict", bearer(typed(**changes))) == (401, why)
    assert app.heads == []


def test_what_a_provider_accepts(bearward):
    for changes in ({}, {"typ": "application/at+JWT"}, {"aud": ["other", "gadgets"]}, {"plan": ["x", "free"]}, {"org": {"id": 7}}):
        assert bearward.fetch(target="/strict", headers=bearer(typed(**changes))).status == 200, changes


def test_bad_keys_of_a_set_are_skipped_with_a_warning(bearward):
    assert bearward.fetch(target="/mixed", headers=bearer(mint_with(RSA))).status == 200
    assert bearward.fetch(target="/mixed", headers=bearer(mint_with(ED))).status == 200
    assert refusal(bearward, "/mixed", bearer(mint_with(EC))) == (401, "key_not_found")
    assert "no-numbers" in bearward.log()


def test_optional(bearward, app):
    assert bearward.fetch(target="/optional").status == 200
    assert refusal(bearward, "/optional", {"Authorization": "Bearer x"}) == (401, "token_malformed")
    assert refusal(bearward, "/optional/own", {}) == (401, "token_missing")
    assert bearward.fetch(target="/optional/own", headers=bearer(mint())).status == 200
    assert len(app.heads) == 2


def test_observed_requirements_forward_and_tell(bearward, app):
    answer = bearward.fetch(target="/observed", headers=bearer(mint()))
    assert answer.status == 200
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert record["mode"] == "observe" and record["reason"] == "role_missing"
    assert len(app.heads) == 1
    # Everything but the requirement is enforced.
    assert refusal(bearward, "/observed", {}) == (401, "token_missing")
    assert refusal(bearward, "/observed", bearer(mint(exp=int(time.time()) - 60))) == (401, "token_expired")


REQUIREMENTS = [
    ("/all-roles", {"roles": ["reader", "writer", "x"]}, {"roles": ["reader"]}, "role_missing"),
    ("/scopes", {"scope": "b"}, {"scope": "c"}, "scope_missing"),
    ("/all-scopes", {"scope": "b a"}, {"scope": "a"}, "scope_missing"),
    ("/claims", {"plan": "pro", "org": {"id": 1}}, {"plan": "gold", "org": {"id": 1}}, "claim_denied"),
    ("/orgs/o-1", {"org": {"id": "o-1"}}, {"org": {"id": "o-2"}}, "claim_denied"),
    ("/any", {"roles": [], "scope": "a"}, {"scope": "b"}, "policy_denied"),
    ("/all", {"roles": ["writer"], "scope": "a"}, {"roles": ["writer"], "scope": "b"}, "policy_denied"),
    ("/not", {"roles": ["reader"]}, {"roles": ["reader", "guest"]}, "policy_denied"),
    ("/staff", {"roles": ["support"]}, {"roles": ["reader"]}, "policy_denied"),
]


@pytest.mark.parametrize("target, good, bad, why", REQUIREMENTS)
def test_requirements(bearward, app, target, good, bad, why):
    assert bearward.fetch(target=target, headers=bearer(mint(**good))).status == 200
    assert refusal(bearward, target, bearer(mint(**bad))) == (403, why)
    assert len(app.heads) == 1


def test_missing_scopes_are_named(bearward):
    answer = bearward.fetch(target="/all-scopes", headers=bearer(mint(scope="a")))
    assert answer.get("WWW-Authenticate") == 'Bearer realm="bearward", error="insufficient_scope", scope="b"'


def test_revocations_count_from_the_next_reload_and_a_broken_line_is_left_out(bearward, app):
    revoked = bearward.directory / "revoked.txt"
    token, same_tenant, other = mint(jti="t-1"), mint(sub="u-2", jti="t-2"), mint(sub="u-3", tid="t-3", jti="t-3")

    def reload(text, done):
        revoked.write_text(text)
        bearward.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 15
        while not done():
            assert time.monotonic() < deadline, bearward.log()[-3000:]
            time.sleep(0.05)

    def status(which):
        return bearward.fetch(target="/main", headers=bearer(which)).status

    assert status(token) == 200
    reload("jti:t-1\n", lambda: status(token) == 401)
    answer = bearward.fetch(target="/main", headers=bearer(token))
    assert answer.status == 401 and answer.body == b'{"detail":"Could not validate credentials"}'
    assert reason(bearward, answer) == "token_revoked"
    assert status(same_tenant) == 200

    reload("jti:t-1\nthis is no line of it\nuser:u-3\n", lambda: status(other) == 401)
    assert status(token) == 401 and status(same_tenant) == 200
    assert "revoked.txt:2: expected jti:ID" in bearward.log()

    reload("tenant:t-1\nuser:u-3\n", lambda: status(same_tenant) == 401)
    assert status(token) == 401 and status(other) == 401
    reload("", lambda: (status(token), status(same_tenant), status(other)) == (200, 200, 200))


def opened(bearward, target, origin):
    wire = bearward.connect()
    headers = list(bearer(mint()).items()) + [("Origin", value) for value in ([origin] if isinstance(origin, str) else origin)]
    wire.send(handshake(target, headers))
    return wire, wire.response()


@pytest.mark.parametrize("target, origin", [
    ("/ws", "https://app.test"), ("/ws", "HTTPS://APP.test"), ("/ws", "http://localhost:3000"), ("/ws/null", "null"),
    ("/ws/open", "https://app.test"), ("/ws/http", "https://app.test"),
])
def test_sockets_of_listed_origins_open(bearward, sockets, target, origin):
    wire, answer = opened(bearward, target, origin)
    with wire:
        assert answer.status == 101
    assert len(sockets.handshakes) == 1


@pytest.mark.parametrize("target, origin", [
    ("/ws", []), ("/ws", "https://evil.test"), ("/ws", "null"), ("/ws", "https://app.test:8443"), ("/ws", "https://app.test.evil.test"),
    ("/ws", ["https://app.test", "https://app.test"]), ("/ws/open", "https://evil.test"), ("/ws/auto", "https://evil.test"), ("/ws/null", []),
])
def test_sockets_of_other_origins_are_closed_with_1008(bearward, sockets, target, origin):
    wire, answer = opened(bearward, target, origin)
    with wire:
        assert answer.status == 101
        assert read_frame(wire) == (8, struct.pack("!H", 1008) + b"Not allowed")
    assert reason(bearward, answer) == "origin_denied"
    assert sockets.handshakes == []


@pytest.mark.parametrize("target, origin", [("/ws/http", "https://evil.test"), ("/ws/http", []), ("/ws/auto", [])])
def test_or_refused_with_403(bearward, sockets, target, origin):
    wire, answer = opened(bearward, target, origin)
    with wire:
        assert answer.status == 403 and answer.body == b'{"detail":"Not allowed"}' and answer.get("WWW-Authenticate") is None
    assert reason(bearward, answer) == "origin_denied"
    assert sockets.handshakes == []


def test_ordinary_requests_need_no_origin(bearward, sockets):
    assert bearward.fetch(target="/main", headers=bearer(mint())).status == 200
