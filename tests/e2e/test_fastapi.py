"""A FastAPI app behind the example configuration: its users, its login, its uploads and sockets, and nothing of it reads a token."""

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import time

import pytest
from conftest import SLOWNESS
from fastapi_fixtures import *  # noqa: F403: the app and what is before it
from fastapi_process import FORM, JSON, header, log_in, mint
from fastapi_sockets import closed_with, open_socket
from jose import jwt
from spellings import families
from tokens import SECRET, bearer, minted, tampered
from upload_bodies import MULTIPART, facts, multipart, part
from wire import connection, fetch

CHALLENGE = 'Bearer realm="bearward"'
INVALID = CHALLENGE + ', error="invalid_token", error_description="The token is not valid"'
EXPIRED = CHALLENGE + ', error="invalid_token", error_description="The token has expired"'
FORBIDDEN = CHALLENGE + ', error="insufficient_scope"'

PROTECTED = [
    ("GET", "/users/me/"), ("GET", "/admin/dashboard"), ("GET", "/api/v1/protected/data"), ("GET", "/tenants/acme/widgets"),
    ("POST", "/refresh"), ("POST", "/upload"), ("POST", "/items"), ("GET", "/items"), ("DELETE", "/users/7"), ("GET", "/ws"), ("GET", "/redoc"),
]


def assert_refused(bearward, app, answer, status, detail, challenge, reason):
    assert (answer.status, json.loads(answer.body), answer.get("WWW-Authenticate")) == (status, {"detail": detail}, challenge)
    assert answer.get("Server") is None, "the app's own answer"
    assert bearward.access_record(answer.get("X-Request-Id"))["reason"] == reason
    assert app.seen() == []


# --- login and tokens -----------------------------------------------------------------


def test_the_login_is_public_and_the_app_decides_it(bearward, app):
    assert all(token.count(".") == 2 for token in log_in(bearward, "ann"))
    wrong = bearward.fetch("POST", "/token", headers=FORM, body=b"username=ann%40example.com&password=guess")
    assert (wrong.status, json.loads(wrong.body)) == (401, {"detail": "Wrong name or password"})
    assert wrong.get("WWW-Authenticate") == 'Bearer realm="the app"'
    assert bearward.fetch("POST", "/token", headers=FORM, body=b"username=ann").status == 422
    assert [request["path"] for request in app.seen()] == ["/token"] * 3
    assert all(not name.startswith("x-user") for request in app.seen() for name, _ in request["headers"])


def test_the_login_takes_no_other_method(bearward, app):
    answer = bearward.fetch("GET", "/token")
    assert answer.status == 405 and answer.get("Allow") == "POST" and app.seen() == []


def test_python_joses_token_opens_the_app_and_stays_outside(bearward, app, ann):
    answer = bearward.fetch(target="/users/me/", headers=bearer(ann[0]))
    assert (answer.status, json.loads(answer.body)) == (200, {"user": "ann@example.com", "tenant": "acme", "roles": ["user"]})
    assert header(app.last(), "authorization") is None and ann[0] not in json.dumps(app.last())


@pytest.mark.parametrize("method, target", PROTECTED, ids=lambda value: value.strip("/").replace("/", "_"))
def test_without_a_token_it_is_401(bearward, app, method, target):
    answer = bearward.fetch(method, target)
    assert_refused(bearward, app, answer, 401, "Not authenticated", CHALLENGE, "token_missing")


REFUSED = {
    "malformed": (lambda: "not.a.token", "Could not validate credentials", INVALID, "token_malformed"),
    "no token after the scheme": (lambda: "", "Could not validate credentials", INVALID, "token_malformed"),
    "expired": (lambda: mint(exp=int(time.time()) - 60), "Token has expired", EXPIRED, "token_expired"),
    "claims changed": (lambda: tampered(mint(), roles=["admin"], sub="bob@example.com"), "Could not validate credentials", INVALID, "signature_invalid"),
    "another secret": (lambda: jwt.encode(jwt.get_unverified_claims(mint()), "s" * 48, algorithm="HS256"),
                       "Could not validate credentials", INVALID, "signature_invalid"),
    "another algorithm": (lambda: jwt.encode(jwt.get_unverified_claims(mint()), SECRET.decode(), algorithm="HS512"),
                          "Could not validate credentials", INVALID, "algorithm_not_allowed"),
    "another audience": (lambda: mint(aud="other"), "Could not validate credentials", INVALID, "audience_mismatch"),
    "no expiry": (lambda: mint(exp=None), "Could not validate credentials", INVALID, "claim_missing"),
    "no type": (lambda: mint(type=None), "Could not validate credentials", INVALID, "claim_missing"),
    "another type": (lambda: mint(type="reset"), "Could not validate credentials", INVALID, "claim_mismatch"),
}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.replace(" ", "_"))
@pytest.mark.parametrize("target", ["/users/me/", "/admin/dashboard", "/api/v1/protected/data", "/tenants/acme/widgets"])
def test_a_refused_token_is_401(bearward, app, case, target):
    make, detail, challenge, reason = REFUSED[case]
    answer = bearward.fetch(target=target, headers=bearer(make()))
    assert_refused(bearward, app, answer, 401, detail, challenge, reason)


def test_a_bad_token_is_refused_where_none_is_needed_too(bearward, app, ann):
    assert json.loads(bearward.fetch(target="/hello").body) == {"hello": "stranger"}
    assert json.loads(bearward.fetch(target="/hello", headers=bearer(ann[0])).body) == {"hello": "ann@example.com"}
    app.forget()
    answer = bearward.fetch(target="/hello", headers=bearer(mint(exp=int(time.time()) - 60)))
    assert_refused(bearward, app, answer, 401, "Token has expired", EXPIRED, "token_expired")


# --- roles and tenants ----------------------------------------------------------------


@pytest.mark.parametrize("method, target", [("GET", "/admin/dashboard"), ("GET", "/admin"), ("GET", "/admin/"), ("DELETE", "/users/7")])
def test_without_the_role_it_is_403(bearward, app, ann, method, target):
    answer = bearward.fetch(method, target, headers={**bearer(ann[0]), "X-User-Roles": "admin"})
    assert_refused(bearward, app, answer, 403, "Not enough permissions", FORBIDDEN, "role_missing")


def test_no_spelling_of_the_path_shows_a_user_the_dashboard(bearward, app, ann):
    found = families("admin", ["/hello", "/tenants/acme"], ["api.test"])
    spellings = sorted({spelling + "/dashboard" for name in ("per_character", "leading", "upwards", "absolute") for spelling in found[name]} | set(found["suffixed"]))
    for spelling in spellings:
        answer = bearward.fetch(target=spelling, headers=bearer(ann[0]))
        assert answer.status in (400, 403, 404, 405) and b'"dashboard"' not in answer.body, (spelling, answer)
    paths = [request["path"] for request in app.seen()]
    assert not [path for path in paths if path == "/admin" or path.startswith("/admin/")]
    assert len(spellings) > 1000


def test_with_the_role_the_app_answers(bearward, app, bob):
    assert json.loads(bearward.fetch(target="/admin/dashboard", headers=bearer(bob[0])).body) == {"dashboard": "bob@example.com"}
    assert json.loads(bearward.fetch("DELETE", "/users/7", headers=bearer(bob[0])).body) == {"deleted": 7, "by": "bob@example.com"}
    assert header(app.last(), "x-user-roles") == "user,admin"


def test_another_tenant_is_403(bearward, app, ann, bob):
    for token, target in ((ann[0], "/tenants/globex/widgets"), (bob[0], "/tenants/acme/widgets"), (mint(tid=None), "/tenants/acme/widgets")):
        answer = bearward.fetch(target=target, headers={**bearer(token), "X-Tenant-Id": target.split("/")[2]})
        assert_refused(bearward, app, answer, 403, "Not enough permissions", FORBIDDEN, "tenant_mismatch")
    answer = bearward.fetch(target="/tenants/acme/widgets", headers=bearer(ann[0]))
    assert [widget["name"] for widget in json.loads(answer.body)] == ["anvil", "rocket"]
    answer = bearward.fetch(target="/tenants/globex/widgets", headers=bearer(bob[0]))
    assert [widget["name"] for widget in json.loads(answer.body)] == ["lever"]


# --- refresh tokens -------------------------------------------------------------------


def test_a_refresh_token_opens_nothing_but_refresh(bearward, app, bob):
    for method, target in [entry for entry in PROTECTED if entry[1] != "/refresh"] + [("GET", "/hello"), ("GET", "/tenants/globex/widgets")]:
        answer = bearward.fetch(method, target, headers=bearer(bob[1]))
        assert_refused(bearward, app, answer, 401, "Could not validate credentials", INVALID, "claim_mismatch")


def test_a_refresh_token_opens_nothing_else_right_after_its_use_either(bearward, app, bob):
    access, fresh = bob
    with bearward.connect() as wire:  # one connection is one worker, with its cache
        def send(method, target, token):
            wire.send(f"{method} {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n".encode())
            return wire.response()

        for _ in range(3):
            answer = send("POST", "/refresh", fresh)
            assert answer.status == 200, answer
            renewed = json.loads(answer.body)["access_token"]
            minted.add(renewed)
            app.forget()
            for target in ("/admin/dashboard", "/users/me/", "/tenants/globex/widgets"):
                assert_refused(bearward, app, send("GET", target, fresh), 401, "Could not validate credentials", INVALID, "claim_mismatch")
            for token in (access, renewed):
                assert send("GET", "/admin/dashboard", token).status == 200
                app.forget()
                assert_refused(bearward, app, send("POST", "/refresh", token), 401, "Could not validate credentials", INVALID, "claim_mismatch")


ONE_PROVIDER = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {algorithms: [HS256], audiences: [widgets-api], keys: {secret: {env: SECRET_KEY}}}
policies:
  no_refresh_token: {not: {claims: {type: refresh}}}
defaults: {upstream: app, providers: [main], require: {policy: no_refresh_token}}
routes:
  - {prefix: /}
  - {prefix: /admin, require: {roles: [admin], policy: no_refresh_token}}
  - {exact: /refresh, require: {claims: {type: refresh}}}
"""


def test_a_requirement_can_tell_refresh_tokens_apart_as_well(start_behind, app, bob):
    """For apps that mark refresh tokens only: one provider, so one cache, and a requirement on the claim."""
    proxy = start_behind(ONE_PROVIDER)
    unmarked = mint(type=None)
    for _ in range(3):
        assert proxy.fetch("POST", "/refresh", headers=bearer(bob[1])).status == 200
        assert proxy.fetch(target="/users/me/", headers=bearer(unmarked)).status == 200
        assert proxy.fetch(target="/admin/dashboard", headers=bearer(bob[0])).status == 200
        app.forget()
        answer = proxy.fetch(target="/users/me/", headers=bearer(bob[1]))
        assert_refused(proxy, app, answer, 403, "Not enough permissions", FORBIDDEN, "policy_denied")
        answer = proxy.fetch(target="/admin/dashboard", headers=bearer(bob[1]))
        assert_refused(proxy, app, answer, 403, "Not enough permissions", FORBIDDEN, "role_missing")
        answer = proxy.fetch("POST", "/refresh", headers=bearer(unmarked))
        assert_refused(proxy, app, answer, 403, "Not enough permissions", FORBIDDEN, "claim_denied")


# --- what the app sees and what it answers --------------------------------------------


SPOOFS = [
    ("X-User-Id", "root"), ("x-user-id", "root"), ("X_User_Id", "root"), ("X-Tenant-Id", "globex"), ("X_TENANT_ID", "globex"),
    ("X-User-Roles", "admin"), ("x_user_roles", "admin"), ("X-User-Scopes", "all"),
]


def test_spoofed_identity_never_arrives(bearward, app, ann):
    answer = bearward.fetch(target="/users/me/", headers=[*SPOOFS, ("Connection", "X-User-Id, X-Tenant-Id"), *bearer(ann[0]).items()])
    assert json.loads(answer.body) == {"user": "ann@example.com", "tenant": "acme", "roles": ["user"]}
    assert json.loads(bearward.fetch(target="/hello", headers=SPOOFS).body) == {"hello": "stranger"}
    assert not {"root", "globex", "admin", "all"} & {value for request in app.seen() for _, value in request["headers"]}


def test_the_apps_own_refusals_of_input_pass_untouched(bearward, app, ann):
    cases = [
        ("POST", "/items", JSON, b'{"name": "", "price": -1}'), ("POST", "/items", JSON, b'{"name": 1'), ("POST", "/items", JSON, b"[]"),
        ("GET", "/items?skip=some", {}, b""), ("POST", "/upload", {}, b""),
    ]
    for method, target, headers, body in cases:
        through = bearward.fetch(method, target, headers={**headers, **bearer(ann[0])}, body=body)
        identity = {"X-User-Id": "ann@example.com", "X-Tenant-Id": "acme", "X-User-Roles": "user"}
        direct = fetch(app.address, method, target, headers={**headers, **identity}, body=body)
        assert through.status == direct.status == 422
        assert through.body == direct.body and through.get("Content-Type") == direct.get("Content-Type")
        assert json.loads(through.body)["detail"][0]["loc"]
    for method, target, status in (("GET", "/nothing", 404), ("PUT", "/items", 405)):
        answer = bearward.fetch(method, target, headers=bearer(ann[0]))
        assert answer.status == status and answer.get("Server") == "uvicorn"


def test_valid_input_is_answered_by_the_app(bearward, app, ann):
    answer = bearward.fetch("POST", "/items", headers={**JSON, **bearer(ann[0])}, body='{"name": "Schl\u00fcssel", "price": 2.5, "tags": ["a"]}'.encode())
    assert answer.status == 201
    assert json.loads(answer.body) == {"name": "Schl\u00fcssel", "price": 2.5, "tags": ["a"], "owner": "ann@example.com"}
    assert json.loads(bearward.fetch(target="/items?skip=5&limit=10", headers=bearer(ann[0])).body) == {"skip": 5, "limit": 10}


def test_the_apps_redirects_lead_to_the_proxy(bearward, app, ann):
    answer = bearward.fetch(target="/items/", headers=bearer(ann[0]), host="api.test:8443")
    assert answer.status == 307 and answer.get("Location") == "http://api.test:8443/items"


def test_pages_of_the_front_end_may_read_answers(bearward, app, ann):
    answer = bearward.fetch(target="/users/me/", headers={"Origin": "http://localhost:3000", **bearer(ann[0])})
    assert answer.status == 200
    assert answer.get("Access-Control-Allow-Origin") == "http://localhost:3000"
    assert answer.get("Access-Control-Expose-Headers") == "X-Request-Id"
    assert answer.get("Vary") == "Origin"
    stranger = bearward.fetch(target="/users/me/", headers={"Origin": "https://evil.test", **bearer(ann[0])})
    assert stranger.status == 200 and stranger.get("Access-Control-Allow-Origin") is None


def test_a_request_is_logged_with_method_path_and_duration(bearward, app, ann):
    answer = bearward.fetch(target="/api/v1/protected/data?page=2", headers=bearer(ann[0]))
    assert json.loads(answer.body) == {"data": [1, 2, 3], "for": "ann@example.com"}
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert (record["method"], record["path"], record["status"], record["user"]) == ("GET", "/api/v1/protected/data?page=2", 200, "ann@example.com")
    assert record["duration_ms"] >= record["upstream_ms"] >= 0
    assert header(app.last(), "x-request-id") == answer.get("X-Request-Id")


# --- uploads --------------------------------------------------------------------------


LARGE = 50 << 20


@pytest.fixture(scope="module")
def large():
    return os.urandom(1 << 20) * (LARGE >> 20)


def test_a_file_is_uploaded(bearward, app, ann):
    answer = bearward.fetch("POST", "/upload", headers={**MULTIPART, **bearer(ann[0])}, body=multipart(part("file", b"some text", "a.txt")))
    assert (answer.status, json.loads(answer.body)) == (200, {**facts(b"some text", "a.txt"), "owner": "ann@example.com"})


def test_several_files_are_uploaded(bearward, app, ann):
    contents = [b"", b"\r\n--limit", bytes(range(256)) * 5000]
    body = multipart(*(part("files", content, f"{number}.bin") for number, content in enumerate(contents)))
    answer = bearward.fetch("POST", "/upload/many", headers={**MULTIPART, **bearer(ann[0])}, body=body)
    assert json.loads(answer.body) == [facts(content, f"{number}.bin") for number, content in enumerate(contents)]


def test_a_file_with_form_fields_is_uploaded(bearward, app, ann):
    body = multipart(part("file", b"x", "x.bin"), part("description", "caf\u00e9".encode()), part("tags", b"a"), part("tags", b"b"))
    answer = bearward.fetch("POST", "/upload/form", headers={**MULTIPART, **bearer(ann[0])}, body=body)
    assert json.loads(answer.body) == {**facts(b"x", "x.bin"), "description": "caf\u00e9", "tags": ["a", "b"]}


def test_a_large_file_is_uploaded_in_bounded_memory(bearward, app, ann, large):
    before = bearward.memory("VmHWM")
    answer = bearward.fetch("POST", "/upload", headers={**MULTIPART, **bearer(ann[0])}, body=multipart(part("file", large, "large.bin")))
    assert (answer.status, json.loads(answer.body)) == (200, {**facts(large, "large.bin"), "owner": "ann@example.com"})
    assert bearward.memory("VmHWM") - before < 16 << 20


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_large_body_is_streamed(bearward, app, ann, large, chunked):
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(large)}"
    with connection(bearward.address, timeout=30 * SLOWNESS) as wire:
        wire.send(f"POST /upload/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {ann[0]}\r\n{framing}\r\n\r\n".encode())
        step = 3 << 20
        for start in range(0, len(large), step):
            data = large[start:start + step]
            wire.send(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
        if chunked:
            wire.send(b"0\r\n\r\n")
        answer = wire.response()
    seen = json.loads(answer.body)
    assert seen["size"] == len(large) and seen["hash"] == hashlib.sha256(large).hexdigest() and seen["parts"] > 1


def test_a_file_is_streamed_back(bearward, app, ann, large):
    content = large[:8 << 20]
    answer = bearward.fetch("POST", "/upload/echo", headers={**MULTIPART, **bearer(ann[0])}, body=multipart(part("file", content, "x.bin")))
    assert answer.status == 200 and answer.body == content


def test_a_refused_upload_is_answered_at_once(bearward, app):
    with bearward.connect() as wire:
        wire.send(f"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: {LARGE}\r\nContent-Type: {MULTIPART['Content-Type']}\r\n\r\n".encode())
        answer = wire.response()
        assert_refused(bearward, app, answer, 401, "Not authenticated", CHALLENGE, "token_missing")


# --- WebSocket ------------------------------------------------------------------------


def encoded(token):
    return base64.urlsafe_b64encode(token.encode()).rstrip(b"=").decode()


PLACES = {
    "header": ("/ws", lambda token: {"extra_headers": bearer(token)}, None),
    "query": ("/ws?access_token={}", lambda token: {}, None),
    "query with the scheme": ("/ws?access_token=Bearer%20{}", lambda token: {}, None),
    "marker": ("/ws", lambda token: {"subprotocols": ["bearer", token]}, "bearer"),
    "another marker": ("/ws", lambda token: {"subprotocols": ["access_token", token]}, "access_token"),
    "bearer.TOKEN": ("/ws", lambda token: {"subprotocols": ["bearer." + token]}, "bearer.{}"),
    "raw subprotocol": ("/ws", lambda token: {"subprotocols": [token]}, "{}"),
    "as for kubernetes": ("/ws", lambda token: {"subprotocols": ["base64url.bearer.authorization.k8s.io." + encoded(token)]}, None),
}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.replace(" ", "_"))
def test_a_socket_opens_with_the_token_in_each_place(bearward, app, ann, place):
    target, options, protocol = PLACES[place]

    async def run():
        async with open_socket(bearward, target.format(ann[0]), **options(ann[0])) as socket:
            assert json.loads(await socket.recv()) == {"user": "ann@example.com", "tenant": "acme"}
            if place != "as for kubernetes":
                assert socket.subprotocol == (protocol and protocol.format(ann[0]))
            await socket.send("hello")
            assert await socket.recv() == "echo hello"

    asyncio.run(run())
    request = app.last()
    assert request["type"] == "websocket" and request["path"] == "/ws" and request["query"] == "" and request["subprotocols"] == []
    assert ann[0] not in json.dumps(request) and encoded(ann[0]) not in json.dumps(request)


def test_a_refused_socket_is_closed_with_1008_and_the_reason(bearward, app, ann):
    expired = mint(exp=int(time.time()) - 60)
    assert closed_with(bearward, "/ws") == (1008, "Not authenticated")
    assert closed_with(bearward, "/ws", subprotocols=["chat"]) == (1008, "Not authenticated")
    assert closed_with(bearward, "/ws?access_token=" + expired) == (1008, "Token has expired")
    assert closed_with(bearward, "/ws", subprotocols=["bearer", expired]) == (1008, "Token has expired")
    assert closed_with(bearward, "/ws", extra_headers=bearer(tampered(ann[0], tid="globex"))) == (1008, "Could not validate credentials")
    assert closed_with(bearward, "/ws", extra_headers=bearer(ann[1])) == (1008, "Could not validate credentials")
    assert closed_with(bearward, "/admin/ws", extra_headers=bearer(ann[0])) == (1008, "Not enough permissions")
    assert app.seen() == []


def test_the_querys_parameter_may_have_another_name(start_behind, app, ann):
    proxy = start_behind(ONE_PROVIDER.replace("algorithms: [HS256]", "algorithms: [HS256], query_parameter: token"))

    async def run():
        async with open_socket(proxy, f"/ws?room=1&token={ann[0]}") as socket:
            assert json.loads(await socket.recv())["user"] == "ann@example.com"

    asyncio.run(run())
    assert app.last()["query"] == "room=1"
    app.forget()
    assert closed_with(proxy, "/ws?room=1") == (1008, "Not authenticated")
    assert closed_with(proxy, "/ws?access_token=" + ann[0]) == (1008, "Not authenticated")
    assert app.seen() == []


def test_a_room_hears_everyone_of_its_tenant(bearward, app, ann, bob):
    async def run():
        async with contextlib.AsyncExitStack() as stack:
            async def join(**options):
                socket = await stack.enter_async_context(open_socket(bearward, "/ws/rooms/lobby", **options))
                assert await socket.recv() == "welcome"
                return socket

            anns = await join(extra_headers=bearer(ann[0]))
            carls = await join(subprotocols=["bearer", mint(sub="carl")])
            others = await join(extra_headers=bearer(bob[0]))
            await anns.send("hi")
            await carls.send("hello")
            await others.send("alone")
            for socket in (anns, carls):
                assert {await socket.recv(), await socket.recv()} == {"ann@example.com: hi", "carl: hello"}
            assert await others.recv() == "bob@example.com: alone"

    asyncio.run(run())


def test_spoofed_identity_does_not_reach_a_socket(bearward, app, ann):
    async def run():
        async with open_socket(bearward, "/ws", extra_headers=[*SPOOFS, *bearer(ann[0]).items()]) as socket:
            assert json.loads(await socket.recv()) == {"user": "ann@example.com", "tenant": "acme"}

    asyncio.run(run())
    assert not {"root", "globex", "admin", "all"} & {value for _, value in app.last()["headers"]}
