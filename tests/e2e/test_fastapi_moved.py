"""What authentication inside of a FastAPI app does, point by point: the example app has none of it and Bearward before it does it all.

Point 3, the database, is in test_fastapi_database.py and test_fastapi_tenants.py.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import time

import pytest
from conftest import SLOWNESS
from fastapi_fixtures import *  # noqa: F403: the app and what is before it
from fastapi_process import EXAMPLE, FORM, JSON, example, header, log_in, mint
from fastapi_sockets import closed_with, first_message, open_socket
from tokens import bearer, minted, tampered
from upload_bodies import MULTIPART, facts, multipart, part
from wire import fetch

CHALLENGE = 'Bearer realm="bearward"'
MISSING = (401, "Not authenticated", CHALLENGE)
INVALID = (401, "Could not validate credentials", CHALLENGE + ', error="invalid_token", error_description="The token is not valid"')
EXPIRED = (401, "Token has expired", CHALLENGE + ', error="invalid_token", error_description="The token has expired"')
FORBIDDEN = (403, "Not enough permissions", CHALLENGE + ', error="insufficient_scope"')


def said(answer):
    return answer.status, json.loads(answer.body)["detail"], answer.get("WWW-Authenticate")


def opened(answer):
    assert answer.status == 200, answer
    return json.loads(answer.body)


def test_01_the_bearer_token_of_the_authorization_header(bearward, app, ann):
    good = [f"Bearer {ann[0]}", f"bearer {ann[0]}", f"BEARER {ann[0]}"]
    for value in good:
        assert opened(bearward.fetch(target="/users/me/", headers={"Authorization": value}))["user"] == "ann@example.com"
    assert all(header(request, "authorization") is None for request in app.seen())
    app.forget()
    other_schemes = [f"Basic {ann[0]}", f"Token {ann[0]}", ann[0], "Bearer", f"Bearer{ann[0]}", ""]
    for value in other_schemes:
        answer = bearward.fetch(target="/users/me/", headers={"Authorization": value})
        assert answer.status == 401 and answer.get("WWW-Authenticate").startswith(CHALLENGE), (value, answer)
    assert said(bearward.fetch(target="/users/me/")) == MISSING
    assert said(bearward.fetch(target="/users/me/", headers=bearer(tampered(ann[0], sub="bob@example.com")))) == INVALID
    assert said(bearward.fetch(target="/users/me/", headers=bearer(mint(exp=int(time.time()) - 60)))) == EXPIRED
    assert app.seen() == []


def test_02_sub_and_tid_are_user_and_tenant(bearward, app, ann, bob):
    for pair, user, tenant in ((ann, "ann@example.com", "acme"), (bob, "bob@example.com", "globex")):
        seen = opened(bearward.fetch(target="/users/me/", headers={**bearer(pair[0]), "X-User-Id": "root", "X-Tenant-Id": "initech"}))
        assert (seen["user"], seen["tenant"]) == (user, tenant)
        assert (header(app.last(), "x-user-id"), header(app.last(), "x-tenant-id")) == (user, tenant)


@pytest.mark.parametrize("place", ["/ws", "/ws?access_token={}", "/ws?access_token=Bearer%20{}", "subprotocol", "marked subprotocol", "bearer. subprotocol"])
def test_04_websocket_tokens_from_header_query_and_subprotocol(bearward, app, ann, place):
    token = ann[0]
    options = {
        "/ws": {"extra_headers": bearer(token)}, "subprotocol": {"subprotocols": [token]}, "marked subprotocol": {"subprotocols": ["bearer", token]},
        "bearer. subprotocol": {"subprotocols": ["bearer." + token]},
    }.get(place, {})
    target = place.format(token) if place.startswith("/") else "/ws"
    assert json.loads(first_message(bearward, target, **options)) == {"user": "ann@example.com", "tenant": "acme"}
    assert token not in json.dumps(app.last())
    app.forget()
    worse = tampered(token, tid="globex")
    refused = json.loads(json.dumps(options).replace(token, worse))
    assert closed_with(bearward, target.replace(token, worse), **refused) == (1008, "Could not validate credentials")
    assert app.seen() == []


def test_05_refused_handshakes_are_closed_with_1008(bearward, app, ann):
    assert closed_with(bearward, "/ws") == (1008, "Not authenticated")
    assert closed_with(bearward, "/ws", extra_headers={"Authorization": "Basic YTpi"})[0] == 1008
    assert closed_with(bearward, "/ws", extra_headers=bearer("not.a.token")) == (1008, "Could not validate credentials")
    assert closed_with(bearward, "/ws", extra_headers=bearer(mint(exp=int(time.time()) - 60))) == (1008, "Token has expired")
    assert closed_with(bearward, "/ws", extra_headers=bearer(ann[1])) == (1008, "Could not validate credentials")
    assert closed_with(bearward, "/ws/rooms/admins", extra_headers=bearer(ann[0])) == (1008, "Not enough permissions")
    assert app.seen() == []


def test_06_the_login_is_a_public_form_and_signs_with_the_environments_key(bearward, app, start_app):
    access, _ = log_in(bearward, "ann")
    assert opened(bearward.fetch(target="/users/me/", headers=bearer(access)))["user"] == "ann@example.com"
    wrong = bearward.fetch("POST", "/token", headers=FORM, body=b"username=ann%40example.com&password=guess")
    assert said(wrong) == (401, "Wrong name or password", 'Bearer realm="the app"')
    unknown = bearward.fetch("POST", "/token", headers=FORM, body=b"username=eve%40example.com&password=guess")
    assert said(unknown) == said(wrong)
    assert bearward.fetch("POST", "/token", headers=JSON, body=b"{}").status == 422
    # An app that has another key than Bearward: nothing that its login signs is accepted.
    other, before_it = start_app(SECRET_KEY="another secret of more than thirty-two bytes")
    foreign, _ = log_in(before_it, "ann")
    other.forget()
    assert said(before_it.fetch(target="/users/me/", headers=bearer(foreign))) == INVALID
    assert other.seen() == []


def test_07_a_route_requires_a_role(bearward, app, ann, bob):
    assert opened(bearward.fetch(target="/admin/dashboard", headers=bearer(bob[0]))) == {"dashboard": "bob@example.com"}
    assert header(app.last(), "x-user-roles") == "user,admin"
    app.forget()
    for token in (ann[0], mint(roles=None), mint(roles=[]), mint(roles=["administrator", "Admin"])):
        assert said(bearward.fetch(target="/admin/dashboard", headers={**bearer(token), "X-User-Roles": "admin"})) == FORBIDDEN
    assert app.seen() == []


def test_08_users_me_is_whoever_is_logged_in(bearward, app, ann, amy, bob):
    for pair, name, tenant, roles in ((ann, "ann", "acme", ["user"]), (amy, "amy", "acme", ["user"]), (bob, "bob", "globex", ["user", "admin"])):
        seen = opened(bearward.fetch(target="/users/me/", headers=bearer(pair[0])))
        assert seen == {"user": name + "@example.com", "tenant": tenant, "roles": roles}
    app.forget()
    assert said(bearward.fetch(target="/users/me/")) == MISSING and app.seen() == []


def test_09_a_refresh_token_refreshes_and_opens_nothing_else(bearward, app, ann):
    access, refresh = ann
    answer = bearward.fetch("POST", "/refresh", headers=bearer(refresh))
    renewed = opened(answer)["access_token"]
    minted.add(renewed)
    assert opened(bearward.fetch(target="/users/me/", headers=bearer(renewed)))["user"] == "ann@example.com"
    app.forget()
    for method, target in (("GET", "/users/me/"), ("GET", "/hello"), ("GET", "/widgets"), ("POST", "/upload"), ("GET", "/tenants/acme/widgets"),
                           ("GET", "/api/v1/protected/data"), ("GET", "/admin/dashboard"), ("DELETE", "/users/7"), ("GET", "/items")):
        assert said(bearward.fetch(method, target, headers=bearer(refresh))) == INVALID, target
    assert closed_with(bearward, "/ws", subprotocols=["bearer", refresh]) == (1008, "Could not validate credentials")
    for token in (access, renewed):
        assert said(bearward.fetch("POST", "/refresh", headers=bearer(token))) == INVALID
    assert said(bearward.fetch("POST", "/refresh")) == MISSING
    assert app.seen() == []


def test_10_everything_below_protected_needs_a_token(bearward, app, ann):
    base = "/api/v1/protected"
    for target in (base, base + "/", base + "/data", base + "/data/", base + "/not/there", "/api/v1/x/../protected/data", "/api//v1/protected/data",
                   "/api/v1/%70rotected/data", base + "/data?access_token=" + ann[0]):
        assert said(bearward.fetch(target=target)) == MISSING, target
    assert app.seen() == []
    assert opened(bearward.fetch(target=base + "/data", headers=bearer(ann[0]))) == {"data": [1, 2, 3], "for": "ann@example.com"}


def test_11_every_401_has_a_bearer_challenge(bearward, app, ann):
    refused = [{}, {"Authorization": "Basic YTpi"}, bearer(""), bearer("x.y.z"), bearer(ann[1]), bearer(mint(exp=1)), bearer(mint(aud="other")),
               {"X-API-Key": "bwk_unknown"}]
    answers = [bearward.fetch(method, target, headers=headers) for headers in refused
               for method, target in (("GET", "/users/me/"), ("POST", "/widgets"), ("GET", "/not/there"))]
    assert {answer.status for answer in answers} == {401}
    assert all(answer.get("WWW-Authenticate").startswith("Bearer ") for answer in answers)
    assert app.seen() == []
    wrong = bearward.fetch("POST", "/token", headers=FORM, body=b"username=ann%40example.com&password=guess")
    assert wrong.status == 401 and wrong.get("WWW-Authenticate").startswith("Bearer ")


def test_12_a_websocket_token_in_a_parameter_of_another_name(start_behind, app, ann):
    text = example()
    access = "access:\n    algorithms: [HS256]\n"
    assert text.count(access) == 1
    bearward = start_behind(text.replace(access, access + "    query_parameter: token\n"))
    assert json.loads(first_message(bearward, f"/ws?room=1&token={ann[0]}")) == {"user": "ann@example.com", "tenant": "acme"}
    assert app.last()["query"] == "room=1"
    app.forget()
    assert closed_with(bearward, "/ws?room=1") == (1008, "Not authenticated")
    assert closed_with(bearward, "/ws?token=")[0] == 1008
    assert closed_with(bearward, "/ws?token=x.y.z") == (1008, "Could not validate credentials")
    assert closed_with(bearward, "/ws?access_token=" + ann[0]) == (1008, "Not authenticated")
    assert app.seen() == []


def test_13_a_chat_over_several_sockets(bearward, app, ann, amy, bob):
    async def run():
        async with contextlib.AsyncExitStack() as stack:
            async def join(room="lobby", **options):
                socket = await stack.enter_async_context(open_socket(bearward, f"/ws/rooms/{room}", **options))
                assert await hear(socket) == "welcome"
                return socket

            async def hear(socket):
                return await asyncio.wait_for(socket.recv(), 15 * SLOWNESS)

            same = [await join(extra_headers=bearer(ann[0])), await join(subprotocols=["bearer", amy[0]]), await join(subprotocols=["bearer", ann[0]])]
            elsewhere = [await join("garden", extra_headers=bearer(ann[0])), await join(extra_headers=bearer(bob[0]))]
            for number, socket in enumerate(same):
                await socket.send(f"line {number}")
                author = ("ann@example.com", "amy@example.com", "ann@example.com")[number]
                assert [await hear(each) for each in same] == [f"{author}: line {number}"] * 3
            for socket in elsewhere:  # what they hear first is their own: nothing came before it
                await socket.send("alone")
                assert (await hear(socket)).endswith(": alone")
            await same[0].close()
            await same[1].send("still here")
            assert [await hear(each) for each in same[1:]] == ["amy@example.com: still here"] * 2

    asyncio.run(run())


def preflight(bearward, origin, method="DELETE", target="/widgets/1"):
    return bearward.fetch("OPTIONS", target, headers={"Origin": origin, "Access-Control-Request-Method": method,
                                                      "Access-Control-Request-Headers": "authorization,content-type"})


ORIGINS = 'allow_origins: ["${FRONT_END:-http://localhost:3000}"]'
CORS = {  # what stands in the policy, origins that are accepted, origins that are not
    "basic": (ORIGINS, ["http://localhost:3000"], ["http://localhost:3001", "https://evil.test"]),
    "development": ('allow_origins: ["*"]', ["http://localhost:3000", "http://localhost:5173", "https://any.test"], []),
    "production": ('allow_origins: ["https://app.example.com"]', ["https://app.example.com"],
                   ["http://app.example.com", "https://app.example.com.evil.test", "https://x.app.example.com", "http://localhost:3000", "null"]),
}


@pytest.mark.parametrize("kind", CORS)
def test_14_cors(start_behind, app, ann, kind):
    written, accepted, others = CORS[kind]
    bearward = start_behind(example((ORIGINS, written)))
    for origin in accepted:
        answer = preflight(bearward, origin)
        assert answer.status == 204 and answer.get("Access-Control-Allow-Origin") in (origin, "*"), answer
        assert "DELETE" in answer.get("Access-Control-Allow-Methods") and "authorization" in answer.get("Access-Control-Allow-Headers").lower()
    for origin in others:
        assert preflight(bearward, origin).get("Access-Control-Allow-Origin") is None
    assert app.seen() == []
    for origin in accepted:  # also what is refused can be read, so that the page sees why
        for status, more in ((200, bearer(ann[0])), (401, {})):
            answer = bearward.fetch(target="/users/me/", headers={"Origin": origin, **more})
            assert answer.status == status and answer.get("Access-Control-Allow-Origin") in (origin, "*")
    for origin in others:
        assert bearward.fetch(target="/users/me/", headers={"Origin": origin, **bearer(ann[0])}).get("Access-Control-Allow-Origin") is None
    if kind != "development":
        assert preflight(bearward, accepted[0], "PUT").get("Access-Control-Allow-Methods").split(", ") == ["GET", "POST", "DELETE"]


@pytest.mark.parametrize("size", [0, 1, 100_000, 6 << 20])
def test_15_uploads_of_any_size(bearward, app, ann, size):
    content = (os.urandom(4093) * (size // 4093 + 1))[:size]
    headers = {**MULTIPART, **bearer(ann[0])}
    single = bearward.fetch("POST", "/upload", headers=headers, body=multipart(part("file", content, "a.bin")))
    assert opened(single) == {**facts(content, "a.bin"), "owner": "ann@example.com"}
    several = bearward.fetch("POST", "/upload/many", headers=headers, body=multipart(part("files", content, "a.bin"), part("files", b"b", "b.bin")))
    assert opened(several) == [facts(content, "a.bin"), facts(b"b", "b.bin")]
    form = multipart(part("file", content, "a.bin"), part("description", "caf\u00e9".encode()), part("tags", b"x"), part("tags", b"y"))
    assert opened(bearward.fetch("POST", "/upload/form", headers=headers, body=form)) == {**facts(content, "a.bin"), "description": "caf\u00e9", "tags": ["x", "y"]}
    with bearward.connect() as wire:
        wire.send(f"POST /upload/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {ann[0]}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for start in range(0, size, 1 << 20):
            data = content[start:start + (1 << 20)]
            wire.send(b"%x\r\n%s\r\n" % (len(data), data))
        wire.send(b"0\r\n\r\n")
        seen = opened(wire.response())
    assert (seen["size"], seen["hash"]) == (size, hashlib.sha256(content).hexdigest())
    app.forget()
    assert said(bearward.fetch("POST", "/upload", headers=MULTIPART, body=multipart(part("file", b"x", "a.bin")))) == MISSING
    assert app.seen() == []


def test_16_the_password_flow_from_login_to_refresh(start_app):
    app, bearward = start_app(ACCESS_SECONDS=str(3 * SLOWNESS))
    description = opened(bearward.fetch(target="/openapi.json"))
    scheme = description["components"]["securitySchemes"]["OAuth2PasswordBearer"]
    assert scheme["flows"]["password"]["tokenUrl"] == "token" and description["paths"]["/users/me/"]["get"]["security"]
    access, refresh = log_in(bearward, "ann")
    assert opened(bearward.fetch(target="/users/me/", headers=bearer(access)))["user"] == "ann@example.com"
    time.sleep(3 * SLOWNESS + 0.5)
    app.forget()
    assert said(bearward.fetch(target="/users/me/", headers=bearer(access))) == EXPIRED
    assert app.seen() == []
    renewed = opened(bearward.fetch("POST", "/refresh", headers=bearer(refresh)))["access_token"]
    minted.add(renewed)
    assert opened(bearward.fetch(target="/users/me/", headers=bearer(renewed)))["user"] == "ann@example.com"


def test_17_only_admins_delete_users(bearward, app, ann, bob):
    assert opened(bearward.fetch("DELETE", "/users/7", headers=bearer(bob[0]))) == {"deleted": 7, "by": "bob@example.com"}
    app.forget()
    for token in (ann[0], mint(roles="administrators"), mint(roles=["user", "admins"])):
        assert said(bearward.fetch("DELETE", "/users/7", headers=bearer(token))) == FORBIDDEN
    assert said(bearward.fetch("DELETE", "/users/7")) == MISSING
    assert app.seen() == []
    assert opened(bearward.fetch("DELETE", "/users/7", headers=bearer(mint(roles="admin"))))["deleted"] == 7


def test_18_api_keys(bearward, app, ann, api_key):
    key = {"X-API-Key": api_key[0]}
    names = [widget["name"] for widget in opened(bearward.fetch(target="/widgets", headers=key))]
    assert names[:2] == ["anvil", "rocket"] and "lever" not in names
    assert (header(app.last(), "x-user-id"), header(app.last(), "x-tenant-id"), header(app.last(), "x-api-key")) == ("reports", "acme", None)
    assert api_key[0] not in json.dumps(app.last())
    app.forget()
    for value in ("", "x", api_key[0][:-1], api_key[0] + "x", api_key[1]):
        assert bearward.fetch(target="/widgets", headers={"X-API-Key": value}).status == 401
    assert bearward.fetch(target="/users/me/", headers=key).status == 401
    assert bearward.fetch(target="/widgets", headers={**key, **bearer(ann[0])}).status == 400
    assert app.seen() == []


def test_19_the_user_from_headers_and_no_token_code_in_the_app(bearward, app):
    seen = opened(bearward.fetch(target="/users/me/", headers=bearer(mint(sub="zo\u00eb 100%", tid="caf\u00e9", roles=["a,admin", "b c"]))))
    assert seen == {"user": "zo\u00eb 100%", "tenant": "caf\u00e9", "roles": ["a,admin", "b c"]}
    assert header(app.last(), "x-user-id") == "zo%C3%AB%20100%25"
    code = "".join(path.read_text() for path in EXAMPLE.glob("*.py"))
    assert "jwt.encode" in code and "jwt.decode" not in code and "jws" not in code and "Authorization" not in code


def test_20_a_request_log_with_method_path_and_duration(bearward, app, ann):
    answer = bearward.fetch(target="/api/v1/protected/data?page=2", headers=bearer(ann[0]))
    name = answer.get("X-Request-Id")
    record = bearward.access_record(name)
    assert (record["method"], record["path"], record["status"], record["user"]) == ("GET", "/api/v1/protected/data?page=2", 200, "ann@example.com")
    assert record["duration_ms"] >= record["upstream_ms"] > 0
    line = app.log_line(name)
    assert "GET /api/v1/protected/data 200 " in line and " ms " in line
    app.forget()
    refused = bearward.access_record(bearward.fetch("DELETE", "/users/7").get("X-Request-Id"))  # which the app can't log
    assert (refused["method"], refused["path"], refused["status"], refused["reason"]) == ("DELETE", "/users/7", 401, "token_missing")
    assert app.seen() == []


def test_21_errors_have_a_detail(bearward, app, ann, start_behind, database):
    good = bearer(ann[0])
    expected = {
        400: bearward.fetch(target="/x%2Fy", headers=good), 401: bearward.fetch(target="/users/me/"), 403: bearward.fetch(target="/admin", headers=good),
        404: bearward.fetch(target="/not/there", headers=good), 405: bearward.fetch(target="/token"), 422: bearward.fetch(target="/items?skip=x", headers=good),
    }
    database.run("ALTER TABLE widgets RENAME TO gone")
    try:
        expected[500] = bearward.fetch(target="/widgets", headers=good)
    finally:
        database.run("ALTER TABLE gone RENAME TO widgets")
    assert bearward.fetch(target="/widgets", headers=good).status == 200
    expected[502] = start_behind(example().replace("@http@", "127.0.0.1:1")).fetch(target="/hello")
    for status, answer in expected.items():
        assert answer.status == status and answer.get("Content-Type") == "application/json", answer
        assert list(json.loads(answer.body)) == ["detail"]


def test_22_the_apps_own_422_passes_untouched(bearward, app, ann):
    cases = [
        ("POST", "/items", JSON, b'{"name": "", "price": -1}'), ("POST", "/items", JSON, b'{"name": 1'), ("GET", "/items?skip=some", {}, b""),
        ("POST", "/widgets", JSON, b'{"name": ""}'), ("DELETE", "/widgets/one", {}, b""), ("POST", "/upload", {}, b""), ("POST", "/token", FORM, b"username=ann"),
    ]
    for method, target, headers, body in cases:
        through = bearward.fetch(method, target, headers={**headers, **bearer(ann[0])}, body=body)
        identity = {"X-User-Id": "ann@example.com", "X-Tenant-Id": "acme", "X-User-Roles": "user"}
        direct = fetch(app.address, method, target, headers={**headers, **identity}, body=body)
        assert through.status == direct.status == 422
        assert through.body == direct.body and through.get("Content-Type") == direct.get("Content-Type")
        assert json.loads(through.body)["detail"][0]["loc"]
