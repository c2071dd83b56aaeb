"""What a route changes in requests and responses, and the forms of Bearward's own answers."""

import json

import pytest
from frames import handshake
from tokens import bearer, mint

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"]}
  sockets: {servers: ["@websocket@"]}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
headers: {unusual_names: allow, rewrites: allow}
errors: {format: FORMAT, expose_reason: true, realm: my app}
defaults: {upstream: app, providers: [main], add_response_headers: {X-Frame-Options: DENY}}
routes:
  - {prefix: /, name: rest}
  - {prefix: /api, name: api, strip_prefix: true}
  - {prefix: "/t/{tenant}/files", name: files, strip_prefix: true, require: {tenant: "{tenant}"}}
  - prefix: /changed
    name: changed
    auth: none
    add_request_headers: {X-Env: prod, X-Forwarded-Proto: https}
    remove_request_headers: [Cookie, X-Debug, X-Forwarded-Host]
    add_response_headers: {Cache-Control: no-store, X-Env: prod}
    remove_response_headers: [Server, X-Powered-By]
  - {prefix: /ws, name: ws, upstream: sockets, auth: none, strip_prefix: true, add_response_headers: {X-Socket: "yes"}}
"""


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream, websocket_upstream):
    from conftest import bearward_process

    process = bearward_process(tmp_path_factory.mktemp("changes"), CONFIGURATION.replace("FORMAT", "problem"),
                               http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


@pytest.mark.parametrize("target, forwarded", [
    ("/api", "/"), ("/api/", "/"), ("/api/x/y?a=b", "/x/y?a=b"), ("/api//x", "/x"), ("/api/%2e/./x/../api/z", "/api/z"),
    ("/t/t-1/files", "/"), ("/t/t%2D1/files/a/b", "/a/b"), ("/api?x", "/?x"),
])
def test_the_prefix_is_removed(bearward, app, target, forwarded):
    assert bearward.fetch(target=target, headers=bearer(mint())).status == 200
    assert app.heads[0].target == forwarded


def test_request_headers_are_replaced_and_removed(bearward, app):
    headers = [("X-Env", "dev"), ("x_env", "dev"), ("Cookie", "a=b"), ("x-debug", "1"), ("X_Debug", "1"), ("Accept", "*/*")]
    assert bearward.fetch(target="/changed", headers=headers).status == 200
    head = app.heads[0]
    assert head.all("X-Env") == ["prod"] and head.all("X-Forwarded-Proto") == ["https"] and head.get("Accept") == "*/*"
    assert not head.names() & {"x_env", "cookie", "x-debug", "x_debug", "x-forwarded-host"}


def test_response_headers_are_replaced_and_removed(bearward, app):
    async def answer(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nserver: a\r\nX-Powered-By: b\r\nx_powered_by: b\r\nCache-Control: public\r\ncache-control: max-age=1\r\n"
                     b"Content-Length: 2\r\nVary: Accept\r\n\r\nok")
        await writer.drain()

    app.on("/changed/answer", answer)
    response = bearward.fetch(target="/changed/answer")
    assert response.all("Cache-Control") == ["no-store"] and response.get("X-Env") == "prod" and response.get("Vary") == "Accept"
    assert response.get("Server") is None and response.get("X-Powered-By") is None and response.get("x_powered_by") is None
    assert response.get("X-Frame-Options") is None, "the route's key replaces the default's"
    assert bearward.fetch(target="/x", headers=bearer(mint())).get("X-Frame-Options") == "DENY"


def test_the_app_learns_which_prefix_was_removed(bearward, app):
    for target, prefix in (("/api/x", "/api"), ("/api", "/api"), ("/api/", "/api"), ("/api//x", "/api"), ("/t/t-1/files/a", "/t/t-1/files")):
        assert bearward.fetch(target=target, headers={**bearer(mint()), "X-Forwarded-Prefix": "/evil"}).status == 200
        assert app.last.all("X-Forwarded-Prefix") == [prefix], target


def test_the_same_on_sockets(bearward, sockets):
    with bearward.connect() as wire:
        wire.send(handshake("/ws/room?a=1"))
        answer = wire.response()
        assert answer.status == 101 and answer.get("X-Socket") == "yes"
    assert sockets.handshakes[0][0] == "/room?a=1"


@pytest.mark.parametrize("name", ["X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X_Custom"])
def test_rewrites_and_unusual_names_pass_where_they_are_allowed(bearward, app, name):
    assert bearward.fetch(target="/x", headers={**bearer(mint()), name: "/elsewhere"}).status == 200
    assert app.heads[0].get(name) == "/elsewhere"


@pytest.mark.parametrize("name", ["X_User_Id", "x-user_id", "X_TENANT-ID"])
def test_but_identity_headers_never(bearward, app, name):
    assert bearward.fetch(target="/x", headers={**bearer(mint()), name: "root"}).status == 200
    assert app.heads[0].get("X-User-Id") == "u-1" and "root" not in [value for _, value in app.heads[0].headers]


def test_problems(bearward):
    answer = bearward.fetch(target="/x")
    assert answer.status == 401 and answer.get("Content-Type") == "application/problem+json"
    assert answer.get("WWW-Authenticate") == 'Bearer realm="my app"'
    assert json.loads(answer.body) == {
        "type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "Not authenticated", "reason": "token_missing"}


def test_text(start):
    process = start(CONFIGURATION.replace("FORMAT", "text"))
    answer = process.fetch(target="/x")
    assert answer.status == 401 and answer.get("Content-Type") == "text/plain; charset=utf-8" and answer.body == b"Not authenticated"
    assert answer.get("Cache-Control") == "no-store" and answer.get("X-Request-Id")
