"""Hosts written otherwise: whatever an app would take for the protected host is judged as that host, or never arrives."""

import pytest
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
  - {prefix: /, name: open, auth: none}
  - {prefix: /, name: guarded, hosts: [admin.test], require: {roles: [admin]}}
  - {prefix: /, name: below, hosts: ["*.inner.test"], require: {roles: [admin]}}
"""

PROTECTED = ["admin.test", "a.inner.test", "b.a.inner.test"]
SAME = ["{0}", "{upper}", "{title}", "{mixed}", "{0}.", "{upper}.", "{0}:80", "{0}:8080", "{0}.:443", "{upper}:65535", "{0}:"]
OTHER = [
    "{0}..", ".{0}", "{0}:80:80", "{0}:x", "{0}:-1", "{0}:65536", "{0},open.test", "{0}, open.test", "open.test,{0}", "user@{0}", "user:{0}@open.test", "{0}@open.test",
    "http://{0}", "{0}/", "{0}/x", "/{0}", "{0}?x", "{0}#x", "{0};x", "{0} open.test", "open.test {0}", "{0}\t", "\t{0}x", "{escaped}", "{dot}", "{full_width}", "{0}\x00", "{0}\x00.open.test",
    "[{0}]", "[::1]{0}", "{0}\\", "{0}%00", "{0}%2eopen.test", "{0}%", '"{0}"', "'{0}'", "{0}\x7f", "{0}\xa0", "{0}\xad", "{0}_", "*.{0}", "*",
]


def written(form, host):
    mixed = "".join(letter.upper() if index % 2 else letter for index, letter in enumerate(host))
    return form.format(
        host, upper=host.upper(), title=host.title(), mixed=mixed, escaped="%{:02x}{}".format(ord(host[0]), host[1:]), dot=host.replace(".", "%2e"),
        full_width=host.replace(".", "\u3002").encode().decode("latin-1"))


@pytest.mark.parametrize("absolute", [False, True], ids=["host", "absolute"])
@pytest.mark.parametrize("host", PROTECTED)
@pytest.mark.parametrize("form", SAME)
def test_the_same_host(bearward, app, form, host, absolute):
    name = written(form, host)
    sent = {"target": f"http://{name}/x", "host": "open.test"} if absolute else {"target": "/x", "host": name}
    answer = bearward.fetch(**sent)
    assert answer.status in (401, 400), answer
    assert bearward.fetch(headers=bearer(mint()), **sent).status in (403, 400)
    assert app.heads == []
    admitted = bearward.fetch(headers=bearer(mint(roles=["admin"])), **sent).status
    assert admitted == (200 if answer.status == 401 else 400)
    if admitted == 200:
        assert app.last.get("Host").split(":")[0] == host


@pytest.mark.parametrize("host", PROTECTED)
@pytest.mark.parametrize("form", OTHER, ids=range(len(OTHER)))
def test_what_resembles_it(bearward, app, form, host):
    answer = bearward.fetch(target="/x", host=written(form, host))
    assert answer.status in (200, 400, 401), answer
    for head in app.heads:  # as another host, which no app folds to the protected one
        arrived = head.get("Host").split(":")[0].rstrip(".")
        assert answer.status == 200 and arrived != host and not set(arrived) & set("%@/\\,;?# \t\x00\"'"), arrived


def test_two_hosts_are_none(bearward, app):
    for pair in (["open.test", "admin.test"], ["admin.test", "open.test"], ["admin.test", "admin.test"]):
        assert bearward.fetch(target="/x", headers=[("Host", name) for name in pair]).status == 400
    assert app.heads == []
