"""Caddy and nginx as deploy/examples/forward_auth configures them: who asks arrives, refusals come through, and what is judged is what is forwarded."""

import json
import os
import re
import subprocess

import peers
import pytest
import wire
import yaml
from conftest import ROOT, bearward_process
from frames import handshake
from tokens import RSA, SECRET, bearer, mint, mint_with

EXAMPLE = ROOT / "deploy/examples/forward_auth"
IDENTITY = ["X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes"]
FORGED = {name: "root" for name in IDENTITY}
CHALLENGE = 'Bearer realm="bearward"'
# Refusals that the example's own routes don't give.
MORE = """
  - {exact: /once, name: once, rate_limit: {per: address, rate: 1/h, burst: 1}}
  - {exact: /keyless, name: keyless, providers: [keyless]}
"""
KEYLESS = """
  keyless: {issuer: https://id.example.com/, audiences: [widgets-api], algorithms: [RS256], keys: {jwks_url: "http://127.0.0.1:1/keys"}}
"""


def replaced(text, *pairs):
    for written, used in pairs:
        assert text.count(written) == 1, written
        text = text.replace(written, used)
    return text


def configuration():
    """The example's, with its address replaced, the routes of MORE, and a host that it serves little of."""
    return replaced(
        (EXAMPLE / "bearward.yaml").read_text().split("\ntests:")[0], ('address: "127.0.0.1:9080", name: decisions', "address: 127.0.0.1:0, name: public"),
        ("name: everything_else", "name: everything_else, hosts: [api.test]"), ("\ndefaults:", KEYLESS + "\ndefaults:"),
    ) + MORE + 'admin: {address: "unix:@directory@/admin.sock"}\n'


@pytest.fixture(scope="module")
def bearward(tmp_path_factory):
    process = bearward_process(tmp_path_factory.mktemp("bearward"), configuration(), ready=False, files={"jwt-secret": SECRET.decode()})
    yield process
    process.stop()


def start_caddy(directory, decisions, app):
    port = peers.free_port()
    text = replaced((EXAMPLE / "forward_auth.caddyfile").read_text(), (":8080 {", f":{port} {{\n\tbind 127.0.0.1"), ("127.0.0.1:9080", decisions), ("127.0.0.1:8000", app))
    (directory / "caddyfile").write_text("{\n\tadmin off\n}\n" + text)
    with open(directory / "log", "wb") as log:
        process = subprocess.Popen(
            ["/usr/bin/caddy", "run", "--config", str(directory / "caddyfile"), "--adapter", "caddyfile"], cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "HOME": str(directory), "XDG_CONFIG_HOME": str(directory), "XDG_DATA_HOME": str(directory)})
    return process, port


NGINX = """
daemon off;
master_process off;
pid @directory@/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path @directory@/body;
  proxy_temp_path @directory@/proxy;
  fastcgi_temp_path @directory@/fastcgi;
  uwsgi_temp_path @directory@/uwsgi;
  scgi_temp_path @directory@/scgi;
  include @directory@/site.conf;
}
"""


def start_nginx(directory, decisions, app):
    port = peers.free_port()
    directory.chmod(0o755)
    text = replaced((EXAMPLE / "nginx_site.conf").read_text(), ("listen 8080;", f"listen 127.0.0.1:{port};"), ("127.0.0.1:9080", decisions), ("127.0.0.1:8000", app))
    (directory / "site.conf").write_text(text)
    (directory / "nginx.conf").write_text(NGINX.replace("@directory@", str(directory)))
    return subprocess.Popen(["/usr/sbin/nginx", "-c", str(directory / "nginx.conf"), "-p", str(directory), "-e", str(directory / "log")]), port


STARTS = {"caddy": start_caddy, "nginx": start_nginx}


class other_proxy:
    def __init__(self, name, directory, decisions, app):
        self.name = name
        self.process, port = STARTS[name](directory, decisions, app)
        try:
            peers.wait_for_port(port, self.process)
        except BaseException as problem:
            self.stop()
            raise AssertionError((directory / "log").read_text()) from problem
        self.address = f"127.0.0.1:{port}"

    def fetch(self, method, target, headers=(), **more):
        return wire.fetch(self.address, method, target, list(headers.items()) if isinstance(headers, dict) else list(headers), **more)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module", params=STARTS)
def proxy(request, tmp_path_factory, bearward, http_upstream):
    started = other_proxy(request.param, tmp_path_factory.mktemp(request.param), bearward.address, http_upstream.address)
    yield started
    started.stop()


def token(**changes):
    return bearer(mint(**{"iss": "https://id.example.com/", "aud": "widgets-api", "sub": "ada", "tid": "acme", "roles": ["user"], "scope": "read", **changes}))


def identity(app):
    assert len(app.heads) == 1
    return [app.heads[0].get(name) or "" for name in IDENTITY]


def test_who_asks_arrives_and_nothing_that_a_client_says_of_itself(proxy, app):
    assert proxy.fetch("GET", "/tenants/acme/widgets?page=2&q=%20", {**FORGED, **token(roles=[])}).status == 200
    assert identity(app) == ["ada", "acme", "", "read"]
    head = app.heads[0]
    assert (head.method, head.target, head.get("Host")) == ("GET", "/tenants/acme/widgets?page=2&q=%20", "api.test")


def test_a_stranger_is_nobody(proxy, app):
    assert proxy.fetch("POST", "/hello", FORGED, body=b"body").status == 200
    assert identity(app) == [""] * 4 and b"root" not in app.heads[0].raw_head
    assert app.requests[-1].method == "POST" and app.requests[-1].body == b"body"


@pytest.mark.parametrize("name", ["X_User_Id", "X_User-Id", "X.User.Id", "x_tenant_id", "X_User_Roles"])
def test_nor_by_another_spelling_of_the_name(proxy, app, name):
    answer = proxy.fetch("GET", "/hello", {name: "root"})
    # Caddy would forward it, so it is refused; nginx drops such names.
    assert answer.status == {"caddy": 400, "nginx": 200}[proxy.name]
    assert all(b"root" not in head.raw_head for head in app.heads) and len(app.heads) == {"caddy": 0, "nginx": 1}[proxy.name]


@pytest.mark.parametrize("names", ["X-User-Id, X-Tenant-Id, X-User-Roles, X-User-Scopes", "X-Forwarded-Uri, X-Forwarded-Method, X-Forwarded-Host", "Authorization"])
def test_who_asks_arrives_whatever_a_client_lists_in_connection(proxy, app, names):
    answer = proxy.fetch("GET", "/me", {**token(), "Connection": "close, " + names})
    if answer.status == 200:
        assert identity(app) == ["ada", "acme", "user", "read"]
    else:
        assert answer.status == 401 and names == "Authorization" and app.heads == []


def refused(answer, status, detail):
    assert answer.status == status and json.loads(answer.body) == {"detail": detail}, answer
    return answer


def test_refusals_come_through(proxy, app):
    def ask(method, target, headers=()):
        return proxy.fetch(method, target, headers)

    answer = ask("GET", "/me")
    assert answer.status == 401 and answer.get("WWW-Authenticate") == CHALLENGE
    answer = ask("GET", "/me", bearer("x.y.z"))
    assert answer.status == 401 and 'error="invalid_token"' in answer.get("WWW-Authenticate")
    assert ask("GET", "/tenants/globex/widgets", token()).status == 403
    assert ask("GET", "/admin/dashboard", {**token(), "X-User-Roles": "admin"}).status == 403
    assert refused(ask("POST", "/tenants/acme/widgets", token()), 405, "Method Not Allowed").get("Allow") == "GET, HEAD"
    refused(proxy.fetch("GET", "/nowhere", token(), host="elsewhere.test"), 404, "Not Found")
    assert app.heads == []


def test_a_refusal_for_a_while_says_for_how_long(proxy, app):
    # Whichever of the two proxies came first has had the one request.
    while (answer := proxy.fetch("GET", "/once", token())).status == 200:
        app.forget()
    assert int(refused(answer, 429, "Too Many Requests").get("Retry-After")) > 0
    answer = proxy.fetch("GET", "/keyless", bearer(mint_with(RSA, iss="https://id.example.com/", aud="widgets-api")))
    assert int(refused(answer, 503, "Authentication is unavailable").get("Retry-After")) > 0
    assert app.heads == []


@pytest.mark.parametrize("target", ["/x/../admin/dashboard", "/%61dmin/dashboard", "//admin/dashboard", "/admin//dashboard", "/./admin", "/hello/%2e%2e/admin", "/admin;x", "/admin%2Fdashboard",
                                    "/hello/..%2fadmin"])
def test_another_spelling_of_a_path_is_refused(proxy, app, target):
    answer = proxy.fetch("GET", target, token(roles=["admin"]))
    refused(answer, 400, "Bad Request")
    assert app.heads == []


@pytest.mark.parametrize("target", ["/ADMIN/dashboard", "/Admin", "/admin/"])
def test_another_case_needs_the_role_too(proxy, app, target):
    assert proxy.fetch("GET", target, token()).status == 403 and app.heads == []


def test_what_is_judged_is_what_is_forwarded(proxy, app, bearward):
    asked = {"X-Forwarded-Method": "GET", "X-Forwarded-Host": "a", "X-Forwarded-Uri": "/hello", "X-Original-URL": "/hello", "X-Original-URI": "/hello", "X-Original-Method": "GET",
             "X-Original-Host": "a", "X-Forwarded-For": "203.0.113.9"}
    assert proxy.fetch("POST", "/me", asked).status == 401 and app.heads == []
    assert proxy.fetch("POST", "/me?x=1", {**asked, **token(), "X-Request-Id": "judged-by-" + proxy.name}).status == 200
    record = bearward.access_record("judged-by-" + proxy.name)
    assert (record["method"], record["path"], record["client"]) == ("POST", "/me?x=1", "127.0.0.1")
    head = app.heads[0]
    assert (head.method, head.target) == ("POST", "/me?x=1")
    # Some apps take such a path for the request's own.
    assert [head.get(name) for name in asked if head.get(name) and name not in ("X-Forwarded-For", "X-Forwarded-Host")] == []
    assert (head.get("X-Forwarded-For"), head.get("X-Forwarded-Host")) == ("127.0.0.1", "api.test")


def test_a_handshake_is_judged_and_passed_on(proxy, app):
    with wire.connection(proxy.address) as link:
        link.send(handshake("/me"))
        assert link.response().status == 401
    assert app.heads == []
    with wire.connection(proxy.address) as link:
        link.send(handshake("/me", list(token().items())))
        link.head()
    assert identity(app) == ["ada", "acme", "user", "read"] and app.heads[0].get("Upgrade") == "websocket" and app.heads[0].get("Connection").lower() == "upgrade"


@pytest.mark.parametrize("name", STARTS)
def test_without_bearward_nothing_passes(name, tmp_path, app):
    proxy = other_proxy(name, tmp_path, "127.0.0.1:1", app.address)
    try:
        for headers in ({}, token(), FORGED):
            assert proxy.fetch("GET", "/hello", headers).status == {"caddy": 502, "nginx": 500}[name] and app.heads == []
    finally:
        proxy.stop()


def test_each_configuration_takes_over_every_identity_header():
    caddy = (EXAMPLE / "forward_auth.caddyfile").read_text()
    assert re.search(r"copy_headers (.*)", caddy)[1].split() == IDENTITY
    for name in IDENTITY:
        assert f"request_header -{name}\n" in caddy and f"header_up {name} {{http.request.header.{name}}}\n" in caddy
    nginx = (EXAMPLE / "nginx_site.conf").read_text()
    assert re.findall(r"\$upstream_http_(x_\w+); +proxy_set_header (\S+)", nginx) == [(name.lower().replace("-", "_"), name) for name in IDENTITY]
    middleware = yaml.safe_load((EXAMPLE / "traefik_dynamic.yaml").read_text())["http"]["middlewares"]["bearward"]["forwardAuth"]
    assert middleware["authResponseHeaders"] == IDENTITY and middleware["trustForwardHeader"] is False
