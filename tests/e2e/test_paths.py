"""A path has one spelling: whatever a plain user writes, no app behind Bearward can take it for the admin's path."""

import pytest
import wire
from spellings import families, leads_to
from tokens import bearer, mint

CONFIGURATION = """
version: 1
threads: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers: {main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /, name: any_user}
  - {prefix: /public, name: public, auth: none}
  - {prefix: /api/v1, name: api}
  - {prefix: "/tenants/{tenant_id}", name: tenant, require: {tenant: "{tenant_id}"}}
  - {prefix: /admin, name: admin, require: {roles: [admin]}}
"""
PREFIXES = ["/public", "/api/v1", "/tenants/t-1"]
HOSTS = ["api.test", "API.Test.", "other.test:8080"]
FAMILIES = families("admin", PREFIXES, HOSTS)


def test_the_lenient_readers_know_the_usual_tricks():
    for target in ("/admin", "/%61dmin", "/%2561dmin", "/public/../admin", "/public/..%2fadmin", "/public/..;/admin", "/public\\..\\admin", "//admin/x",
                   "/public/..%3b/admin", "/public/%252e%252e%252fadmin", "/admin;a=b", "/admin%00.html", "/public/a\\b%2f..%2f..%2fadmin",
                   "/public/..;%2fpublic/admin", "/public//../admin", "/admin?x", "/x/../admin/"):
        assert leads_to(target, "admin"), target
    for target in ("/", "/administrator", "/public/admin", "/Admin", "/admin.", "/admin%20", "/x?/../admin", "/public/.../admin", "/public/%c0%ae%c0%ae/admin"):
        assert not leads_to(target, "admin"), target
    assert sum(map(len, FAMILIES.values())) > 2000
    assert sum(leads_to(target, "admin") for spellings in FAMILIES.values() for target in spellings) > 1000


def sweep(bearward, app, spellings, headers, **more):
    """spelling -> status, and what the app was sent for it or None."""
    seen = {}
    link = None
    try:
        for spelling in spellings:
            app.forget()
            link = link or wire.connection(bearward.address)
            link.send(wire.request("GET", spelling, headers, **more))
            answer = link.response()
            seen[spelling] = (answer.status, app.heads[-1].target if app.heads else None)
            if answer.get("Connection") == "close":
                link.socket.close()
                link = None
    finally:
        if link:
            link.socket.close()
    return seen


def assert_never_admin(seen, statuses):
    for spelling, (status, target) in seen.items():
        assert status in statuses, (spelling, status)
        assert (target is not None) == (status == 200), (spelling, status, target)
        assert target is None or not leads_to(target, "admin"), (spelling, target)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_spelling_brings_a_plain_user_to_the_admins_path(bearward, app, family):
    seen = sweep(bearward, app, FAMILIES[family], bearer(mint()))
    assert_never_admin(seen, (200, 400, 403))
    statuses = [status for status, _ in seen.values()]
    assert statuses.count(403) >= 8 and statuses.count(400) >= 3, "the sweep shows something"


@pytest.mark.parametrize("family", FAMILIES)
def test_no_spelling_brings_a_stranger_to_the_admins_path(bearward, app, family):
    seen = sweep(bearward, app, FAMILIES[family], {})
    assert_never_admin(seen, (200, 400, 401))
    assert all(target is None or target.startswith("/public") for _, target in seen.values())


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_refused_a_user_as_admin_reaches_the_admins_path_for_an_admin(bearward, app, family):
    """Judged and forwarded are one path: where a user gets 403, an admin's request arrives in the one spelling."""
    refused = [spelling for spelling, (status, _) in sweep(bearward, app, FAMILIES[family], bearer(mint())).items() if status == 403 and "tenants" not in spelling]
    assert refused
    for spelling, (status, target) in sweep(bearward, app, refused, bearer(mint(roles=["admin"]))).items():
        assert status == 200 and (target == "/admin" or target.startswith(("/admin/", "/admin?"))), (spelling, status, target)


@pytest.mark.parametrize("spelling", [
    "/admin.", "/admin%20", "/ADMIN.", "/admin~", "/admin%C2%A0", "/admin%23x", "/admin%3Fx", "/admin:80", "/admin::$DATA", "/.admin", "/public/.../admin",
    "/public/%C0%AE%C0%AE/admin", "/admin%FF", "/%20admin", "/admin.json",
])
def test_what_only_looks_like_it_is_another_path_and_arrives_unchanged(bearward, app, spelling):
    answer = bearward.fetch(target=spelling, headers=bearer(mint()))
    assert answer.status == 200 and app.last.target == spelling


def test_another_tenant_is_not_reached_by_any_spelling(bearward, app):
    found = families("t-2", ["/tenants/t-1"], HOSTS)
    below = ["/tenants" + spelling for spelling in found["per_character"] + found["suffixed"] + found["leading"] if spelling.startswith("/")]
    seen = sweep(bearward, app, sorted({*below, *found["upwards"]}), bearer(mint(tid="t-1")))
    for spelling, (status, target) in seen.items():
        assert status in (200, 400, 403), (spelling, status)
        assert target is None or not leads_to(target, "tenants/t-2"), (spelling, target)
    assert sum(status == 403 for status, _ in seen.values()) >= 20


@pytest.mark.parametrize("family", FAMILIES)
def test_allowing_ambiguous_paths_does_not_open_the_admins_path(start, app, family):
    process = start(CONFIGURATION + "paths: {ambiguous: allow}\n")
    seen = sweep(process, app, FAMILIES[family], bearer(mint()))
    assert_never_admin(seen, (200, 400, 403))
    seen = sweep(process, app, FAMILIES[family], {})
    assert_never_admin(seen, (200, 400, 401))


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "BREW"])
def test_the_method_does_not_matter(bearward, app, method):
    for spelling in ("/admin", "/%61dmin", "/public/../admin", "//admin"):
        assert bearward.fetch(method, spelling, headers=bearer(mint())).status == 403
    for spelling in ("/public/..;/admin", "/public/..%2fadmin", "/public\\..\\admin"):
        assert bearward.fetch(method, spelling, headers=bearer(mint())).status == 400
    assert app.heads == []


@pytest.mark.parametrize("name", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Path", "X-Forwarded-Prefix", "X_Original_URL", "x-original-url"])
def test_headers_that_name_another_path_do_not_lead_there(bearward, app, name):
    answer = bearward.fetch(target="/public/x", headers={name: "/admin"})
    assert answer.status == 200 and app.last.target == "/public/x"
    assert b"/admin" not in app.last.raw_head
