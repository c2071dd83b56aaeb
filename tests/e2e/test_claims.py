"""What the claims of a token and the values of a request let through: operands, patterns, several tenants, forms that can't be read."""

import pytest
from tokens import bearer, mint

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
trusted_proxies: [127.0.0.2]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, revocation: {file: revoked.txt}}
  written: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, claims: {roles: {path: groups, each: name}, tenant: org}}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /, name: everything}
  - {prefix: "/t/{t}", name: tenant, require: {tenant: "{t}"}}
  - {prefix: "/not/{t}", name: not_tenant, require: {not: {tenant: "{t}"}}}
  - {prefix: /org, name: org, require: {tenant: "{header.X-Org}"}}
  - {prefix: /not-org, name: not_org, require: {not: {claims: {banned: "{header.X-Org}"}}}}
  - {prefix: /query, name: query, require: {tenant: "{query.org}"}}
  - {prefix: /host, name: host, require: {tenant: "{host.1}"}}
  - {prefix: /mail, name: mail, require: {claims: {email: {matches: "*@example.com"}}}}
  - {prefix: /written, name: written, providers: [written], require: {roles: [editor]}}
  - {prefix: /peer, name: peer, require: {tenant: "{header.X-Forwarded-Tenant}"}}
  - {prefix: /insiders, name: insiders, require: {not: {roles: [external]}}}
"""


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream, websocket_upstream):
    from conftest import bearward_process

    directory = tmp_path_factory.mktemp("claims")
    (directory / "revoked.txt").write_text("tenant:gone\n")
    process = bearward_process(directory, CONFIGURATION, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


def ask(bearward, target, headers=None, **claims):
    """(status, reason) for a token of these claims."""
    answer = bearward.fetch(target=target, headers={**bearer(mint(**claims)), **(headers or {})})
    return answer.status, bearward.access_record(answer.get("X-Request-Id"))["reason"]


def test_of_several_tenants_the_required_one_reaches_app_and_log(bearward, app):
    answer = bearward.fetch(target="/t/b", headers=bearer(mint(tid=["a", "b"])))
    assert answer.status == 200 and app.heads[-1].get("X-Tenant-Id") == "b"
    assert bearward.access_record(answer.get("X-Request-Id"))["tenant"] == "b"
    answer = bearward.fetch(target="/", headers=bearer(mint(tid=["a", "b"])))
    assert answer.status == 200 and app.heads[-1].get("X-Tenant-Id") is None
    assert not bearward.access_record(answer.get("X-Request-Id"))["tenant"]
    assert len(app.heads) == 2
    assert ask(bearward, "/t/c", tid=["a", "b"]) == (403, "tenant_mismatch")
    assert ask(bearward, "/not/b", tid=["a", "b"]) == (403, "policy_denied")
    assert ask(bearward, "/", tid=["a", "gone"]) == (401, "token_revoked")
    assert len(app.heads) == 2
    assert ask(bearward, "/not/c", tid=["a", "b"]) == (200, "ok")


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Org": ""}, {"X_Org": "t-1"}, {"X.Org": "t-1"}, {"X-Org": "t-2"}, {"X-Org": "t-1", "Connection": "X-Org"}],
    ids=["absent", "empty", "dropped", "dropped with a dot", "another", "ends at this hop"],
)
def test_a_header_counts_as_it_is_forwarded(bearward, app, headers):
    assert ask(bearward, "/org", headers) == (403, "tenant_mismatch")
    assert app.heads == []


def test_a_repeated_header_is_unknown_and_the_one_that_is_forwarded_counts(bearward, app):
    token = mint(banned=["t-9"])
    request = f"GET /not-org HTTP/1.1\r\nHost: x.test\r\nAuthorization: Bearer {token}\r\n%s\r\n"

    def status(lines):
        with bearward.connect() as connection:
            connection.send((request % lines).encode())
            return connection.response().status

    for lines in ("", "X-Org: t-1\r\nX-Org: t-1\r\n", "X-Org: \r\n", "X-Org: t-9\r\n"):
        assert status(lines) == 403, lines
    assert app.heads == []
    assert status("X-Org: t-1\r\nX_Org: t-9\r\n") == 200
    assert app.heads[-1].get("X-Org") == "t-1" and app.heads[-1].get("X_Org") is None
    assert ask(bearward, "/org", {"x-org": "t-1"}) == (200, "ok")


def test_parameters_and_labels(bearward, app):
    for target in ("/query", "/query?org=", "/query?org=t-1&org=t-1", "/query?org=t-1&%6Frg=t-2", "/query?Org=t-1", "/query?org=t-2", "/query?a=1;org=t-1"):
        assert ask(bearward, target) == (403, "tenant_mismatch"), target
    assert ask(bearward, "/host", {"Host": "t-2.example.com"}) == (403, "tenant_mismatch")
    assert app.heads == []
    for target in ("/query?org=t-1", "/query?a=b&o%72g=t%2D1"):
        assert ask(bearward, target) == (200, "ok"), target
    assert ask(bearward, "/host", {"Host": "T-1.example.com:8080"}) == (200, "ok")


def test_patterns_compare_the_whole_value(bearward, app):
    for email in ("ada@example.com.test", "ada@EXAMPLE.com", "", None, {"x": "ada@example.com"}, 7):
        assert ask(bearward, "/mail", email=email) == (403, "claim_denied"), email
    assert app.heads == []
    for email in ("ada@example.com", ["x", "ada@example.com"]):
        assert ask(bearward, "/mail", email=email) == (200, "ok"), email


def test_a_form_that_cant_be_read(bearward, app):
    odd = [{"name": "external"}]
    assert ask(bearward, "/insiders", roles=odd) == (403, "policy_denied")
    assert ask(bearward, "/written", groups=["editor"]) == (401, "token_malformed")
    assert ask(bearward, "/written", groups=[{"name": "editor"}, {}]) == (401, "token_malformed")
    assert ask(bearward, "/", sub={"id": "u-1"}) == (401, "claim_missing")
    assert app.heads == []
    assert ask(bearward, "/", roles=odd, tid={"id": 1}) == (200, "ok")
    assert app.heads[-1].get("X-User-Roles") is None and app.heads[-1].get("X-Tenant-Id") is None
    assert ask(bearward, "/written", groups=[{"name": "reader"}, {"name": "editor"}], org="o-1") == (200, "ok")
    assert app.heads[-1].get("X-User-Roles") == "reader,editor" and app.heads[-1].get("X-Tenant-Id") == "o-1"


def test_what_only_a_trusted_peer_may_say_is_absent_from_others(bearward, app):
    assert ask(bearward, "/peer", {"X-Forwarded-Tenant": "t-1"}) == (403, "tenant_mismatch")
    assert app.heads == []


def test_what_a_trusted_peer_says_counts(start, app):
    process = start(CONFIGURATION.replace("revocation: {file: revoked.txt}", "clock_skew: 30s").replace("127.0.0.2", "127.0.0.1"))
    assert ask(process, "/peer", {"X-Forwarded-Tenant": "t-1"}) == (200, "ok")
    assert app.heads[-1].get("X-Forwarded-Tenant") == "t-1"
    assert ask(process, "/peer", {"X-Forwarded-Tenant": "t-2"}) == (403, "tenant_mismatch")
