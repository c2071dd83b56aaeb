"""Tokens in cookies, as pages of one's own have them: where they count, what the app gets, and what other sites' pages can't do."""

import json
import subprocess

import pytest
from conftest import BINARY, SLOWNESS
from frames import handshake, read_frame
from tokens import bearer, mint

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
trusted_proxies: [127.0.0.2]
upstreams:
  app: {servers: ["@http@"]}
  sockets: {servers: ["@websocket@"]}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, cookie: session}
defaults: {upstream: app, providers: [main], token_from: [header, cookie]}
routes:
  - {prefix: /, name: rest}
  - {prefix: /listed, name: listed, cookie_origins: ["https://app.test"]}
  - {prefix: /header, name: header, token_from: [header]}
  - {prefix: /keep, name: keep, forward_token: true}
  - {prefix: /public, name: public, auth: none}
  - {prefix: /ws, name: ws, upstream: sockets, websocket: {token_from: [cookie]}}
tests:
  - {name: a page reads, request: {path: /ws-less}, identity: {user: ada}, expect: {status: 200, headers: {Cookie: ""}}}
  - {name: a socket of its own page, request: {path: /ws, websocket: true, headers: {Origin: "http://localhost"}}, identity: {user: ada}, expect: {status: 200}}
  - {name: a socket of another page, request: {path: /ws, websocket: true, headers: {Origin: "https://evil.test"}}, identity: {user: ada}, expect: {close: 1008, reason: origin_denied}}
"""
OWN = {"Origin": "http://api.test"}


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream, websocket_upstream):
    from conftest import bearward_process

    process = bearward_process(tmp_path_factory.mktemp("cookies"), CONFIGURATION, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


def cookie(token, before="", after=""):
    return {"Cookie": f"{before}session={token}{after}"}


def test_a_cookie_carries_the_token_and_is_removed(bearward, app):
    for before, after, left in (("", "", None), ("a=b; ", "", "a=b"), ("", "; c=d", "c=d"), ("a=b; ", "; c=d", "a=b; c=d")):
        assert bearward.fetch(target="/x", headers=cookie(mint(), before, after)).status == 200
        assert app.last.get("Cookie") == left and app.last.get("X-User-Id") == "u-1"
    token = mint()
    assert bearward.fetch(target="/keep", headers=cookie(token, "a=b; ")).status == 200
    assert app.last.get("Cookie") == f"a=b; session={token}"
    assert bearward.fetch(target="/public", headers=cookie(token)).status == 200
    assert app.last.get("Cookie") == f"session={token}"


def test_another_place_comes_first(bearward, app):
    assert bearward.fetch(target="/x", headers={**bearer(mint()), **cookie("forged", "a=b; ", "; session=twice")}).status == 200
    assert app.last.get("Cookie") == "a=b"
    assert bearward.fetch(target="/header", headers={**bearer(mint()), **cookie(mint(), "a=b; ")}).status == 200
    assert app.last.get("Cookie") == "a=b"
    assert bearward.fetch(target="/header", headers=cookie(mint())).status == 401
    assert bearward.fetch(target="/x", headers={"Authorization": "Bearer forged", **cookie(mint())}).status == 401
    assert len(app.heads) == 2


def test_what_is_refused(bearward, app):
    token = mint()
    for headers, status in (
        (cookie("forged"), 401), (cookie(""), 401), (cookie(f'"{token}"'), 401), ({"Cookie": f"Session={token}"}, 401), ({"Cookie": "session"}, 401),
        (cookie(token, f"session={token}; "), 400), ([("Cookie", f"session={token}"), ("Cookie", f"session={token}")], 400),
    ):
        assert bearward.fetch(target="/x", headers=headers).status == status, headers
    assert app.heads == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_sites_pages_change_nothing(bearward, app, method):
    for more in ({}, {"Origin": "https://evil.test"}, {"Origin": "null"}, {"Origin": "https://api.test"}, {"Origin": "http://api.test:8080"},
                 {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://app.test"}):
        response = bearward.fetch(method, "/x", headers={**cookie(mint()), **more})
        assert response.status == 403 and json.loads(response.body) == {"detail": "Not allowed"}, more
        assert bearward.access_record(response.get("X-Request-Id"))["reason"] == "origin_denied"
    assert app.heads == []
    for target, more in (("/x", OWN), ("/x", {"Sec-Fetch-Site": "same-origin"}), ("/x", {"Sec-Fetch-Site": "none"}), ("/listed", {"Origin": "https://app.test"})):
        assert bearward.fetch(method, target, headers={**cookie(mint()), **more}).status == 200, more
    assert bearward.fetch("GET", "/x", headers={**cookie(mint()), "Origin": "https://evil.test"}).status == 200


def test_sockets_open_for_its_own_pages(bearward, sockets):
    for origin, opens in (("http://api.test", True), ("https://evil.test", False), ("null", False), (None, False)):
        with bearward.connect() as client:
            client.send(handshake("/ws", [("Cookie", f"session={mint()}"), *([("Origin", origin)] if origin else [])]))
            assert client.response().status == 101
            if not opens:
                _, payload = read_frame(client)
                assert int.from_bytes(payload[:2], "big") == 1008 and payload[2:] == b"Not allowed"


def test_commands_tell_of_it(bearward):
    def run(*arguments, stdin=None):
        return subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, text=True, timeout=30 * SLOWNESS)

    tests = run("test", "-c", bearward.configuration)
    assert tests.returncode == 0, tests.stdout + tests.stderr
    token = mint()
    told = run("explain", "-c", bearward.configuration, "--method", "POST", "--path", "/x", "--header", f"Cookie: session={token}", "--header", "Origin: https://evil.test")
    assert told.returncode == 3 and "cookie session" in told.stdout and "origin_denied" in told.stdout and token.split(".")[2] not in told.stdout
    told = run("explain", "-c", bearward.configuration, "--path", "/x", "--header", f"Cookie: session={token}", "--header", "Origin: https://evil.test")
    assert told.returncode == 0, told.stdout
