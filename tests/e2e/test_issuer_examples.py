"""The examples for issuers at work: a token in the issuer's published shape is who it says, and what is not for this API reaches nobody.

Each example runs as it stands, but for its addresses and the URLs of keys, which lead to a server of the test.
"""

import json
import re
import time

import jwt
import pytest
import yaml
from certificates import authority
from conftest import ROOT, bearward_process
from key_server import key_server, ok
from published_tokens import TOKENS
from tokens import RSA, assemble, bearer, hs256, key_pair

STRANGER = key_pair("RS256", RSA.kid)
CLUSTER_TOKEN = "bearwards-own-token-of-the-cluster"
IDENTITY = ("X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes")


def example_of(case):
    return TOKENS[case].get("example", case)


def published_keys(example):
    """The set that the issuer would publish: our keys, with the members that its own have."""
    keys = {}
    for case in (case for case in TOKENS if example_of(case) == example):
        entry = TOKENS[case]
        pair = entry.get("pair", RSA)
        bare = {name: value for name, value in pair.jwk.items() if name not in ("use", "alg", "key_ops")}
        for key in [{**bare, **entry["key"]}, *entry.get("beside", [])]:
            keys[key["kid"]] = key
    return {"keys": list(keys.values())}


def localised(example, server):
    """The example's text with addresses of this machine; what its keys' URLs led to is served there."""
    text = (ROOT / f"config/examples/{example}.yaml").read_text()
    parsed = yaml.safe_load(text)
    for provider in parsed["providers"].values():
        kind, url = next(iter(provider["keys"].items()))
        path = "/" + url.split("/", 3)[3]
        if kind == "discovery_url":
            issuer = provider["issuer"][0] if isinstance(provider["issuer"], list) else provider["issuer"]
            server.answers[path] = ok({"issuer": issuer.replace("{tid}", "{tenantid}"), "jwks_uri": server.url("/their/keys")})
            path = "/their/keys"
        server.answers[path] = ok(published_keys(example))
        text = text.replace(f'"{url}"', f'"{server.url("/" + url.split("/", 3)[3])}"')
    text = text.replace("0.0.0.0:8080", "127.0.0.1:0").replace("127.0.0.1:8000", "@http@")
    text = re.sub(r"name: (public|cluster)\}", "name: public}", text, count=1)
    text = text.replace("/var/run/secrets/kubernetes.io/serviceaccount/", "")
    assert not re.search(r'_url: "(?!https?://127\.0\.0\.1:)', text)
    return text.replace("\nupstreams:\n", '\nadmin: {address: "unix:@directory@/admin.sock"}\nupstreams:\n')


@pytest.fixture(scope="module")
def running(tmp_path_factory, http_upstream):
    """The proxy of an example, with its key server; each starts once."""
    started = {}

    def start(case):
        return of(case)[1]

    def of(case):
        example = example_of(case)
        if example not in started:
            directory = tmp_path_factory.mktemp(example)
            # Of the cluster's API server over TLS; a pod has these files.
            cluster = authority(directory) if example == "kubernetes" else None
            files = {}
            if cluster:
                cluster.issue("api-server", "127.0.0.1")
                files = {"ca.crt": cluster.path.read_text(), "token": CLUSTER_TOKEN + "\n"}
            server = key_server(directory / "api-server" if cluster else None)
            started[example] = (server, bearward_process(directory / "proxy", localised(example, server), http=http_upstream.address, files=files))
        return started[example]

    start.server = lambda case: of(case)[0]
    yield start
    for server, process in started.values():
        process.stop()
        server.stop()


def mint(case, pair=None, kid=None, **changes):
    entry = TOKENS[case]
    now = int(time.time())
    claims = {"iat": now, "auth_time": now, "exp": now + 600, **entry["claims"], **changes}
    own = entry.get("pair", RSA)
    pair = pair or own
    sign = jwt.algorithms.get_default_algorithms()[pair.algorithm].sign
    header = {"alg": pair.algorithm, "kid": kid or own.kid, **entry["header"]}
    return assemble(header, {name: value for name, value in claims.items() if value is not None}, lambda message: sign(message, pair.private))


def ask(process, method, path, token):
    answer = process.fetch(method=method, target=path, headers=bearer(token) if token else {})
    return answer.status, process.access_record(answer.get("X-Request-Id"))["reason"]


@pytest.mark.parametrize("case", TOKENS)
def test_a_token_of_the_published_shape_is_who_it_says(running, app, case):
    process = running(case)
    names = yaml.safe_load((ROOT / f"config/examples/{example_of(case)}.yaml").read_text()).get("identity_headers", IDENTITY)
    assert set(IDENTITY) <= set(names)
    for method, path, expected in TOKENS[case]["asks"]:
        answer = process.fetch(method=method, target=path, headers={**bearer(mint(case)), **{name: "spoofed" for name in names}})
        assert answer.status == 200, (method, path, process.access_record(answer.get("X-Request-Id")))
        for name in names:
            assert app.last.get(name) != "spoofed", name
        for name, value in expected.items():
            assert app.last.get(name) == value, (method, path, name, app.last.headers)
        assert app.last.get("Authorization") is None
    assert len(app.heads) == len(TOKENS[case]["asks"])


@pytest.mark.parametrize("case", TOKENS)
def test_it_opens_no_more_than_its_claims_say(running, app, case):
    process = running(case)
    for method, path, changes, reason in TOKENS[case]["denied"]:
        assert ask(process, method, path, mint(case, **changes)) == (403, reason), (method, path, changes)
    assert ask(process, TOKENS[case]["asks"][0][0], TOKENS[case]["asks"][0][1], None) == (401, "token_missing")
    assert not app.heads


@pytest.mark.parametrize("case", TOKENS)
def test_what_is_for_others_or_from_others_is_refused(running, app, case):
    process = running(case)
    method, path, _ = TOKENS[case]["asks"][0]
    for changes, reason in TOKENS[case]["refused"]:
        status, said = ask(process, method, path, mint(case, **changes))
        assert status == 401 and said in reason.split("|"), (changes, status, said)
    now = int(time.time())
    assert ask(process, method, path, mint(case, iat=now - 7200, auth_time=now - 7200, exp=now - 3600)) == (401, "token_expired")
    own = TOKENS[case].get("pair", RSA)
    stranger = STRANGER if own is RSA else key_pair("ES256", own.kid)
    assert ask(process, method, path, mint(case, pair=stranger)) == (401, "signature_invalid")
    assert ask(process, method, path, mint(case, kid="another")) == (401, "key_not_found")
    claims = json.loads(jwt.utils.base64url_decode(mint(case).split(".")[1]))
    assert ask(process, method, path, assemble({"alg": "none", **TOKENS[case]["header"]}, claims, lambda _: b""))[0] == 401
    assert ask(process, method, path, assemble({"alg": "HS256", "kid": own.kid}, claims, hs256(own.public_pem))) == (401, "algorithm_not_allowed")
    assert not app.heads


def test_the_cluster_is_asked_with_bearwards_own_token(running):
    for case, path in (("kubernetes", "/whoami"), ("keycloak", "/me")):
        assert ask(running(case), "GET", path, mint(case)) == (200, "ok")
    assert {fields.get("authorization") for _, fields, _ in running.server("kubernetes").requests} == {"Bearer " + CLUSTER_TOKEN}
    assert {fields.get("authorization") for _, fields, _ in running.server("keycloak").requests} == {None}


def test_a_role_counts_in_one_organization_where_the_path_says_so(tmp_path, http_upstream):
    """What config/examples/zitadel.yaml says in a comment."""
    server = key_server()
    text = localised("zitadel", server)
    require = re.search(r"`(claims: \{.*\})`", text)[1].replace("ORGANIZATION-ID", "165461789463986434")
    text = text.replace("routes:\n", "routes:\n  - {prefix: /edit, name: edit, require: {%s}}\n" % require)
    process = bearward_process(tmp_path, text, http=http_upstream.address)
    try:
        assert ask(process, "GET", "/edit", mint("zitadel")) == (200, "ok")
        elsewhere = {"urn:zitadel:iam:org:project:roles": {"editor": {"165461789463986435": "other.example.com"}}}
        assert ask(process, "GET", "/edit", mint("zitadel", **elsewhere)) == (403, "claim_denied")
    finally:
        process.stop()
        server.stop()


def test_every_example_with_keys_of_an_issuer_has_a_token():
    fetched = {path.stem for path in (ROOT / "config/examples").glob("*.yaml") if re.search(r"keys: \{(jwks_url|discovery_url):", path.read_text())} - {"hosted_issuer"}  # nobody in particular
    assert fetched == {example_of(case) for case in TOKENS}
    assert all(re.match(r"https://", entry["source"]) for entry in TOKENS.values())
