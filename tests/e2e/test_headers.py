"""What the app sees of a request: identity set, spoofs and tokens gone, and nothing hop-by-hop."""

import re

import pytest
from tokens import bearer, mint


def test_identity_headers(bearward, app):
    answer = bearward.fetch(target="/app/x?y=1", headers=bearer(mint(sub="u-7", tid="t-9", roles=["reader", "editor"], scope="a:read b")))
    assert answer.status == 200
    head = app.last
    assert head.raw_head.startswith(b"GET /app/x?y=1 HTTP/1.1\r\nHost: api.test\r\n")
    assert head.get("X-User-Id") == "u-7"
    assert head.get("X-Tenant-Id") == "t-9"
    assert head.get("X-User-Roles") == "reader,editor"
    assert head.get("X-User-Scopes") == "a:read b"
    assert head.get("Authorization") is None


@pytest.mark.parametrize("changes, name, value", [
    ({"sub": "a\r\nX-User-Roles: admin"}, "X-User-Id", "a%0D%0AX-User-Roles:%20admin"),
    ({"sub": "zo\u00eb"}, "X-User-Id", "zo%C3%AB"),
    ({"sub": "100%"}, "X-User-Id", "100%25"),
    ({"roles": ["a,admin", "b"]}, "X-User-Roles", "a%2Cadmin,b"),
    ({"roles": "x y,z"}, "X-User-Roles", "x%20y%2Cz"),
    ({"sub": 42}, "X-User-Id", "42"),
    ({"scope": ["a b", "c"]}, "X-User-Scopes", "a%20b c"),
])
def test_values_are_encoded(bearward, app, changes, name, value):
    assert bearward.fetch(target="/app", headers=bearer(mint(**changes))).status == 200
    assert app.last.get(name) == value
    assert len(app.last.all("X-User-Roles")) <= 1


SPELLINGS = [
    "X-User-Id", "x-user-id", "X-USER-ID", "X_User_Id", "x_user-id", "X-User_Id", "X-Tenant-Id", "X_TENANT_ID", "X-User-Roles", "x_user_roles",
    "X-User-Scopes", "X_User_Scopes",
]


def spoofs_seen(request):
    return [(name, value) for name, value in request.headers if "spoof" in value]


@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("target", ["/app", "/public"])
def test_spoofed_identity_never_arrives(bearward, app, name, target):
    headers = {name: "spoof", **(bearer(mint()) if target == "/app" else {})}
    assert bearward.fetch(target=target, headers=headers).status == 200
    assert spoofs_seen(app.last) == []
    assert b"spoof" not in app.last.raw_head
    assert app.last.get("X-User-Id") == ("u-1" if target == "/app" else None)


def test_spoofs_repeated_and_named_by_connection(bearward, app):
    headers = [("X-User-Id", "spoof"), ("x-user-id", "spoof2"), ("Connection", "X-User-Id, keep-alive"), *bearer(mint()).items()]
    assert bearward.fetch(target="/app", headers=headers).status == 200
    assert app.last.get("X-User-Id") == "u-1"


def test_an_identity_without_a_tenant_sets_no_tenant_header(bearward, app):
    assert bearward.fetch(target="/app", headers=[("X-Tenant-Id", "spoof"), *bearer(mint(tid=None)).items()]).status == 200
    assert app.last.get("X-Tenant-Id") is None


def test_spoofs_in_trailers_never_arrive(bearward, app):
    body = b"5\r\nhello\r\n0\r\nX-User-Id: spoof\r\n\r\n"
    headers = [("Transfer-Encoding", "chunked"), ("Trailer", "X-User-Id"), *bearer(mint()).items()]
    assert bearward.fetch("POST", "/app", headers=headers, body=body).status == 200
    assert app.last.body == b"hello" and app.last.trailers == b"" and b"spoof" not in b"".join(app.bytes)


def test_hop_by_hop_headers_end_here(bearward, app):
    headers = [
        ("Connection", "keep-alive, X-Mine, close-not"), ("Keep-Alive", "timeout=9"), ("X-Mine", "1"), ("Proxy-Authorization", "Basic x"),
        ("Proxy-Connection", "keep-alive"), ("TE", "trailers, gzip"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQAAP__"), ("X-Kept", "1"),
        *bearer(mint()).items(),
    ]
    assert bearward.fetch(target="/app", headers=headers).status == 200
    names = app.last.names()
    assert not names & {"keep-alive", "x-mine", "proxy-connection", "upgrade", "proxy-authorization"}, names
    assert "h2c" not in app.last.raw_head.decode() and "x-kept" in names
    assert "X-Mine" not in (app.last.get("Connection") or "")


@pytest.mark.parametrize("name", ["Host", "Content-Length", "Authorization"])
def test_connection_does_not_remove_what_framing_and_identity_need(bearward, app, name):
    headers = [("Connection", name), *bearer(mint()).items()]
    answer = bearward.fetch("POST", "/app", headers=headers, body=b"hello")
    if answer.status == 200:
        assert app.last.get("Host") == "api.test" and app.last.body == b"hello"
    else:
        assert answer.status in (400, 401) and app.requests == []


def test_hop_by_hop_headers_of_the_response_end_here(bearward, app):
    app.on("/app/hop", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: X-Internal\r\nX-Internal: 1\r\nKeep-Alive: timeout=5\r\n"
                       b"Proxy-Authenticate: Basic\r\nX-Kept: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nok")
    answer = bearward.fetch(target="/app/hop", headers=bearer(mint()))
    assert answer.body == b"ok" and answer.get("X-Kept") == "1" and answer.all("Set-Cookie") == ["a=1", "b=2"]
    assert answer.get("X-Internal") is None and answer.get("Keep-Alive") in (None, "timeout=75")


def test_the_token_is_forwarded_only_where_the_route_says_so(bearward, app):
    token = mint()
    assert bearward.fetch(target="/keep", headers=bearer(token)).status == 200
    assert app.last.get("Authorization") == "Bearer " + token
    assert app.last.get("X-User-Id") == "u-1"


@pytest.mark.parametrize("query, forwarded", [
    ("access_token={}", ""), ("a=1&access_token={}", "?a=1"), ("access_token={}&b=2", "?b=2"), ("a=1&access_token={}&b=2", "?a=1&b=2"),
    ("%61ccess%5ftoken={}&b=%2F", "?b=%2F"), ("access_token=Bearer%20{}", ""), ("access_token=Bearer+{}&c", "?c"),
])
def test_a_token_in_the_query_is_taken_out_of_it_and_masked_in_the_log(bearward, app, query, forwarded):
    token = mint()
    answer = bearward.fetch(target="/query/x?" + query.format(token))
    assert answer.status == 200, answer
    assert app.last.target == "/query/x" + forwarded
    assert app.last.get("X-User-Id") == "u-1"
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert token not in str(record) and record["path"].startswith("/query/x") and "***" in record["path"]


def test_a_token_in_the_query_counts_only_where_the_route_allows_it_but_is_masked_everywhere(bearward, app):
    answer = bearward.fetch(target="/app?access_token=" + mint())
    assert answer.status == 401 and app.heads == []
    assert "***" in bearward.access_record(answer.get("X-Request-Id"))["path"]
    token = mint()
    answer = bearward.fetch(target="/public?access_token=" + token)
    assert app.last.target == "/public?access_token=" + token
    assert "***" in bearward.access_record(answer.get("X-Request-Id"))["path"]


def test_forwarded_headers_of_strangers_are_replaced(bearward, app):
    headers = [
        ("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Host", "evil.test"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "443"),
        ("X-Forwarded-User", "root"), ("Forwarded", "for=6.6.6.6"), ("X-Real-Ip", "6.6.6.6"), *bearer(mint()).items(),
    ]
    assert bearward.fetch(target="/app", headers=headers).status == 200
    head = app.last
    assert head.get("X-Forwarded-For") == "127.0.0.1"
    assert head.get("X-Forwarded-Proto") == "http"
    assert head.get("X-Forwarded-Host") == "api.test"
    assert not head.names() & {"x-forwarded-port", "x-forwarded-user", "forwarded", "x-real-ip"}


@pytest.mark.parametrize("name", [
    "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X_Custom", "X_Forwarded_For", "Content_Length",
    "X.Custom", "X~Custom", "X.Forwarded.For", "Proxy", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Ssl-Client-Verify", "X-SSL-Client-S-DN", "X-Client-Cert",
    "Client-Cert", "X-Amzn-Mtls-Clientcert", "X-ARR-ClientCert", "X-Forwarded-Prefix",
])
def test_what_only_a_proxy_may_say_and_unusual_names_are_dropped(bearward, app, name):
    assert bearward.fetch(target="/app", headers=[(name, "dropped-value"), *bearer(mint()).items()]).status == 200
    assert b"dropped-value" not in app.last.raw_head


def test_request_ids(bearward, app):
    answer = bearward.fetch(target="/app", headers={"X-Request-Id": "abc-123_x.y", **bearer(mint())})
    assert answer.get("X-Request-Id") == "abc-123_x.y" == app.last.get("X-Request-Id")
    for bad in ("a b", "x" * 129, "a,b", "\u00e9", "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"):
        answer = bearward.fetch(target="/app", headers={"X-Request-Id": bad, **bearer(mint())})
        assert answer.get("X-Request-Id") == app.last.get("X-Request-Id") != bad
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", answer.get("X-Request-Id"))


def test_end_to_end_headers_pass_in_order(bearward, app):
    headers = [("X-B", "1"), ("Accept", "a"), ("X-A", "2"), ("Cookie", "a=b; c=d"), ("X-B", "3"), ("traceparent", "00-1-2-01"), *bearer(mint()).items()]
    assert bearward.fetch(target="/app", headers=headers).status == 200
    mine = [pair for pair in app.last.headers if pair[0] in ("X-B", "Accept", "X-A", "Cookie", "traceparent")]
    assert mine == headers[:-1]


def test_the_access_record_of_a_forwarded_request(bearward, app):
    answer = bearward.fetch("POST", "/app/x", headers=bearer(mint()), body=b"12345")
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert record["method"] == "POST" and record["path"] == "/app/x" and record["status"] == 200 and record["reason"] == "ok"
    assert record["route"] == "app" and record["user"] == "u-1" and record["tenant"] == "t-1" and record["client"] == "127.0.0.1"
    assert record["upstream"] == app.address and record["duration_ms"] >= 0 and record["upstream_ms"] >= 0
    assert record["bytes_in"] >= 5 and record["bytes_out"] >= len(answer.body)
    assert record["time"].startswith("20")
