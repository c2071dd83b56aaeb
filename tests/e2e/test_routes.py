"""Which route a request takes, and that the very path that was judged is the one forwarded."""

import json

import pytest
from tokens import bearer, mint


def test_no_route_is_404(bearward, app):
    answer = bearward.fetch(target="/nothing/here", headers=bearer(mint()))
    assert answer.status == 404 and answer.body == b'{"detail":"Not Found"}'
    assert answer.get("WWW-Authenticate") is None
    assert bearward.access_record(answer.get("X-Request-Id"))["reason"] == "no_route"
    assert app.heads == []


def test_another_method_is_405_with_allow(bearward, app):
    answer = bearward.fetch("POST", "/only-get", headers=bearer(mint()))
    assert answer.status == 405 and answer.body == b'{"detail":"Method Not Allowed"}'
    assert {method.strip() for method in answer.get("Allow").split(",")} in ({"GET", "HEAD"}, {"GET"})
    assert app.heads == []
    assert bearward.fetch("GET", "/only-get", headers=bearer(mint())).status == 200
    assert bearward.fetch("HEAD", "/only-get", headers=bearer(mint())).status == 200


@pytest.mark.parametrize("target, status", [
    ("/app", 200), ("/app/", 200), ("/app/x/y", 200), ("/application", 404), ("/ap", 404), ("/APP", 404),
    ("/only-get", 200), ("/only-get/", 404), ("/only-get/x", 404), ("/only-get?x=1", 200),
    ("/app/admin", 403), ("/app/admin/", 403), ("/app/admin/x", 403), ("/app/administrator", 200), ("/app/Admin", 403), ("/APP/admin", 404), ("/app/ADMIN/x/", 403), ("/app/Other/", 200),
])
def test_prefixes_are_whole_segments(bearward, target, status):
    assert bearward.fetch(target=target, headers=bearer(mint())).status == status


@pytest.mark.parametrize("spelling", [
    "/app/%61dmin", "/app/%61%64%6D%69%6E", "/app/./admin", "/app/x/../admin", "/app//admin", "//app/admin", "/app/%2e/admin",
    "/app/x/%2e%2E/admin", "/app/x/.%2e/admin", "/./app/admin", "/public/../app/admin", "/app/admin/.", "/app/admin/x/..", "/app/%61dmin/x",
    "/app///./admin//x", "http://api.test/app/admin", "http://other.test/app/%61dmin",
])
def test_every_spelling_of_a_protected_path_is_judged_as_that_path(bearward, app, spelling):
    answer = bearward.fetch(target=spelling, headers=bearer(mint()))
    assert answer.status == 403, answer
    assert app.heads == []


@pytest.mark.parametrize("target", [
    "/app/%", "/app/%4", "/app/%zz", "/app/%00", "/app/%0a", "/app/%7f", "/app/\x80", "/..", "/app/../..", "/app/../../app", "/%2e%2e/app",
    "/app/x%2Fadmin", "/app/x%5Cadmin", "/app\\admin", "/app/x;y", "/app/x%3By", "/app/%2561dmin", "/app//../admin", "/app#x", "app", "*",
])
def test_ambiguous_or_malformed_targets_are_400(bearward, app, target):
    answer = bearward.fetch(target=target, headers=bearer(mint()))
    assert answer.status == 400, answer
    assert json.loads(answer.body) == {"detail": "Bad Request"}
    assert app.heads == []


@pytest.mark.parametrize("sent, forwarded", [
    ("/app/%7euser", "/app/~user"), ("/app/a%20b", "/app/a%20b"), ("/app/%c3%a9", "/app/%C3%A9"), ("/app/x/../y", "/app/y"),
    ("/app//y", "/app/y"), ("/app/y/", "/app/y/"), ("/app/y/.", "/app/y/"), ("/app?a=%2F..&b=//", "/app?a=%2F..&b=//"), ("/app?", "/app?"),
    ("/app?a=1?b", "/app?a=1?b"), ("http://api.test/app/z?q", "/app/z?q"),
])
def test_the_judged_path_is_forwarded_and_the_query_as_it_came(bearward, app, sent, forwarded):
    assert bearward.fetch(target=sent, headers=bearer(mint())).status == 200
    assert app.last.target == forwarded


def test_absolute_form_replaces_host(bearward, app):
    assert bearward.fetch(target="http://Real.Test:8080/app", headers=bearer(mint()), host="spoof.test").status == 200
    assert app.last.get("Host") == "real.test:8080"


def test_host_is_lower_case_and_without_a_last_dot(bearward, app):
    assert bearward.fetch(target="/app", headers=bearer(mint()), host="API.Test.:81").status == 200
    assert app.last.get("Host") == "api.test:81"


def test_unknown_methods_are_forwarded(bearward, app):
    assert bearward.fetch("BREW", "/app", headers=bearer(mint())).status == 200
    assert app.last.method == "BREW"


def test_captures_are_decoded_before_they_are_compared(bearward, app):
    assert bearward.fetch(target="/tenants/t%201", headers=bearer(mint(tid="t 1"))).status == 200
    assert bearward.fetch(target="/tenants/%74-1", headers=bearer(mint(tid="t-1"))).status == 200
    assert app.last.target == "/tenants/t-1"
    assert bearward.fetch(target="/tenants/t%201", headers=bearer(mint(tid="t%201"))).status == 403


def test_a_public_route_needs_no_token_and_forwards_what_came(bearward, app):
    assert bearward.fetch(target="/public/x").status == 200
    assert app.last.get("X-User-Id") is None
    assert bearward.fetch(target="/public/x", headers={"Authorization": "Bearer garbage"}).status == 200
    assert app.last.get("Authorization") == "Bearer garbage"


def test_the_upstream_is_down(bearward):
    answer = bearward.fetch(target="/down", headers=bearer(mint()))
    assert answer.status == 502 and answer.body == b'{"detail":"Bad Gateway"}'
    assert bearward.access_record(answer.get("X-Request-Id"))["reason"] == "upstream_unavailable"


def test_a_refused_request_never_asks_the_upstream(bearward):
    assert bearward.fetch(target="/down").status == 401
