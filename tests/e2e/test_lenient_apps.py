"""Real apps that read requests loosely, with a client who knows it: nothing that the rules forbid reaches their handlers, and nobody gets another client's bytes."""

import json
import re

import pytest
from conftest import bearward_process
from frames import handshake
from peers.lenient import APPS, lenient_app
from tokens import bearer, mint
from wire import request

CONFIGURATION = """
version: 1
threads: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers: {main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}}
defaults: {upstream: app, providers: [main]}
headers: {unusual_names: UNUSUAL}
routes:
  - {prefix: /, name: all}
  - {prefix: /public, name: public, auth: none}
  - {prefix: /leftover, name: leftover, auth: none}
  - {prefix: /admin, name: admin, require: {roles: [admin]}}
  - {exact: /secret, name: secret, require: {roles: [admin]}}
  - {prefix: /items, name: items}
  - {prefix: /items, name: delete_items, methods: [DELETE], require: {roles: [admin]}}
"""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
ALIASES = [re.sub("-", byte, name) for name in ("X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes") for byte in "-_.!~|"]


@pytest.fixture(scope="module", params=APPS)
def app(request, tmp_path_factory):
    started = lenient_app(request.param, tmp_path_factory.mktemp("app"))
    yield started
    started.stop()


@pytest.fixture(scope="module", params=["drop", "allow"])
def unusual(request):
    return request.param


@pytest.fixture(scope="module")
def proxy(app, unusual, tmp_path_factory):
    process = bearward_process(tmp_path_factory.mktemp("proxy"), CONFIGURATION.replace("UNUSUAL", unusual), http=app.address)
    yield process
    process.stop()


def report(answer):
    assert answer.status == 200, answer
    return json.loads(answer.body)


def test_the_app_serves(proxy):
    said = report(proxy.fetch("POST", "/admin/users", bearer(mint(roles=["admin"])), b"x"))
    assert said["handler"] == "admin" and said["method"] == "POST" and said["seen"]["HTTP_X_USER_ID"] == "u-1"
    assert report(proxy.fetch("DELETE", "/items/1", bearer(mint(roles=["admin"]))))["handler"] == "delete"
    assert report(proxy.fetch("GET", "/secret", bearer(mint(roles=["admin"]))))["handler"] == "secret"
    assert report(proxy.fetch("GET", "/public/x"))["handler"] == "everything"


@pytest.mark.parametrize("method", [method for method in METHODS if method != "HEAD"])
@pytest.mark.parametrize("target", ["/x", "/public/x"])
def test_no_spelling_of_an_identity_arrives(proxy, method, target):
    headers = [*((name, "spoof") for name in ALIASES), ("X-User-Id", "spoof"), *bearer(mint()).items()]
    answer = proxy.fetch(method, target, headers, b"x" if method in ("POST", "PUT", "PATCH") else b"")
    seen = report(answer)["seen"]
    assert "spoof" not in json.dumps(seen)
    assert seen.get("HTTP_X_USER_ID") == (None if "public" in target else "u-1")


@pytest.mark.parametrize("target", ["/x", "/public/x"])
def test_nor_in_a_handshake(proxy, target):
    with proxy.connect() as wire:
        wire.send(handshake(target, [*((name, "spoof") for name in ALIASES), *bearer(mint()).items()]))
        answer = wire.response()
    assert answer.status != 101 and b"spoof" not in answer.body


PATHS = [
    "/admin/users", "/admin/users/", "/ADMIN/users", "/Admin/Users", "/aDMIN/users/", "//admin/users", "/./admin/users", "/x/../admin/users", "/%61dmin/users",
    "/%41dmin/users", "/admin;x/users", "/admin;/users", "/admin/users;x=1", "/admin%2Fusers", "/admin%2fusers", "/ADMIN%2fusers", "/admin%5Cusers", "/admin\\users",
    "/admin//users", "/admin/./users", "/%2e/admin/users", "/x/%2e%2e/admin/users", "/x%2F..%2Fadmin/users", "/public/../admin/users", "/public/..%2Fadmin/users",
    "/public/%2e%2e/admin/users", "/public/..;/admin/users", "/admin%00/users", "/admin/users%00", "/admin/users%20", "/admin/users?x", "/admin/users?", "/admin%252Fusers",
    "/admin/users//", "/secret", "/secret/", "/SECRET", "/Secret/", "/SECRET//", "/%73ecret", "/secret;x", "/secret%2F", "/secret?a", "//secret", "/public/../secret/",
    "http://api.test/admin/users", "http://api.test/SECRET/",
]


@pytest.mark.parametrize("target", PATHS)
def test_no_spelling_of_a_path_reaches_a_handler_that_is_forbidden(proxy, target):
    for headers in (bearer(mint()), {}):
        answer = proxy.fetch("GET", target, headers)
        if answer.status == 200:
            assert headers and json.loads(answer.body)["handler"] == "everything", answer
        else:
            assert answer.status in (301, 302, 308, 400, 401, 403, 404), answer


@pytest.mark.parametrize("method", ["delete", "Delete", "DELETe"])
def test_a_method_in_lower_case_is_refused(proxy, method):
    answer = proxy.fetch(method, "/items/1", bearer(mint()))
    assert answer.status == 400


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X_HTTP_Method_Override", "X.HTTP.Method.Override"])
def test_a_method_in_a_header_is_none(proxy, name):
    answer = proxy.fetch("POST", "/items/1", {**bearer(mint()), name: "DELETE"}, b"x")
    assert b"delete" not in answer.body and b"DELETE" not in answer.body
    assert proxy.fetch("DELETE", "/items/1", bearer(mint())).status == 403


@pytest.mark.parametrize("method, target", [("HEAD", "/leftover/200"), ("GET", "/leftover/204"), ("GET", "/leftover/304"), ("HEAD", "/leftover/204")])
def test_what_an_app_sends_too_much_is_nobodys_answer(proxy, method, target):
    for _ in range(8):
        with proxy.connect() as attacker, proxy.connect() as victim:
            attacker.send(request(method, target))
            assert attacker.response(to_head=method == "HEAD").status in (200, 204, 304)
            victim.send(request("GET", "/private", bearer(mint())))
            answer = victim.response()
            assert answer.status == 200 and json.loads(answer.body)["handler"] == "everything"
