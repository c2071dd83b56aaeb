"""Pages of other origins: a front end on its own origin, an app that answers CORS itself, and refusals that a page can read."""

import json
import subprocess

import pytest
from conftest import BINARY, SLOWNESS
from tokens import bearer, mint

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"]}
  down: {servers: [127.0.0.1:1], connect_timeout: 200ms}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /, name: rest}
  - {prefix: /admin, name: admin, require: {roles: [admin]}}
  - {exact: /items, name: read, methods: [GET]}
  - {exact: /items, name: write, methods: [PUT], require: {roles: [writer]}}
  - {prefix: /own, name: own, cors: pass}
  - {prefix: /off, name: "off", cors: off}
  - {prefix: /down, name: down, upstream: down}
cors:
  allow_origins: ["http://localhost:3000", "https://*.example.com"]
  allow_methods: [GET, PUT, DELETE]
  allow_headers: [Authorization, Content-Type, X-Trace]
  expose_headers: [X-Total]
  allow_credentials: true
  max_age: 2m
tests:
  - name: a preflight needs no credential
    request: {method: OPTIONS, path: /admin, headers: {Origin: "http://localhost:3000", Access-Control-Request-Method: GET}}
    expect: {status: 204, reason: public, route: admin}
  - name: an app that answers itself gets it
    request: {method: OPTIONS, path: /own, headers: {Origin: "http://localhost:3000", Access-Control-Request-Method: GET, X-User-Id: root}}
    expect: {status: 200, reason: public, route: own, headers: {X-User-Id: "", Origin: "http://localhost:3000"}}
"""
PAGE = "http://localhost:3000"


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream):
    from conftest import bearward_process

    process = bearward_process(tmp_path_factory.mktemp("cors"), CONFIGURATION, http=http_upstream.address)
    yield process
    process.stop()


def preflight(bearward, target, asked="GET", origin=PAGE, **more):
    headers = {"Origin": origin, "Access-Control-Request-Method": asked, **more}
    return bearward.fetch("OPTIONS", target, headers=headers)


def test_a_preflight_is_answered_by_bearward(bearward, app):
    for target in ("/x", "/admin/users", "/items"):
        response = preflight(bearward, target, **{"Access-Control-Request-Headers": "authorization,x-trace"})
        assert response.status == 204 and response.body == b"", target
        assert response.get("Access-Control-Allow-Origin") == PAGE and response.get("Access-Control-Allow-Credentials") == "true"
        assert response.get("Access-Control-Allow-Methods") == "GET, PUT, DELETE"
        assert response.get("Access-Control-Allow-Headers") == "Authorization, Content-Type, X-Trace"
        assert response.get("Access-Control-Max-Age") == "120" and response.get("Content-Length") is None
        assert response.get("Vary") == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    assert app.heads == []


@pytest.mark.parametrize("origin", ["https://a.example.com", "https://a.b.example.com"])
def test_subdomains_are_accepted(bearward, app, origin):
    assert preflight(bearward, "/x", origin=origin).get("Access-Control-Allow-Origin") == origin


@pytest.mark.parametrize("origin", ["https://example.com", "https://evil.test", "null", "http://localhost:3001", "https://.example.com",
                                    "https://evil.test/.example.com", "https://a.example.com.evil.test", "HTTP://LOCALHOST:3000"])
def test_a_page_of_another_origin_learns_nothing(bearward, app, origin):
    response = preflight(bearward, "/x", origin=origin)
    assert response.status == 204 and not [name for name, _ in response.headers if name.lower().startswith("access-control-")]
    assert response.get("Vary").startswith("Origin")
    answer = bearward.fetch(target="/x", headers={**bearer(mint()), "Origin": origin})
    assert answer.status == 200 and answer.get("Access-Control-Allow-Origin") is None and answer.get("Vary") == "Origin"
    assert len(app.heads) == 1


def test_a_preflight_has_the_route_of_the_method_that_it_asks_about(bearward, app):
    assert preflight(bearward, "/items", "PUT").status == 204
    refused = preflight(bearward, "/items", "DELETE")
    assert refused.status == 405 and refused.get("Allow") == "GET, HEAD, PUT" and refused.get("Access-Control-Allow-Origin") == PAGE
    assert app.heads == []


def test_an_app_that_answers_itself_gets_preflights_bare(bearward, app):
    async def answer(_, __, writer):
        writer.write(b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: https://the.app\r\nAccess-Control-Allow-Methods: PATCH\r\n\r\n")
        await writer.drain()

    app.on("/own/x", answer)
    headers = {**bearer(mint()), "Cookie": "a=b", "X-User-Id": "root", "X-Api-Key": "k", "Sec-Fetch-Site": "cross-site"}
    response = preflight(bearward, "/own/x", "PATCH", **headers)
    assert response.status == 204 and response.get("Access-Control-Allow-Origin") == "https://the.app"
    assert response.get("Access-Control-Allow-Methods") == "PATCH" and response.get("Vary") is None
    head = app.last
    assert head.method == "OPTIONS" and head.get("Origin") == PAGE and head.get("Access-Control-Request-Method") == "PATCH"
    assert head.get("Sec-Fetch-Site") == "cross-site"
    assert not head.names() & {"authorization", "cookie", "x-user-id", "x-api-key", "content-length", "transfer-encoding"}


def test_nothing_else_passes_as_a_preflight(bearward, app):
    for method, headers in (
        ("GET", {"Origin": PAGE, "Access-Control-Request-Method": "GET"}),
        ("OPTIONS", {"Origin": PAGE}),
        ("OPTIONS", {"Access-Control-Request-Method": "GET"}),
        ("OPTIONS", [("Origin", PAGE), ("Origin", PAGE), ("Access-Control-Request-Method", "GET")]),
        ("OPTIONS", [("Origin", PAGE), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Method", "GET")]),
    ):
        for target in ("/own", "/x"):
            assert bearward.fetch(method, target, headers=headers).status == 401
    assert preflight(bearward, "/off").status == 401
    assert app.heads == []


def test_refusals_are_readable(bearward, app):
    for target, status in (("/x", 401), ("/admin", 403), ("/x/%zz", 400), ("/down", 502)):
        headers = {"Origin": PAGE, **({} if status == 401 else bearer(mint()))}
        response = bearward.fetch(target=target, headers=headers)
        assert response.status == status and response.get("Access-Control-Allow-Origin") == PAGE, target
        assert response.get("Access-Control-Expose-Headers") == "X-Total" and response.get("Vary") == "Origin"
    assert app.heads == []


def test_a_preflight_is_logged_and_counted(bearward, app):
    name = 'bearward_decisions_total{route="admin",reason="public",mode="enforce"} '
    count = lambda: sum(int(line.removeprefix(name)) for line in bearward.admin("/metrics")[1].splitlines() if line.startswith(name))  # noqa: E731
    before = count()
    response = preflight(bearward, "/admin/x")
    record = bearward.access_record(response.get("X-Request-Id"))
    assert (record["method"], record["status"], record["reason"], record["route"]) == ("OPTIONS", 204, "public", "admin")
    assert count() == before + 1


def test_commands_tell_of_it(bearward):
    def run(*arguments):
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30 * SLOWNESS)

    routes = run("routes", "-c", bearward.configuration).stdout
    assert "CORS" in routes and "http://localhost:3000,https://*.example.com" in routes and "pass" in routes
    asked = ["--json", "--method", "OPTIONS", "--path", "/admin", "--header", "Access-Control-Request-Method: GET", "--header"]
    for origin, allowed in ((PAGE, PAGE), ("https://evil.test", None)):
        told = run("explain", "-c", bearward.configuration, *asked, f"Origin: {origin}")
        outcome = json.loads(told.stdout)
        assert told.returncode == 0 and (outcome["decision"], outcome["reason"], outcome["status"]) == ("permit", "public", 204)
        assert outcome["answer"]["headers"].get("Access-Control-Allow-Origin") == allowed
    tests = run("test", "-c", bearward.configuration)
    assert tests.returncode == 0, tests.stdout + tests.stderr
