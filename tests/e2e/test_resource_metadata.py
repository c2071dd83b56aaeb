"""Resource metadata (RFC 9728): who reads it, and which refusals lead to it."""

import json
import subprocess

import pytest
from conftest import BINARY, SLOWNESS
from frames import handshake
from test_streams import short_lived, stream
from tokens import bearer, mint

WELL_KNOWN = "/.well-known/oauth-protected-resource"
CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"]}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /, name: rest, token_from: [header]}
  - {prefix: /read, name: read, require: {scopes: [read]}}
  - {prefix: /late, name: late, streams: {end_on_expiry: all}}
  - {prefix: /admin, name: admin, require: {roles: [admin]}}
  - {prefix: /elsewhere, name: elsewhere, hosts: [other.test]}
  - {prefix: /below, name: below, hosts: ["*.test"]}
  - {prefix: /mcp, name: mcp, require: {all_scopes: ["mcp:read"]}, websocket: {reject_with: http}, resource_metadata: {resource: "https://api.test:8443/mcp", scopes_supported: ["mcp:read"]}}
resource_metadata: {resource: https://api.test, authorization_servers: [https://id.test/], scopes_supported: [read, write]}
cors: {allow_origins: ["https://page.test"], allow_credentials: true}
paths: {ambiguous: allow}
tests:
  - {name: anybody reads the metadata, request: {path: /.well-known/oauth-protected-resource, host: api.test}, expect: {status: 200, reason: public}}
  - {name: nobody posts there, request: {method: POST, path: /.well-known/oauth-protected-resource, host: api.test}, expect: {status: 401, route: rest}}
"""
TOP = {"resource": "https://api.test", "authorization_servers": ["https://id.test/"], "scopes_supported": ["read", "write"]}
MCP = {"resource": "https://api.test:8443/mcp", "scopes_supported": ["mcp:read"]}
TOP_CHALLENGE = ', resource_metadata="https://api.test/.well-known/oauth-protected-resource"'
MCP_CHALLENGE = ', resource_metadata="https://api.test:8443/.well-known/oauth-protected-resource/mcp"'


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream):
    from conftest import bearward_process

    process = bearward_process(tmp_path_factory.mktemp("resource"), CONFIGURATION, http=http_upstream.address)
    yield process
    process.stop()


def ask(bearward, path, method="GET", host="api.test", **headers):
    return bearward.fetch(method, path, headers={"Host": host, **headers})


@pytest.mark.parametrize("path, document", [(WELL_KNOWN, TOP), (WELL_KNOWN + "/mcp", MCP), ("/x/../.well-known//oauth-protected-resource", TOP),
                                            ("/.well-known/oauth%2Dprotected-resource/%6Dcp?x=1", MCP)])
def test_anybody_reads_it(bearward, app, path, document):
    for headers in ({}, bearer("forged"), bearer(mint()), {"Origin": "https://page.test"}):
        response = ask(bearward, path, **headers)
        assert response.status == 200 and json.loads(response.body) == document
        assert response.get("Content-Type") == "application/json" and response.get("Cache-Control") == "max-age=3600"
        assert response.get("Access-Control-Allow-Origin") == "*" and response.get("Access-Control-Allow-Credentials") is None
        assert response.get("WWW-Authenticate") is None and response.get("X-Request-Id")
    assert app.heads == []


def test_head_has_the_fields_of_get_and_no_body(bearward):
    got, head = ask(bearward, WELL_KNOWN), ask(bearward, WELL_KNOWN, "HEAD")
    assert head.status == 200 and head.body == b"" and head.get("Content-Length") == str(len(got.body))
    assert head.get("Access-Control-Allow-Origin") == "*"


@pytest.mark.parametrize("host", ["api.test", "API.test", "api.test.", "api.test:8443", "api.test:1"])
def test_the_host_is_compared_as_for_routes(bearward, host):
    assert ask(bearward, WELL_KNOWN, host=host).status == 200


@pytest.mark.parametrize("path, host", [(WELL_KNOWN, "other.test"), (WELL_KNOWN, "x.api.test"), (WELL_KNOWN + "/", "api.test"), (WELL_KNOWN + "/MCP", "api.test"),
                                        (WELL_KNOWN + "/mcp/x", "api.test"), (WELL_KNOWN + ";x", "api.test"), (WELL_KNOWN + "%2Fmcp", "api.test"),
                                        ("/.well-known%5Coauth-protected-resource", "api.test"), ("/.WELL-KNOWN/oauth-protected-resource", "api.test")])
def test_everything_else_goes_to_the_routes(bearward, app, path, host):
    assert ask(bearward, path, host=host).status == 401
    assert app.heads == []


def test_x_forwarded_host_names_no_resource(bearward):
    assert ask(bearward, WELL_KNOWN, host="other.test", **{"X-Forwarded-Host": "api.test"}).status == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_other_methods_go_to_the_routes(bearward, app, method):
    assert ask(bearward, WELL_KNOWN, method).status == 401
    assert ask(bearward, WELL_KNOWN, method, **bearer(mint())).status == 200
    assert app.last.method == method and app.last.target == WELL_KNOWN


def test_refusals_of_a_credential_lead_there(bearward):
    assert ask(bearward, "/x").get("WWW-Authenticate") == 'Bearer realm="bearward"' + TOP_CHALLENGE
    assert ask(bearward, "/x", **bearer("forged")).get("WWW-Authenticate").endswith(', error_description="The token is not valid"' + TOP_CHALLENGE)
    assert ask(bearward, "/mcp").get("WWW-Authenticate") == 'Bearer realm="bearward"' + MCP_CHALLENGE


def test_so_does_a_lack_of_scopes_and_of_nothing_else(bearward):
    refused = ask(bearward, "/read", **bearer(mint(scope="other")))
    assert refused.status == 403 and refused.get("WWW-Authenticate") == 'Bearer realm="bearward", error="insufficient_scope", scope="read"' + TOP_CHALLENGE
    refused = ask(bearward, "/mcp", **bearer(mint(scope="other")))
    assert refused.status == 403 and refused.get("WWW-Authenticate").endswith(', scope="mcp:read"' + MCP_CHALLENGE)
    refused = ask(bearward, "/admin", **bearer(mint(roles=["reader"])))
    assert refused.status == 403 and refused.get("WWW-Authenticate") == 'Bearer realm="bearward", error="insufficient_scope"'
    refused = bearward.fetch(target="/x", headers=[("Host", "api.test"), ("Authorization", "Bearer a"), ("Authorization", "Bearer b")])
    assert refused.status == 400 and "resource_metadata" not in refused.get("WWW-Authenticate")


def test_a_route_of_another_host_does_not_lead_there(bearward):
    assert bearward.fetch(target="/elsewhere", headers={"Host": "other.test"}).get("WWW-Authenticate") == 'Bearer realm="bearward"'
    assert ask(bearward, "/below").get("WWW-Authenticate") == 'Bearer realm="bearward"' + TOP_CHALLENGE


def test_a_token_that_ends_before_the_answer_leads_there_too(bearward, app):
    app.on("/late", stream(wait=20))
    refused = ask(bearward, "/late", **bearer(short_lived()))
    assert refused.status == 401 and refused.get("WWW-Authenticate").endswith(', error_description="The token has expired"' + TOP_CHALLENGE)


def test_connections_go_on_and_the_log_knows_no_route(bearward):
    with bearward.connect() as client:
        for request_id in ("meta-1", "meta-2"):
            client.send(f"GET {WELL_KNOWN} HTTP/1.1\r\nHost: api.test\r\nX-Request-Id: {request_id}\r\n\r\n".encode())
            assert client.response().status == 200
    record = bearward.access_record("meta-2")
    assert record["status"] == 200 and record["reason"] == "public" and record["path"] == WELL_KNOWN and not record.get("route")


def test_a_handshake_gets_the_document(bearward):
    with bearward.connect() as client:
        client.send(handshake(WELL_KNOWN, host="api.test"))
        response = client.response()
    assert response.status == 200 and json.loads(response.body) == TOP


def test_explain_says_so(bearward):
    def explain(*arguments):
        return subprocess.run([BINARY, "explain", "-c", bearward.configuration, "--host", "api.test", *arguments], capture_output=True, text=True, timeout=30 * SLOWNESS)

    said = explain("--path", WELL_KNOWN + "/mcp", "--json")
    outcome = json.loads(said.stdout)
    assert said.returncode == 0 and outcome["status"] == 200 and outcome["reason"] == "public" and outcome["route"] is None
    assert outcome["answer"]["headers"]["Access-Control-Allow-Origin"] == "*" and json.loads(outcome["answer"]["detail"]) == MCP
    said = explain("--path", "/mcp", "--json")
    assert said.returncode == 3 and json.loads(said.stdout)["answer"]["headers"]["WWW-Authenticate"].endswith(MCP_CHALLENGE)
