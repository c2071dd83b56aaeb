"""bearward import: configurations of oauth2-proxy, Envoy and nginx as ours, and what becomes of requests then."""

import pathlib
import re
import subprocess

import pytest
from conftest import BINARY, ROOT, SLOWNESS
from tokens import RSA, bearer, mint_with

SAMPLES = sorted(path for path in (ROOT / "tests/golden/import").iterdir() if path.suffix != ".expected")
KEYS = "keys: {jwks_file: jwks.json}"


def bearward(*arguments, cwd):
    return subprocess.run([BINARY, *map(str, arguments)], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30 * SLOWNESS)


def peer_of(path):
    return next(peer for peer in ("oauth2-proxy", "envoy", "nginx") if path.name.startswith(peer))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_what_it_writes_passes_check_and_its_own_tests(sample, tmp_path):
    run = bearward("import", peer_of(sample), sample, "-o", "ours.yaml", cwd=tmp_path)
    expected = int(pathlib.Path(f"{sample}.expected").read_text().split()[2])
    assert (run.returncode, run.stdout) == (expected, ""), run.stderr
    text = (tmp_path / "ours.yaml").read_text()
    assert ("OPENS" in text) == ("OPENS" in run.stderr) == (expected == 1)
    for arguments in (["check", "--strict", "--offline"], ["test"]):
        said = bearward(*arguments, "ours.yaml", cwd=tmp_path)
        assert said.returncode == 0, (arguments, said.stdout, said.stderr)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_result_without_its_rules_fails_its_tests(sample, tmp_path):
    run = bearward("import", peer_of(sample), sample, cwd=tmp_path)
    laxer = re.sub(r", providers: \[[^]]*\](, auth: optional)?(, require: (\{policy: [^}]*\}|\{claims: \{[^}]*\}\}|\{roles: \[[^]]*\]\}|\{all: .*?\}\]\}))?", ", auth: none", run.stdout)
    assert laxer != run.stdout
    (tmp_path / "laxer.yaml").write_text(laxer)
    assert bearward("test", "laxer.yaml", cwd=tmp_path).returncode == 1


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "ours.yaml").write_text("mine")
    run = bearward("import", "nginx", SAMPLES[0], "-o", "ours.yaml", cwd=tmp_path)
    assert run.returncode == 1 and "is there already" in run.stderr
    assert (tmp_path / "ours.yaml").read_text() == "mine"


@pytest.mark.parametrize("arguments, code", [
    ([], 2), (["nginx"], 2), (["apache", "x"], 2), (["nginx", "x", "y"], 2), (["nginx", "x", "--nonsense"], 2), (["nginx", "not-there"], 1), (["nginx", "."], 1),
])
def test_wrong_usage_and_files_that_can_not_be_read(arguments, code, tmp_path):
    run = bearward("import", *arguments, cwd=tmp_path)
    assert run.returncode == code and run.stderr and run.stdout == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("peer, text", [
    ("nginx", "server { location / { proxy_pass http://127.0.0.1:1; }"), ("envoy", "a: [1"), ("envoy", "- 1"), ("oauth2-proxy", 'a = "b'), ("oauth2-proxy", "\0"),
])
def test_what_is_not_understood_as_a_whole_writes_nothing(peer, text, tmp_path):
    (tmp_path / "theirs").write_text(text)
    run = bearward("import", peer, "theirs", "-o", "ours.yaml", cwd=tmp_path)
    assert run.returncode == 1 and "theirs: " in run.stderr and not (tmp_path / "ours.yaml").exists()


def shown_commands():
    """Each line of a migration page that is to be typed."""
    for page in sorted((ROOT / "deploy/migration").glob("*.md")):
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL):
            yield from block.splitlines()


def test_the_migration_pages_show_commands_that_exist(tmp_path):
    lines = list(shown_commands())
    assert len(lines) > 10
    for line in lines:
        words = line.split(" <")[0].split()
        said = bearward(words[1], "--help", cwd=tmp_path)
        assert words[0] == "bearward" and said.returncode == 0, line
        assert not [word for word in words[2:] if word.startswith("-") and len(word) > 1 and word not in re.split(r"[\s,=]+", said.stdout)], line


OAUTH2_PROXY = """
http_address = "127.0.0.1:4180"
provider = "oidc"
oidc_issuer_url = "https://id.test/"
client_id = "widgets"
email_domains = ["example.com"]
allowed_groups = ["staff"]
upstreams = ["http://@http@/"]
skip_auth_routes = ["GET=^/health$", "^/public/"]
skip_jwt_bearer_tokens = true
"""
ENVOY = """
static_resources:
  clusters:
  - {name: app, load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: @host@, port_value: @port@}}}}]}]}}
  listeners:
  - name: public
    address: {socket_address: {address: 127.0.0.1, port_value: 10000}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: app}}]}]}
          http_filters:
          - name: envoy.filters.http.jwt_authn
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
              providers:
                main:
                  issuer: https://id.test/
                  audiences: [widgets]
                  local_jwks: {filename: jwks.json}
                  payload_in_metadata: claims
                  claim_to_headers: [{header_name: X-Forwarded-Email, claim_name: email}]
              rules:
              - match: {path: /health}
              - match: {prefix: /public/}
              - match: {prefix: /}
                requires: {provider_name: main}
          - name: envoy.filters.http.rbac
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC
              rules:
                policies:
                  open: {permissions: [{url_path: {path: {prefix: /public/}}}, {url_path: {path: {exact: /health}}}], principals: [{any: true}]}
                  staff:
                    permissions: [{any: true}]
                    principals: [{metadata: {filter: envoy.filters.http.jwt_authn, path: [{key: claims}, {key: groups}], value: {list_match: {one_of: {string_match: {exact: staff}}}}}}]
          - name: envoy.filters.http.router
"""
NGINX = """
map $jwt_claim_groups $is_staff { staff 1; }
server {
    listen 127.0.0.1:8080;
    auth_jwt "widgets";
    auth_jwt_key_file jwks.json;
    auth_jwt_require $is_staff;
    location / { proxy_set_header X-Forwarded-Email $jwt_claim_email; proxy_pass http://@http@; }
    location = /health { auth_jwt off; limit_except GET { deny all; } proxy_pass http://@http@; }
    location /public/ { auth_jwt off; proxy_pass http://@http@; }
}
"""


@pytest.fixture(params=["oauth2-proxy", "envoy", "nginx"])
def imported(request, tmp_path, start, app):
    """A proxy with what was imported, but for addresses and where the keys are."""
    host, port = app.address.rsplit(":", 1)
    theirs = {"oauth2-proxy": OAUTH2_PROXY, "envoy": ENVOY, "nginx": NGINX}[request.param]
    (tmp_path / "theirs").write_text(theirs.replace("@http@", app.address).replace("@host@", host).replace("@port@", port))
    run = bearward("import", request.param, "theirs", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    text = re.sub(r"(?m)^listen:\n(  - .*\n)+", 'listen:\n  - {address: "127.0.0.1:0", name: public}\nadmin: {address: "unix:@directory@/admin.sock"}\n', run.stdout)
    return start(re.sub(r"keys: \{(discovery_url|jwks_url): [^}]*\}", KEYS, text))


def test_what_was_imported_refuses_and_permits(imported, app):
    good = {"email": "ada@example.com", "groups": ["staff"]}
    for path, token, status in [
        ("/health", None, 200), ("/public/x", None, 200),
        ("/", None, 401), ("/widgets", None, 401), ("/publicx", None, 401), ("/healthx", None, 401), ("/public/../widgets", None, 401), ("/x/%2e%2e/widgets", None, 401),
        ("/widgets", mint_with(RSA, **good), 200),
        ("/widgets", mint_with(RSA, email="ada@example.com", groups=["guests"]), 403),
        ("/widgets", mint_with(RSA, email="ada@example.com"), 403),
        ("/widgets", mint_with(RSA, **good)[:-8] + "AAAAAAAA", 401),
        ("/widgets", mint_with(RSA, exp=1, **good), 401),
    ]:
        app.forget()
        answer = imported.fetch("GET", path, headers=bearer(token) if token else {})
        assert answer.status == status, (path, answer.status)
        assert len(app.requests) == (1 if status == 200 else 0), path
    app.forget()
    assert imported.fetch("GET", "/widgets", headers={**bearer(mint_with(RSA, **good)), "X-Forwarded-Email": "root@example.com"}).status == 200
    assert [value for name, value in app.requests[0].headers if name.lower() == "x-forwarded-email"] == ["ada@example.com"]
    assert app.requests[0].get("Authorization") is None
