"""Opaque tokens of a real issuer that nobody here wrote: oidc-provider is asked what they are (RFC 7662). Run by tests/with_packages.sh issuer."""

import time

import pytest
from conftest import SLOWNESS, bearward_process
from issuer import issuer_process
from tokens import bearer

OPAQUE = "https://widgets.test/opaque"
CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  signed:
    issuer: @issuer@
    audiences: ["https://widgets.test/ES256"]
    algorithms: [ES256]
    keys: {discovery_url: "@issuer@/.well-known/openid-configuration"}
  asked:
    type: introspection
    url: @issuer@/token/introspection
    client_id: bearward
    client_secret: {file: client_secret}
    issuer: @issuer@
    audiences: ["https://widgets.test/opaque"]
    # A service's own token names no `sub`.
    claims: {user: [sub, client_id]}
    cache: {ttl: 1s, negative_ttl: 1s}
defaults: {upstream: app, providers: [signed, asked]}
routes:
  - {prefix: /app, name: app}
  - {prefix: /write, name: write, require: {scopes: ["widgets:write"]}}
  - {prefix: /people, name: people, require: {roles: [editor]}}
  - {prefix: "/tenants/{tenant}", name: tenant, require: {tenant: "{tenant}"}}
"""


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    started = issuer_process(tmp_path_factory.mktemp("issuer"))
    try:
        yield started.start("first")
    finally:
        started.stop()


@pytest.fixture(scope="module")
def bearward(issuer, tmp_path_factory, http_upstream):
    directory = tmp_path_factory.mktemp("bearward")
    (directory / "client_secret").write_text("secret-of-bearward\n")
    process = bearward_process(directory, CONFIGURATION.replace("@issuer@", issuer.url), http=http_upstream.address)
    yield process
    process.stop()


def ask(process, target, token):
    answer = process.fetch(target=target, headers=bearer(token))
    return answer.status, process.access_record(answer.get("X-Request-Id"))["reason"]


def ask_until(process, target, token, outcome):
    deadline = time.monotonic() + 10 * SLOWNESS
    while (got := ask(process, target, token)) != outcome:
        assert time.monotonic() < deadline, f"{got} instead of {outcome}"
        time.sleep(0.1)


def identity(app):
    return [app.last.get(name) for name in ("X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes")]


def test_a_services_opaque_token_counts(bearward, issuer, app):
    token = issuer.grant(OPAQUE, "widgets:read widgets:write")
    assert "." not in token
    assert ask(bearward, "/write", token) == (200, "ok")
    assert identity(app) == ["service", "acme", "robot", "widgets:read widgets:write"]
    assert app.last.get("Authorization") is None


def test_a_persons_opaque_token_counts(bearward, issuer, app):
    given = issuer.log_in("ada", OPAQUE)
    assert ask(bearward, "/people", given["access_token"]) == (200, "ok")
    assert identity(app) == ["ada", "acme", "editor", "widgets:read"]


def test_signed_tokens_go_to_their_keys_beside_it(bearward, issuer, app):
    assert ask(bearward, "/app", issuer.grant()) == (200, "ok")
    assert identity(app) == ["service", "acme", "robot", "widgets:read"]


def test_what_the_issuer_does_not_know_or_gave_for_others_reaches_nobody(bearward, issuer, app):
    token = issuer.grant(OPAQUE)
    assert ask(bearward, "/app", token[:-1] + ("A" if token[-1] != "A" else "B")) == (401, "token_inactive")
    assert ask(bearward, "/app", "secret-of-service") == (401, "token_inactive")
    assert ask(bearward, "/app", issuer.grant("https://others.test/opaque")) == (401, "audience_mismatch")
    assert ask(bearward, "/write", token) == (403, "scope_missing")
    assert ask(bearward, "/people", token) == (403, "role_missing")
    assert ask(bearward, "/tenants/umbrella", token) == (403, "tenant_mismatch")
    assert not app.heads


def test_a_token_that_the_issuer_revokes_is_refused_once_its_answer_is_old(bearward, issuer):
    token = issuer.grant(OPAQUE)
    assert ask(bearward, "/app", token) == (200, "ok")
    issuer.revoke(token)
    ask_until(bearward, "/app", token, (401, "token_inactive"))


def test_an_issuer_that_is_away_lets_nobody_in(tmp_path, http_upstream):
    issuer = issuer_process(tmp_path).start("first")
    process = None
    try:
        (tmp_path / "proxy").mkdir()
        (tmp_path / "proxy/client_secret").write_text("secret-of-bearward\n")
        process = bearward_process(tmp_path / "proxy", CONFIGURATION.replace("@issuer@", issuer.url), http=http_upstream.address)
        token = issuer.grant(OPAQUE)
        assert ask(process, "/app", token) == (200, "ok")
        issuer.stop()
        ask_until(process, "/app", token, (503, "introspection_unavailable"))
    finally:
        issuer.stop()
        if process:
            process.stop()
