"""Each refusal of a token as a client sees it, and that nothing of it reaches the app."""

import base64
import json
import time
import zlib

import certificates
import pytest
from cryptography.hazmat.primitives import serialization
from tokens import EC, ED, ISSUER, KEY_SET, RSA, assemble, bearer, claims, encode, hs256, mint, mint_with, tampered

INVALID = 'Bearer realm="bearward", error="invalid_token", error_description="The token is not valid"'
EXPIRED = 'Bearer realm="bearward", error="invalid_token", error_description="The token has expired"'
FORBIDDEN = 'Bearer realm="bearward", error="insufficient_scope"'


def assert_refused(bearward, app, answer, status, detail, challenge, reason):
    assert answer.status == status, answer
    assert json.loads(answer.body) == {"detail": detail}
    assert answer.get("WWW-Authenticate") == challenge
    assert answer.get("Content-Type") == "application/json"
    assert answer.get("Cache-Control") == "no-store"
    assert answer.get("Content-Length") == str(len(answer.body))
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert record["reason"] == reason and record["status"] == status
    assert app.heads == []


def test_a_good_token_is_forwarded(bearward, app):
    assert bearward.fetch(target="/app/x", headers=bearer(mint())).status == 200
    assert app.last.target == "/app/x"


def test_without_a_token_it_is_401_with_exactly_this_challenge_and_body(bearward, app):
    answer = bearward.fetch(target="/app")
    assert_refused(bearward, app, answer, 401, "Not authenticated", 'Bearer realm="bearward"', "token_missing")
    assert answer.body == b'{"detail":"Not authenticated"}'


@pytest.mark.parametrize("authorization", ["Basic dTpw", "Digest x", "Bearerx y", "Negotiate abc"])
def test_another_scheme_is_no_credential(bearward, app, authorization):
    answer = bearward.fetch(target="/app", headers={"Authorization": authorization})
    assert_refused(bearward, app, answer, 401, "Not authenticated", 'Bearer realm="bearward"', "token_missing")


def test_an_expired_token(bearward, app):
    answer = bearward.fetch(target="/app", headers=bearer(mint(exp=int(time.time()) - 5)))
    assert_refused(bearward, app, answer, 401, "Token has expired", EXPIRED, "token_expired")


def flipped(token, part):
    """With one bit of a part changed (not among the unused bits of its last character)."""
    parts = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    middle = len(parts[part]) // 2
    changed = alphabet[alphabet.index(parts[part][middle]) ^ 1]
    parts[part] = parts[part][:middle] + changed + parts[part][middle + 1:]
    return ".".join(parts)


HEADER = {"alg": "HS256", "typ": "JWT"}
NOW = int(time.time())
REFUSED = {
    "claims changed after signing": (lambda: tampered(mint(), roles=["admin"]), "signature_invalid"),
    "a bit of the signature": (lambda: flipped(mint(), 2), "signature_invalid"),
    "another secret": (lambda: assemble(HEADER, claims(), hs256(b"x" * 40)), "signature_invalid"),
    "an empty signature": (lambda: mint().rsplit(".", 1)[0] + ".", ("signature_invalid", "token_malformed")),
    "alg none without signature": (lambda: assemble({"alg": "none"}, claims(), lambda _: b""), ("algorithm_not_allowed", "token_malformed")),
    "alg None with signature": (lambda: assemble({"alg": "None"}, claims(), hs256()), "algorithm_not_allowed"),
    "alg HS512 not in the list": (lambda: assemble({"alg": "HS512"}, claims(), hs256()), "algorithm_not_allowed"),
    "alg hs256 in lower case": (lambda: assemble({"alg": "hs256"}, claims(), hs256()), "algorithm_not_allowed"),
    "a genuine RS256 token": (lambda: mint_with(RSA), "algorithm_not_allowed"),
    "alg missing": (lambda: assemble({"typ": "JWT"}, claims(), hs256()), "token_malformed"),
    "crit": (lambda: assemble({**HEADER, "crit": ["exp"]}, claims(), hs256()), "token_malformed"),
    "b64 false": (lambda: assemble({**HEADER, "b64": False}, claims(), hs256()), "token_malformed"),
    "two parts": (lambda: mint().rsplit(".", 1)[0], "token_malformed"),
    "four parts": (lambda: mint() + ".x", "token_malformed"),
    "five parts (JWE)": (lambda: mint() + ".x.y", "token_malformed"),
    "padding": (lambda: mint() + "=", "token_malformed"),
    "not base64url": (lambda: "a+b." + mint().split(".", 1)[1], "token_malformed"),
    "claims are no object": (lambda: assemble(HEADER, b"[]", hs256()), "token_malformed"),
    "a name twice": (lambda: assemble(HEADER, json.dumps(claims()).encode()[:-1] + b',"sub":"admin"}', hs256()), "token_malformed"),
    "exp as text": (lambda: mint(exp=str(NOW + 600)), "token_malformed"),
    "exp null": (lambda: assemble(HEADER, {**claims(), "exp": None}, hs256()), "claim_missing"),
    "exp negative": (lambda: mint(exp=-1), "token_malformed"),
    "exp beyond 2^53": (lambda: mint(exp=2**53 + 2), "token_malformed"),
    "no exp": (lambda: mint(exp=None), "claim_missing"),
    "not yet valid": (lambda: mint(nbf=NOW + 3600), "token_not_yet_valid"),
    "issued in the future": (lambda: mint(iat=NOW + 3600), "token_not_yet_valid"),
    "another issuer": (lambda: mint(iss="https://evil.test/"), "issuer_mismatch"),
    "no issuer": (lambda: mint(iss=None), "issuer_mismatch"),
    "the issuer in other case": (lambda: mint(iss=ISSUER.upper()), "issuer_mismatch"),
    "another audience": (lambda: mint(aud=["other", "widgets2"]), "audience_mismatch"),
    "no audience": (lambda: mint(aud=None), "audience_mismatch"),
    "an unfitting typ": (lambda: assemble({"alg": "HS256", "typ": "dpop+jwt"}, claims(), hs256()), "type_mismatch"),
    "bound to a key": (lambda: mint(cnf={"jkt": "x"}), "binding_unverified"),
    "a subject that is an object": (lambda: mint(sub={"id": 1}), "claim_missing"),
    "longer than max_token": (lambda: mint(padding="x" * 16384), "token_malformed"),
    "no token after Bearer": (lambda: "", "token_malformed"),
    "spaces within": (lambda: mint().replace(".", " .", 1), "token_malformed"),
    "garbage": (lambda: "garbage", "token_malformed"),
}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.replace(" ", "_"))
def test_refused(bearward, app, case):
    make, reason = REFUSED[case]
    answer = bearward.fetch(target="/app", headers=bearer(make()))
    if isinstance(reason, tuple):  # whichever check comes first
        accepted, reason = reason, bearward.access_record(answer.get("X-Request-Id"))["reason"]
        assert reason in accepted
    assert_refused(bearward, app, answer, 401, "Could not validate credentials", INVALID, reason)


@pytest.mark.parametrize("pair", [RSA, EC, ED], ids=lambda pair: pair.algorithm)
def test_public_keys_of_a_key_set(bearward, app, pair):
    assert bearward.fetch(target="/set", headers=bearer(mint_with(pair))).status == 200
    assert bearward.fetch(target="/set", headers=bearer(mint_with(pair, kid=False))).status == 200
    app.forget()
    forged = bearward.fetch(target="/set", headers=bearer(flipped(mint_with(pair), 2)))
    assert_refused(bearward, app, forged, 401, "Could not validate credentials", INVALID, "signature_invalid")
    changed = bearward.fetch(target="/set", headers=bearer(tampered(mint_with(pair), sub="root")))
    assert_refused(bearward, app, changed, 401, "Could not validate credentials", INVALID, "signature_invalid")


def test_an_unknown_kid(bearward, app):
    token = assemble({"alg": "EdDSA", "kid": "nobody"}, claims(), ED.private.sign)
    answer = bearward.fetch(target="/set", headers=bearer(token))
    assert_refused(bearward, app, answer, 401, "Could not validate credentials", INVALID, "key_not_found")


def test_the_key_of_another_algorithm(bearward, app):
    token = assemble({"alg": "RS256", "kid": "ed-1"}, claims(), ED.private.sign)
    answer = bearward.fetch(target="/set", headers=bearer(token))
    assert answer.status == 401 and app.heads == []
    assert bearward.access_record(answer.get("X-Request-Id"))["reason"] in ("key_not_found", "algorithm_not_allowed", "signature_invalid")


@pytest.mark.parametrize("target", ["/confused", "/set", "/pem"])
@pytest.mark.parametrize("secret", [RSA.public_pem, RSA.public_pem.strip(), b"", b"null"], ids=["pem", "pem_stripped", "empty", "null"])
@pytest.mark.parametrize("kid", ["rsa-1", None])
def test_hs256_signed_with_the_rsa_public_key(bearward, app, target, secret, kid):
    header = {"alg": "HS256", "typ": "JWT", **({"kid": kid} if kid else {})}
    answer = bearward.fetch(target=target, headers=bearer(assemble(header, claims(), hs256(secret))))
    assert answer.status == 401 and app.heads == []
    reason = bearward.access_record(answer.get("X-Request-Id"))["reason"]
    assert reason in ("key_not_found", "algorithm_not_allowed") if target == "/confused" else reason == "algorithm_not_allowed"


def forms_of(public):
    """Every text and byte string in which somebody may hold this EC key."""
    form, encoding = serialization.PublicFormat, serialization.Encoding
    spki = public.public_bytes(encoding.DER, form.SubjectPublicKeyInfo)
    pem = public.public_bytes(encoding.PEM, form.SubjectPublicKeyInfo)
    ssh = public.public_bytes(encoding.OpenSSH, form.OpenSSH)
    point = public.public_bytes(encoding.X962, form.UncompressedPoint)
    certificate, _ = certificates.make("id.test", ["id.test"], key=EC.private)
    jwk = json.dumps(EC.jwk).encode()
    found = {
        "pem": pem, "pem stripped": pem.strip(), "pem in one line": pem.replace(b"\n", b""), "pem with CRLF": pem.replace(b"\n", b"\r\n"), "pem without armour": b"".join(pem.split(b"\n")[1:-2]),
        "der": spki, "ssh": ssh, "ssh with comment": ssh + b" key@host\n", "ssh blob": base64.b64decode(ssh.split()[1]), "point": point, "point without its first byte": point[1:],
        "compressed point": public.public_bytes(encoding.X962, form.CompressedPoint), "x": point[1:33], "y": point[33:], "jwk": jwk, "jwk set": KEY_SET.encode(),
        "jwk without spaces": json.dumps(EC.jwk, separators=(",", ":")).encode(), "x of the jwk": EC.jwk["x"].encode(), "certificate": certificate.public_bytes(encoding.PEM),
        "certificate in der": certificate.public_bytes(encoding.DER),
    }
    return {**found, **{name + ", base64": base64.b64encode(data) for name, data in found.items()}, **{name + ", hex": data.hex().encode() for name, data in found.items()}}


@pytest.mark.parametrize("target", ["/confused", "/set"])
def test_hs256_signed_with_a_form_of_the_ec_public_key(bearward, app, target):
    for name, secret in forms_of(EC.private.public_key()).items():
        for header in ({"alg": "HS256", "typ": "JWT"}, {"alg": "HS256", "typ": "JWT", "kid": EC.kid}):
            assert bearward.fetch(target=target, headers=bearer(assemble(header, claims(), hs256(secret)))).status == 401, (name, header)
    assert app.heads == []


def test_signatures_of_every_size(bearward, app):
    """Up to the longest token (max_token: 16 KiB); a head has no more room either."""
    for target, pair in (("/app", None), ("/set", EC), ("/set", RSA), ("/set", ED)):
        token = mint_with(pair) if pair else mint()
        unsigned = token.rpartition(".")[0]
        for size in [*range(0, 140), 255, 256, 257, 512, 1024, 4096, 8191, 11000, 16384, 21830, 65535, 65536]:
            answer = bearward.fetch(target=target, headers=bearer(unsigned + "." + encode(b"\x30" * size)))
            assert answer.status in (401, 431), (target, size, answer)
    assert app.heads == []


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 100, 16000])
def test_dots_alone(bearward, app, length):
    answer = bearward.fetch(target="/app", headers=bearer("." * length))
    assert_refused(bearward, app, answer, 401, "Could not validate credentials", INVALID, "token_malformed")


@pytest.mark.parametrize("length", [1, 4, 1000, 5000])
@pytest.mark.parametrize("part", range(3))
def test_a_part_of_what_is_no_base64url(bearward, app, part, length):
    parts = mint().split(".")
    parts[part] = "=" * length
    answer = bearward.fetch(target="/app", headers=bearer(".".join(parts)))
    assert_refused(bearward, app, answer, 401, "Could not validate credentials", INVALID, "token_malformed")


def test_zip_inflates_nothing(bearward, app):
    """`zip` is of JWE (RFC 7516 section 4.1.3); a JWS that has it is what its bytes say, and a bomb stays small."""
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bomb.compress(b'{"sub":"' + b"a" * (8 << 20) + b'"}') + bomb.flush()
    assert len(packed) < 10000
    before = bearward.memory()
    for name in ("DEF", "GZIP", "BR", 1, ["DEF"]):
        answer = bearward.fetch(target="/app", headers=bearer(assemble({**HEADER, "zip": name}, packed, hs256())))
        assert_refused(bearward, app, answer, 401, "Could not validate credentials", INVALID, "token_malformed")
    jwe = ".".join([encode(json.dumps({"alg": "dir", "enc": "A256GCM", "zip": "DEF"}).encode()), "", encode(bytes(12)), encode(packed), encode(bytes(16))])
    answer = bearward.fetch(target="/app", headers=bearer(jwe))
    assert_refused(bearward, app, answer, 401, "Could not validate credentials", INVALID, "token_malformed")
    assert bearward.memory() - before < 4 << 20


@pytest.mark.parametrize("agent", [
    "kube-probe/1.29", "ELB-HealthChecker/2.0", "GoogleHC/1.0", "GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)", "Amazon-Route53-Health-Check-Service",
    "Consul Health Check", "Envoy/HC", "HAProxy", "Traefik", "Prometheus/2.42.0", "bearward", "Bearward-Healthcheck", "",
])
def test_the_user_agent_of_a_health_check_opens_nothing(bearward, app, agent):
    for target in ("/app", "/app/healthz", "/app/ping", "/app/readyz", "/app/oauth2/auth", "/app/robots.txt"):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert bearward.fetch(method, target, headers={"User-Agent": agent, "X-Forwarded-For": "127.0.0.1"}).status == 401
    for target in ("/healthz", "/readyz", "/ping", "/metrics", "/status"):
        assert bearward.fetch(target=target, headers={"User-Agent": agent}).status == 404
    assert app.heads == []


def test_keys_named_in_the_token_are_never_used(bearward, app):
    token = assemble({"alg": "EdDSA", "kid": "mine", "jwk": ED.jwk, "jku": "http://127.0.0.1:1/"}, claims(), ED.private.sign)
    answer = bearward.fetch(target="/set", headers=bearer(token))
    assert answer.status == 401 and app.heads == []


def test_a_pem_file(bearward, app):
    assert bearward.fetch(target="/pem", headers=bearer(mint_with(RSA))).status == 200
    app.forget()
    answer = bearward.fetch(target="/pem", headers=bearer(mint_with(EC)))
    assert_refused(bearward, app, answer, 401, "Could not validate credentials", INVALID, "algorithm_not_allowed")


def test_without_the_role_it_is_403(bearward, app):
    answer = bearward.fetch(target="/app/admin", headers=bearer(mint()))
    assert_refused(bearward, app, answer, 403, "Not enough permissions", FORBIDDEN, "role_missing")
    assert answer.body == b'{"detail":"Not enough permissions"}'
    assert bearward.fetch(target="/app/admin", headers=bearer(mint(roles=["admin"]))).status == 200


@pytest.mark.parametrize("roles", ["ADMIN", "admins", ["adm", "in"], "", [], None, ["admin "]], ids=repr)
def test_roles_are_compared_exactly(bearward, app, roles):
    answer = bearward.fetch(target="/app/admin", headers=bearer(mint(roles=roles)))
    assert_refused(bearward, app, answer, 403, "Not enough permissions", FORBIDDEN, "role_missing")


def test_another_tenant_is_403(bearward, app):
    answer = bearward.fetch(target="/tenants/t-2/widgets", headers=bearer(mint(tid="t-1")))
    assert_refused(bearward, app, answer, 403, "Not enough permissions", FORBIDDEN, "tenant_mismatch")
    assert bearward.fetch(target="/tenants/t-1/widgets", headers=bearer(mint(tid="t-1"))).status == 200


@pytest.mark.parametrize("tenant", [None, "", "T-1", "t-1 ", "t-10", "t"], ids=repr)
def test_a_tenant_matches_byte_for_byte(bearward, app, tenant):
    answer = bearward.fetch(target="/tenants/t-1/widgets", headers=bearer(mint(tid=tenant)))
    assert_refused(bearward, app, answer, 403, "Not enough permissions", FORBIDDEN, "tenant_mismatch")


def test_two_tokens_are_400(bearward, app):
    challenge = 'Bearer realm="bearward", error="invalid_request"'
    answers = [
        bearward.fetch(target="/query?access_token=" + mint(), headers=bearer(mint(sub="u-2"))),
        bearward.fetch(target="/app", headers=[("Authorization", "Bearer " + mint()), ("Authorization", "Bearer " + mint(sub="u-2"))]),
        bearward.fetch(target="/app", headers=[("Authorization", "Bearer " + mint())] * 2),
        bearward.fetch(target="/query?access_token={0}&access_token={0}".format(mint())),
        bearward.fetch(target="/query?access_token={0}&%61ccess_token={1}".format(mint(), mint(sub="u-2"))),
    ]
    for answer in answers:
        assert_refused(bearward, app, answer, 400, "More than one credential", challenge, "token_multiple")


def test_the_same_token_in_two_places_counts_once(bearward, app):
    token = mint()
    assert bearward.fetch(target="/query?access_token=" + token, headers=bearer(token)).status == 200
    assert token not in app.last.raw_head.decode()


def test_the_scheme_is_case_insensitive(bearward, app):
    for scheme in ("bearer", "BEARER", "bEaReR"):
        assert bearward.fetch(target="/app", headers={"Authorization": scheme + " " + mint()}).status == 200


def test_a_body_is_not_needed_for_a_refusal_and_the_connection_goes_on(bearward, app):
    with bearward.connect() as wire:
        wire.send(b"POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        assert wire.response().status == 401
        wire.send(b"GET /app HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % mint().encode())
        assert wire.response().status == 200
    assert len(app.requests) == 1


def test_a_head_request_is_refused_without_a_body(bearward):
    with bearward.connect() as wire:
        wire.send(b"HEAD /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = wire.response(to_head=True)
        assert answer.status == 401 and answer.get("Content-Length") == str(len('{"detail":"Not authenticated"}'))
        assert wire.rest() == b""


