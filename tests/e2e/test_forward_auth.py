"""Listeners that decide for another proxy: what it asks, who may ask, and what it gets."""

import base64
import json
import socket
import subprocess

import pytest
from conftest import BINARY, SLOWNESS
from test_assertion import private_pem
from test_reload import reloadable
from tokens import bearer, mint

CONFIGURATION = """
version: 1
listen:
  - {address: 127.0.0.1:0, name: public, mode: forward_auth}
admin: {address: "unix:@directory@/admin.sock"}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
defaults: {providers: [main]}
routes:
  - {prefix: /, name: rest}
  - {prefix: /admin, name: admin, require: {roles: [admin]}}
  - {prefix: /public, name: public, auth: none, allow_warnings: [looser-route]}
  - {prefix: "/tenants/{tenant}", name: tenant, methods: [GET, PUT], require: {tenant: "{tenant}"}}
  - {prefix: /other, name: other, hosts: [other.test], auth: none, allow_warnings: [looser-route]}
  - {prefix: /query, name: query, token_from: [header, query]}
  - {prefix: /ws, name: ws, websocket: {origins: ["https://page.test"]}}
  - {prefix: /nows, name: nows, websocket: off}
  - {prefix: /watched, name: watched, mode: observe, require: {roles: [admin]}, allow_warnings: [observed]}
cors: {allow_origins: ["https://page.test"]}
paths: {case: sensitive, trailing_slash: distinct}
tests:
  - {name: a member, request: {path: /tenants/t-1}, identity: {user: u-1, tenant: t-1}, expect: {status: 200, headers: {X-User-Id: u-1, X-Tenant-Id: t-1}}}
  - {name: what is not canonical is refused, request: {path: /a/../b}, identity: {user: u-1}, expect: {status: 400}}
  - {name: a socket is refused by HTTP, request: {path: /ws, websocket: true}, expect: {status: 403, reason: origin_denied}}
"""
IDENTITY = ["X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes"]


@pytest.fixture(scope="module")
def bearward(tmp_path_factory):
    from conftest import bearward_process

    process = bearward_process(tmp_path_factory.mktemp("forward-auth"), CONFIGURATION)
    yield process
    process.stop()


def fields(target, method="GET", host="api.test", family="Forwarded", last="Uri"):
    return [(f"X-{family}-Method", method), (f"X-{family}-Host", host), (f"X-{family}-{last}", target)]


def question(target, at="/auth"):
    return (f"GET {at} HTTP/1.1\r\nHost: b\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields(target)) + "\r\n").encode()


def ask(bearward, target, method="GET", host="api.test", headers=(), by="GET", at="/auth", body=b"", **family):
    pairs = dict(headers).items() if isinstance(headers, dict) else headers
    return bearward.fetch(by, at, headers=[*fields(target, method, host, **family), *pairs], body=body)


def test_a_permit_has_every_identity_header(bearward):
    token = mint(sub="u-1", tid="t-1", roles=["a", "b"], scope="read write")
    response = ask(bearward, "/tenants/t-1/x", headers=bearer(token))
    assert response.status == 200 and response.body == b"" and response.get("Content-Length") == "0"
    assert [response.get(name) for name in IDENTITY] == ["u-1", "t-1", "a,b", "read write"]
    assert response.get("Cache-Control") == "no-store" and response.get("X-Request-Id") and response.get("Authorization") is None
    # What is not there is there and empty, so that it replaces what the client sent.
    response = ask(bearward, "/public", headers={"X-User-Id": "root"})
    assert response.status == 200 and [response.get(name) for name in IDENTITY] == ["", "", "", ""]


@pytest.mark.parametrize("family", [{}, {"family": "Original", "last": "URL"}, {"family": "Original", "last": "URI"}])
def test_method_host_and_target_are_those_that_are_asked_about(bearward, family):
    good = bearer(mint(tid="t-1"))
    assert ask(bearward, "/tenants/t-1", headers=good, **family).status == 200
    refused = ask(bearward, "/tenants/t-2", headers=good, **family)
    assert refused.status == 403 and json.loads(refused.body) == {"detail": "Not enough permissions"}
    refused = ask(bearward, "/tenants/t-1", method="POST", headers=good, **family)
    assert refused.status == 405 and refused.get("Allow") == "GET, HEAD, PUT"
    assert ask(bearward, "/other", **family).status == 401 and ask(bearward, "/other", host="other.test", **family).status == 200
    assert ask(bearward, "/admin", headers=good, at="/public", **family).status == 403


def test_refusals_are_as_everywhere(bearward):
    refused = ask(bearward, "/x")
    assert refused.status == 401 and refused.get("WWW-Authenticate") == 'Bearer realm="bearward"' and refused.get("X-User-Id") is None
    assert ask(bearward, "/x", headers=bearer("forged")).status == 401
    twice = [("Authorization", "Bearer a"), ("Authorization", "Bearer b")]
    assert ask(bearward, "/x", headers=twice).status == 400


@pytest.mark.parametrize("headers", [
    [], fields("/public")[:2], fields("/public")[1:], fields("/public")[::2], fields("/public") * 2, fields("/public") + fields("/x")[2:],
    fields("/public") + fields("/public", family="Original", last="URL"), fields("/public") + [("X-Original-URI", "/public")],
    fields("/public") + [("X_Forwarded_Uri", "/x")], fields("/public") + [("X-Original-Method", "GET")],
    fields("/public", family="Original", last="URL") + [("X-Original-URI", "/public")],
])
def test_what_is_not_asked_about_once_and_clearly_is_400(bearward, headers):
    assert bearward.fetch("GET", "/public", headers=headers).status == 400
    assert bearward.fetch("GET", "/public", headers=[*headers, *bearer(mint()).items()]).status == 400


@pytest.mark.parametrize("target", ["/x/../public", "/public//x", "/%70ublic", "/public/%2e%2e/x", "/public/%2Fx", "/public;x", "/public\\x", "public", "*", "http://api.test/public",
                                    "//public", "/public#x", "/public/%zz", "/public/..", "/./public", ""])
def test_a_path_that_is_not_canonical_is_400(bearward, target):
    assert ask(bearward, target).status == 400


def test_the_other_proxys_connection_goes_on(bearward):
    with bearward.connect() as wire:
        for target, status in (("/public", 200), ("/x/../public", 400), ("/x", 401), ("/public", 200)):
            wire.send(question(target))
            assert wire.response().status == status


def test_a_token_in_the_targets_query_counts_where_the_route_takes_it(bearward):
    assert ask(bearward, f"/query?access_token={mint()}").status == 200
    assert ask(bearward, f"/x?access_token={mint()}").status == 401
    assert bearward.fetch("GET", f"/auth?access_token={mint()}", headers=fields("/query")).status == 401


def test_a_body_and_a_head_of_the_asking_request(bearward):
    assert ask(bearward, "/public", by="POST", body=b"x" * 1000).status == 200
    response = ask(bearward, "/x", by="HEAD")
    assert response.status == 401 and response.body == b""
    assert ask(bearward, "/x", method="HEAD").body == b'{"detail":"Not authenticated"}'


def test_handshakes_are_judged_as_such_and_answered_by_http(bearward):
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    page = {"Origin": "https://page.test"}
    assert ask(bearward, "/nows", headers={**key, **bearer(mint())}).status == 403
    assert ask(bearward, "/nows", headers=bearer(mint())).status == 200
    assert ask(bearward, "/ws", headers={**key, **bearer(mint()), "Origin": "https://evil.test"}).status == 403
    assert ask(bearward, "/ws", headers={**key, **page}).status == 401
    assert ask(bearward, f"/ws?access_token={mint()}", headers={**key, **page}).status == 200
    assert ask(bearward, "/ws", headers={**key, **page, "Sec-WebSocket-Protocol": f"chat, bearer, {mint()}"}).status == 200
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    assert ask(bearward, "/ws", headers={**key, **page, **upgrade, **bearer(mint())}).status == 200


def test_cors_is_the_apps(bearward):
    page = {"Origin": "https://page.test"}
    preflight = ask(bearward, "/x", method="OPTIONS", headers={**page, "Access-Control-Request-Method": "PUT"})
    assert preflight.status == 200 and preflight.get("Access-Control-Allow-Origin") is None
    assert ask(bearward, "/x", headers=page).get("Access-Control-Allow-Origin") is None
    assert ask(bearward, "/x", headers={**page, **bearer(mint())}).get("Access-Control-Allow-Origin") is None


def test_a_denial_that_is_only_noted_is_a_permit(bearward):
    response = ask(bearward, "/watched", headers={**bearer(mint(sub="u-1", roles=[])), "X-Request-Id": "watched-1"})
    assert response.status == 200 and response.get("X-User-Id") == "u-1"
    record = bearward.access_record("watched-1")
    assert record["mode"] == "observe" and record["route"] == "watched" and record["path"] == "/watched"


def test_the_log_has_what_is_asked_about(bearward):
    ask(bearward, f"/query?access_token={mint()}", method="PUT", headers={"X-Request-Id": "asked-1", "X-Forwarded-For": "203.0.113.9"})
    record = bearward.access_record("asked-1")
    assert record["method"] == "PUT" and record["path"] == "/query?access_token=***" and record["client"] == "203.0.113.9"
    assert record["status"] == 200 and record["route"] == "query" and record["reason"] == "ok"


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Rewrite-URL", "X_User_Id", "X.Tenant-Id"])
def test_what_would_be_dropped_and_can_not_be_is_400(bearward, name):
    assert ask(bearward, "/public", headers={name: "DELETE"}).status == 400
    assert ask(bearward, "/public", headers={name + "X": "DELETE"}).status == 200


def test_rewrites_pass_where_they_are_allowed(start):
    process = start(CONFIGURATION + "headers: {rewrites: allow}\n")
    assert ask(process, "/public", headers={"X-HTTP-Method-Override": "DELETE"}).status == 200


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_a_method_that_nobody_serves_says_which_are_served_there(bearward, method):
    refused = ask(bearward, "/tenants/t-1", method=method)
    assert refused.status == 405 and refused.get("Allow") == "GET, HEAD, PUT"


def test_a_refusal_of_grpc_is_no_200(bearward):
    assert ask(bearward, "/x", headers={"Content-Type": "application/grpc", "TE": "trailers"}).status == 401


def test_a_unix_socket_may_ask_where_nobody_is_named(start):
    process = start(CONFIGURATION.replace('- {address: 127.0.0.1:0, name: public, mode: forward_auth}',
                                          '- {address: 127.0.0.1:0, name: public, mode: forward_auth}\n  - {address: "unix:@directory@/ask.sock", name: local, mode: forward_auth}'))
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(10)
        wire.connect(str(process.directory / "ask.sock"))
        wire.sendall(question("/public"))
        assert wire.makefile("rb").readline().split()[1] == b"200"


def test_connections_of_the_other_proxy_are_not_counted_by_its_address(start):
    process = start(CONFIGURATION + "limits: {max_connections_per_address: 1}\n")
    with process.connect() as one, process.connect() as two:
        for wire in (one, two, one):
            wire.send(question("/public"))
            assert wire.response().status == 200


PUBLIC = "- {address: 127.0.0.1:0, name: public, mode: forward_auth}"


@pytest.mark.parametrize("instead", [
    '- {address: "unix:@directory@/other.sock", name: public, mode: forward_auth}',
    "- {address: 127.0.0.1:0, name: public, mode: proxy}",
])
def test_a_question_is_never_taken_for_a_request(start, app, sockets, instead):
    shared = CONFIGURATION.split("tests:")[0].replace("defaults: {", 'upstreams: {app: {servers: ["@http@"]}}\ndefaults: {upstream: app, ')
    proxy = reloadable(start(shared), app, sockets)
    with proxy.process.connect() as wire:
        wire.send(question("/admin", at="/public"))
        assert wire.response().status == 401
        proxy.write(shared.replace(PUBLIC, instead))
        proxy.reload("success")
        wire.send(question("/admin", at="/public"))
        assert wire.response().status == 503
        assert wire.is_closed()
    assert app.heads == []


def test_a_request_is_never_taken_for_a_question(start, app, sockets):
    shared = CONFIGURATION.split("tests:")[0]
    proxying = shared.replace("mode: forward_auth", "mode: proxy").replace("defaults: {", 'upstreams: {app: {servers: ["@http@"]}}\ndefaults: {upstream: app, ')
    proxy = reloadable(start(proxying), app, sockets)
    with proxy.process.connect() as kept, proxy.process.connect() as other:
        for wire in (kept, other):
            wire.send(question("/admin", at="/public"))
            assert wire.response().status == 200
        proxy.write(shared)
        proxy.reload("success")
        kept.send(question("/public", at="/public"))
        assert kept.response().status == 503 and kept.is_closed()
        # Where the listener is gone, too: the route has no app any more.
        proxy.write(shared.replace(PUBLIC, '- {address: "unix:@directory@/other.sock", name: public, mode: forward_auth}'))
        proxy.reload("success")
        other.send(question("/public", at="/public"))
        assert other.response().status == 503 and other.is_closed()
    assert len(app.heads) == 2


def test_an_assertion_is_about_the_path_that_the_other_proxy_forwards(start, app):
    text = CONFIGURATION.split("tests:")[0].replace("mode: forward_auth}", 'mode: forward_auth}\n  - {address: "unix:@directory@/proxy.sock", name: proxy}')
    text = text.replace("defaults: {", 'upstreams: {app: {servers: ["@http@"]}}\nassertion: {private_key: assertion.pem}\ndefaults: {upstream: app, ')
    text = text.replace("{prefix: /query, name: query,", "{prefix: /query, name: query, strip_prefix: true,")
    process = start(text, files={"assertion.pem": private_pem()})
    answer = ask(process, "/query/x", headers=bearer(mint()))
    payload = answer.get("X-Bearward-Assertion").split(".")[1]
    assert answer.status == 200 and json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["path"] == "/query/x"


def test_only_trusted_proxies_may_ask(start):
    process = start(CONFIGURATION + "trusted_proxies: [192.0.2.1]\n")
    refused = ask(process, "/public", headers={"X-Request-Id": "stranger-1", "X-Forwarded-For": "192.0.2.1"})
    assert refused.status == 403 and refused.get("X-User-Id") is None
    assert "trusted_proxies" in process.access_record("stranger-1")["cause"]
    assert ask(start(CONFIGURATION + "trusted_proxies: [127.0.0.1]\n"), "/public").status == 200


def test_beside_a_proxy_listener(start, app):
    text = CONFIGURATION.replace("mode: forward_auth}", "mode: forward_auth}\n  - {address: \"unix:@directory@/proxy.sock\", name: proxy}")
    text = text.replace("defaults: {", "upstreams: {app: {servers: [\"@http@\"]}}\ndefaults: {upstream: app, ")
    process = start(text)
    assert ask(process, "/public").status == 200 and app.heads == []


def test_commands_know_such_listeners(bearward):
    def run(*arguments):
        return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=30 * SLOWNESS)

    assert run("check", "--strict", bearward.configuration).returncode == 0
    assert " - " in run("routes", bearward.configuration).stdout
    said = run("explain", "-c", bearward.configuration, "--path", "/public", "--json")
    headers = json.loads(said.stdout)["answer"]["headers"]
    assert said.returncode == 0 and headers["X-User-Id"] == ""
    said = run("explain", "-c", bearward.configuration, "--path", "/x/../public", "--json")
    assert said.returncode == 3 and json.loads(said.stdout)["status"] == 400
