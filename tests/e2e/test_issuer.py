"""A real issuer that nobody here wrote, oidc-provider on Node.js: its keys are found through its discovery document, its tokens count, and its other tokens don't.

Run by tests/with_packages.sh issuer, which brings its packages; where it can't, ctest shows the module as skipped with the reason.
"""

import base64
import json
import subprocess
import time

import pytest
from conftest import BINARY, SLOWNESS, bearward_process
from issuer import issuer_process
from tokens import bearer, encode, minted, tampered

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  discovered:
    issuer: @issuer@
    audiences: ["https://widgets.test/RS256", "https://widgets.test/PS256", "https://widgets.test/ES256", "https://widgets.test/EdDSA", "https://widgets.test/opaque"]
    algorithms: [RS256, PS256, ES256, EdDSA]
    keys: {discovery_url: "@issuer@/.well-known/openid-configuration"}
    jwks: {min_refresh: 1s}
    required_claims: {client_id: [service, app]}
  eager:
    issuer: @issuer@
    audiences: ["https://widgets.test/ES256"]
    algorithms: [ES256]
    keys: {discovery_url: "@issuer@/.well-known/openid-configuration"}
    jwks: {refresh: 1s, min_refresh: 1s}
  direct:
    issuer: @issuer@
    audiences: ["https://widgets.test/ES256"]
    algorithms: [ES256]
    keys: {jwks_url: "@issuer@/jwks"}
defaults: {upstream: app, providers: [discovered]}
routes:
  - {prefix: /app, name: app}
  - {prefix: /write, name: write, require: {scopes: ["widgets:write"]}}
  - {prefix: /people, name: people, require: {roles: [editor]}}
  - {prefix: "/tenants/{tenant}", name: tenant, require: {tenant: "{tenant}"}}
  - {prefix: /direct, name: direct, providers: [direct]}
  - {prefix: /eager, name: eager, providers: [eager]}
"""


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    started = issuer_process(tmp_path_factory.mktemp("issuer"))
    try:
        yield started.start("first")
    finally:
        started.stop()


def configured(issuer):
    return CONFIGURATION.replace("@issuer@", issuer.url)


@pytest.fixture(scope="module")
def bearward(issuer, tmp_path_factory, http_upstream):
    process = bearward_process(tmp_path_factory.mktemp("bearward"), configured(issuer), http=http_upstream.address)
    yield process
    process.stop()


def ask(process, target, token, **headers):
    answer = process.fetch(target=target, headers={**bearer(token), **headers})
    return answer.status, process.access_record(answer.get("X-Request-Id"))["reason"]


def header_of(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_services_token_counts_under_each_algorithm(bearward, issuer, app, algorithm):
    token = issuer.grant(f"https://widgets.test/{algorithm}", "widgets:read widgets:write")
    assert header_of(token) == {"alg": algorithm, "typ": "at+jwt", "kid": f"first-{algorithm}"}
    assert ask(bearward, "/write", token) == (200, "ok")
    seen = app.last
    assert [seen.get(name) for name in ("X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes")] == ["service", "acme", "robot", "widgets:read widgets:write"]
    assert seen.get("Authorization") is None


def test_a_persons_token_counts_and_the_id_token_beside_it_does_not(bearward, issuer, app):
    given = issuer.log_in("ada")
    assert ask(bearward, "/people", given["access_token"]) == (200, "ok")
    assert [app.last.get(name) for name in ("X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes")] == ["ada", "acme", "editor", "widgets:read"]
    assert ask(bearward, "/people", given["id_token"]) == (401, "audience_mismatch")
    assert ask(bearward, "/write", given["access_token"]) == (403, "scope_missing")
    assert len(app.heads) == 1


def test_keys_from_the_sets_own_url(bearward, issuer, app):
    assert ask(bearward, "/direct", issuer.grant()) == (200, "ok")
    assert ask(bearward, "/direct", issuer.grant("https://widgets.test/EdDSA")) == (401, "algorithm_not_allowed")
    assert len(app.heads) == 1


def test_what_is_for_others_or_not_the_issuers_reaches_nobody(bearward, issuer, app):
    token = issuer.grant()
    assert ask(bearward, "/app", issuer.grant("https://others.test/")) == (401, "audience_mismatch")
    assert ask(bearward, "/app", tampered(token, roles=["editor"])) == (401, "signature_invalid")
    assert ask(bearward, "/app", issuer.grant("https://widgets.test/opaque")) == (401, "token_malformed")
    assert ask(bearward, "/tenants/umbrella", token) == (403, "tenant_mismatch")
    assert ask(bearward, "/people", token) == (403, "role_missing")
    assert not app.heads


def test_another_issuer_with_the_same_software_and_names_is_another(bearward, issuer, app, tmp_path):
    other = issuer_process(tmp_path).start("first")
    try:
        assert header_of(other.grant())["kid"] == header_of(issuer.grant())["kid"]
        assert ask(bearward, "/app", other.grant()) == (401, "signature_invalid")
        assert ask(bearward, "/app", tampered(other.grant(), iss=issuer.url)) == (401, "signature_invalid")
        assert not app.heads
    finally:
        other.stop()


def test_a_document_of_another_issuer_gives_no_keys(issuer, http_upstream, app, tmp_path):
    """The same server under another name: its document says 127.0.0.1, and a provider for localhost doesn't take its keys."""
    localhost = issuer.url.replace("127.0.0.1", "localhost")
    text = configured(issuer).replace(f"issuer: {issuer.url}", f"issuer: {localhost}").replace(f'"{issuer.url}/.well-known', f'"{localhost}/.well-known')
    process = bearward_process(tmp_path, text, http=http_upstream.address, ready=False)
    try:
        deadline = time.monotonic() + 10 * SLOWNESS
        while not (error := json.loads(process.admin("/status")[1])["providers"]["discovered"]["last_error"]):
            assert time.monotonic() < deadline, "no fetch has failed"
            time.sleep(0.05)
        assert process.admin("/readyz")[0] == 503
        assert f"the document's issuer is '{issuer.url}', which is not '{localhost}'" in json.dumps(error)
        assert ask(process, "/app", tampered(issuer.grant(), iss=localhost)) == (503, "keys_unavailable")
        assert not app.heads
    finally:
        process.stop()


def ask_until(process, target, token, outcome):
    """Asks until it is so; an issuer that could not be reached a moment ago is asked again within a second or two."""
    deadline = time.monotonic() + 10 * SLOWNESS
    while (got := ask(process, target, token)) != outcome:
        assert time.monotonic() < deadline, f"{got} instead of {outcome}"
        time.sleep(0.1)


@pytest.fixture
def rotating(tmp_path, http_upstream):
    """An issuer whose keys change, and a proxy of its own."""
    issuer = issuer_process(tmp_path).start("first")
    process = None
    try:
        process = bearward_process(tmp_path / "proxy", configured(issuer), http=http_upstream.address)
        yield issuer, process
    finally:
        issuer.stop()
        if process:
            process.stop()


def test_rotated_keys_count_with_their_first_token(rotating):
    issuer, process = rotating
    old = issuer.grant()
    assert ask(process, "/app", old) == (200, "ok")
    # The new keys sign, the old ones are still published.
    issuer.restart("second", "first")
    new = issuer.grant()
    assert header_of(new)["kid"] == "second-ES256"
    time.sleep(1.1)  # min_refresh
    assert ask(process, "/app", new) == (200, "ok")
    assert ask(process, "/app", old) == (200, "ok")
    # The first ones are withdrawn; the next token with a new key brings the whole set.
    issuer.restart("third", "second")
    time.sleep(1.1)
    assert ask(process, "/app", issuer.grant()) == (200, "ok")
    assert ask(process, "/app", new) == (200, "ok")
    time.sleep(1.1)
    assert ask(process, "/app", old) == (401, "key_not_found")


def test_keys_that_are_gone_no_longer_count_even_for_tokens_that_are_remembered(rotating):
    issuer, process = rotating
    old = issuer.grant()
    assert ask(process, "/eager", old) == (200, "ok")
    issuer.restart("second")
    ask_until(process, "/eager", old, (401, "key_not_found"))
    assert ask(process, "/eager", issuer.grant()) == (200, "ok")


def test_an_issuer_that_is_away_takes_no_keys_along(rotating):
    issuer, process = rotating
    token, other = issuer.grant(), issuer.grant()
    assert ask(process, "/eager", token) == (200, "ok")
    issuer.stop()
    deadline = time.monotonic() + 10 * SLOWNESS
    while not json.loads(process.admin("/status")[1])["providers"]["eager"]["last_error"]:
        assert time.monotonic() < deadline, "no fetch has failed"
        time.sleep(0.1)
    assert ask(process, "/eager", token) == (200, "ok")
    assert ask(process, "/eager", other) == (200, "ok")
    # Whether there is a key of that name can't be known now: not refused, but to be tried again.
    unknown = ".".join([encode(json.dumps({"alg": "ES256", "kid": "second-ES256"}).encode()), *token.split(".")[1:]])
    minted.add(unknown)
    assert ask(process, "/eager", unknown) == (503, "keys_unavailable")
    issuer.start("second")
    ask_until(process, "/eager", issuer.grant(), (200, "ok"))
    assert ask(process, "/eager", unknown) == (401, "signature_invalid")


def test_check_takes_it_and_needs_no_issuer(issuer, tmp_path):
    path = tmp_path / "bearward.yaml"
    path.write_text(configured(issuer).replace("@directory@", str(tmp_path)).replace("@http@", "127.0.0.1:8000"))
    done = subprocess.run([BINARY, "check", path], capture_output=True, text=True, timeout=30 * SLOWNESS)
    assert done.returncode == 0, done.stdout + done.stderr
