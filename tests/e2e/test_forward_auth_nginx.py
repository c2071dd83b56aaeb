"""nginx asks a forward_auth listener as the README says, and forwards what is permitted."""

import json
import re
import subprocess

import peers
import pytest
import wire
from conftest import ROOT, bearward_process
from tokens import bearer, mint

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public, mode: forward_auth}]
admin: {address: "unix:@directory@/admin.sock"}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
defaults: {providers: [main]}
routes:
  - {prefix: /, name: rest}
  - {prefix: "/tenants/{tenant}", name: tenant, methods: [GET], require: {tenant: "{tenant}"}}
  - {prefix: /public, name: public, auth: none, allow_warnings: [looser-route]}
"""
SERVER = """
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
  server {
    listen 127.0.0.1:@port@;
    @recipe@
  }
}
"""


@pytest.fixture(scope="module")
def bearward(tmp_path_factory):
    process = bearward_process(tmp_path_factory.mktemp("bearward"), CONFIGURATION)
    yield process
    process.stop()


@pytest.fixture(scope="module")
def nginx(tmp_path_factory, bearward, http_upstream):
    """Its address."""
    directory = tmp_path_factory.mktemp("nginx")
    directory.chmod(0o755)
    recipe = re.search(r"^```nginx\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL).group(1)
    for written, used in (("127.0.0.1:8000", http_upstream.address), ("127.0.0.1:8080", bearward.address)):
        assert recipe.count(written) == 1
        recipe = recipe.replace(written, used)
    port = peers.free_port()
    (directory / "nginx.conf").write_text(SERVER.replace("@directory@", str(directory)).replace("@port@", str(port)).replace("@recipe@", recipe))
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(directory / "nginx.conf"), "-p", str(directory), "-e", str(directory / "error.log")])
    peers.wait_for_port(port, process)
    yield f"127.0.0.1:{port}"
    process.kill()
    process.wait()


def test_a_permitted_request_arrives_with_the_identity_and_nothing_of_the_clients_own(nginx, app):
    forged = {"X-User-Id": "root", "X-Tenant-Id": "t-9", "X-User-Roles": "admin", "X-User-Scopes": "all"}
    answer = wire.fetch(nginx, "GET", "/tenants/t-1/widgets?x=1", {**forged, **bearer(mint(sub="u-1", tid="t-1", roles=[], scope="read"))})
    assert answer.status == 200
    head = app.heads[-1]
    assert head.target == "/tenants/t-1/widgets?x=1"
    assert [head.get(name) for name in forged] == ["u-1", "t-1", None, "read"]
    assert wire.fetch(nginx, "GET", "/public", forged).status == 200
    assert [app.heads[-1].get(name) for name in forged] == [None] * 4


def test_refusals_reach_the_client_and_nothing_the_app(nginx, app):
    refused = wire.fetch(nginx, "GET", "/tenants/t-1")
    assert refused.status == 401 and refused.get("WWW-Authenticate") == 'Bearer realm="bearward"'
    assert wire.fetch(nginx, "GET", "/tenants/t-2", bearer(mint(tid="t-1"))).status == 403
    # Any other refusal is an error of its own to nginx.
    assert wire.fetch(nginx, "POST", "/tenants/t-1", bearer(mint(tid="t-1"))).status == 500
    assert wire.fetch(nginx, "GET", "/x/../tenants/t-1", bearer(mint(tid="t-1"))).status == 500
    assert app.heads == []


def test_what_a_client_says_of_the_question_or_of_itself_does_not_count(nginx, app, bearward):
    asked = {"X-Forwarded-Method": "GET", "X-Forwarded-Host": "a", "X-Forwarded-Uri": "/public", "X-Original-URL": "/public",
             "X-Original-URI": "/public", "X-Original-Method": "GET", "X-Original-Host": "a"}
    assert wire.fetch(nginx, "GET", "/x", asked).status == 401
    assert wire.fetch(nginx, "GET", "/x", {**bearer(mint()), "X-Request-Id": "from-nginx", "X-Forwarded-For": "203.0.113.9"}).status == 200
    record = bearward.access_record("from-nginx")
    assert record["client"] == "127.0.0.1" and record["path"] == "/x" and json.dumps(record).count("203.0.113.9") == 0
    assert len(app.heads) == 1
    # Some frameworks route by these in place of the request line: what the question hides, the app must not get.
    assert wire.fetch(nginx, "GET", "/x", {**bearer(mint()), **asked}).status == 200
    assert [app.heads[-1].get(name) for name in asked] == [None] * len(asked)
    # Those that are not hidden are refused.
    for name in ("X-Rewrite-URL", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert wire.fetch(nginx, "GET", "/x", {**bearer(mint()), name: "/admin"}).status == 500
    assert len(app.heads) == 2
