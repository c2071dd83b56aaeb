"""What an app's router may take for another path: case, a slash at the end, slashes kept, escaped ones on one route."""

import json

import pytest
from frames import handshake
from tokens import bearer, mint

CONFIGURATION = """
version: 1
threads: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /, name: everything}
  - {prefix: /admin, name: admin, require: {roles: [admin]}}
  - {exact: /secret, name: secret, require: {roles: [admin]}}
  - {prefix: /public, name: public, auth: none}
  - {exact: /Public/Report, name: report, token_from: [header, query]}
  - {prefix: /npm, name: npm, ambiguous_paths: allow}
  - {prefix: "/npm/-/{name}", name: npm_meta, ambiguous_paths: allow}
  - {prefix: "/files/{name}/content", name: content, require: {roles: [admin]}}
"""
LAX = """paths: {case: insensitive, trailing_slash: ignored}
"""
KEPT = """paths: {merge_slashes: false}
"""


def record(bearward, answer):
    return bearward.access_record(answer.get("X-Request-Id"))


@pytest.mark.parametrize("target, route", [
    ("/ADMIN", "admin"), ("/Admin/users", "admin"), ("/aDMIN/x/", "admin"), ("/%41dmin", "admin"), ("/secret/", "secret"), ("/SECRET", "secret"),
    ("/Secret/", "secret"), ("/x/../ADMIN", "admin"), ("//ADMIN", "admin"), ("/SECRET/?x=1", "secret"),
])
def test_what_a_lax_router_takes_for_a_stricter_route_is_refused(bearward, app, target, route):
    answer = bearward.fetch(target=target, headers=bearer(mint()))
    assert answer.status == 403 and json.loads(answer.body) == {"detail": "Not enough permissions"}
    line = record(bearward, answer)
    assert line["reason"] == "role_missing" and line["route"] == route
    assert "an app that ignores case or a final / takes it for this one's" in line["cause"]
    assert app.heads == []
    answer = bearward.fetch(target=target, headers=bearer(mint(roles=["admin"])))
    assert answer.status == 200 and record(bearward, answer)["route"] == "everything"


@pytest.mark.parametrize("target", ["/X/Y", "/x/", "/administrator/", "/Items/AbC/", "/secret/x", "/SECRETS"])
def test_what_both_readings_permit_passes_as_it_came(bearward, app, target):
    assert bearward.fetch(target=target, headers=bearer(mint())).status == 200
    assert app.last.target == target


def test_a_public_route_opens_no_other_spelling(bearward, app):
    assert bearward.fetch(target="/public/x").status == 200
    assert bearward.fetch(target="/PUBLIC/x").status == 401
    answer = bearward.fetch(target="/public/report")
    assert answer.status == 401 and record(bearward, answer)["route"] == "report"
    app.forget()
    token = mint()
    answer = bearward.fetch(target="/public/report?a=1&access_token=" + token, headers={"X-User-Id": "admin"})
    assert answer.status == 200 and record(bearward, answer)["route"] == "public"
    assert app.last.target == "/public/report?a=1", "the other route's credential is not forwarded"
    assert b"X-User-Id" not in app.last.raw_head and token.encode() not in app.last.raw_head
    answer = bearward.fetch(target="/public/report/", headers=bearer(token))
    assert answer.status == 200 and token.encode() not in app.last.raw_head


def test_handshakes_are_guarded(bearward, app):
    with bearward.connect() as link:
        link.send(handshake("/ADMIN/live", list(bearer(mint()).items())))
        answer = link.response()
        assert answer.status == 101 and record(bearward, answer)["reason"] == "role_missing"
    assert app.heads == []


def test_scoped_packages_pass_on_the_route_that_takes_them(bearward, app):
    for target, forwarded in [("/npm/@scope%2fname", "/npm/@scope%2Fname"), ("/npm/@scope%2Fname/latest", "/npm/@scope%2Fname/latest"), ("/npm/a;b", "/npm/a;b")]:
        assert bearward.fetch(target=target, headers=bearer(mint())).status == 200
        assert app.last.target == forwarded
    app.forget()
    for target in ["/x%2fy", "/x;y", "/npm%2fx", "/npm/..%2fadmin", "/npm/%2e%2e%2fadmin", "/npm/-/a%2fb", "/admin%2fx", "/public/..%2fadmin"]:
        answer = bearward.fetch(target=target, headers=bearer(mint()))
        assert answer.status == 400, target
    line = record(bearward, bearward.fetch(target="/x%2fy", headers=bearer(mint())))
    assert line["cause"] == "the path reads as '/x%2Fy' and as '/x/y'"
    assert app.heads == []


def test_a_router_that_ignores_them_has_routes_that_do(start, app):
    bearward = start(CONFIGURATION.replace("/Public/Report", "/public/Report") + LAX)
    for target in ["/Secret/", "/SECRET", "/secret"]:
        assert bearward.fetch(target=target, headers=bearer(mint())).status == 403
        answer = bearward.fetch(target=target, headers=bearer(mint(roles=["admin"])))
        assert answer.status == 200 and record(bearward, answer)["route"] == "secret" and app.last.target == target
    assert bearward.fetch(target="/PUBLIC/x").status == 200
    assert bearward.fetch(target="/PUBLIC/REPORT/").status == 401


def test_slashes_are_kept_where_both_readings_agree(start, app):
    bearward = start(CONFIGURATION + KEPT)
    for target in ["/proxy/https://e.test/a", "/x//", "/a///b"]:
        assert bearward.fetch(target=target, headers=bearer(mint())).status == 200
        assert app.last.target == target
    app.forget()
    for target in ["//admin/x", "///admin", "//host/admin/x", "/public//../x", "//public/x", "/x/..//admin"]:
        assert bearward.fetch(target=target, headers=bearer(mint(roles=["admin"]))).status == 400, target
    assert bearward.fetch(target="/admin//x", headers=bearer(mint())).status == 403
    assert bearward.fetch(target="//ADMIN/x", headers=bearer(mint())).status == 403
    assert app.heads == []


PCHARS = [chr(code) for code in range(0x21, 0x7F) if chr(code) not in "#?/\\;%"]


@pytest.mark.parametrize("text", PCHARS + ["%20", "%25", "%23", "%3F", "%C3%A9", "%FF", "...", ":80", "@host", "~", "a=b,c"])
def test_each_byte_in_a_captured_segment_stays_in_it(bearward, app, text):
    """A capture takes every segment: none falls to the laxer route beside it."""
    for segment in [text + "x", "x" + text, "x" + text + "x"]:
        answer = bearward.fetch(target="/files/" + segment + "/content", headers=bearer(mint()))
        assert answer.status == 403, segment
    assert app.heads == []


@pytest.mark.parametrize("host", ["admin.test", "ADMIN.Test", "admin.test.", "admin.test:8080", "Admin.TEST.:80", "x.admin.test", "a.b.admin.test."])
def test_hosts_in_any_spelling_lead_to_their_route(start, app, host):
    bearward = start(CONFIGURATION + """
  - {prefix: /, name: by_host, hosts: [admin.test, "*.Admin.Test"], require: {roles: [admin]}}
""")
    answer = bearward.fetch(target="/x", headers=bearer(mint()), host=host)
    assert answer.status == 403 and record(bearward, answer)["route"] == "by_host"
    assert app.heads == []
