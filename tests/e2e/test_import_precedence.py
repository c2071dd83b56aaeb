"""bearward import: which of a peer's rules is for a request, where they are nested, repeated or inherited."""

import json

import pytest
from test_import import bearward

FORWARD = "proxy_pass http://127.0.0.1:9;"
TOKEN = 'auth_jwt "x"; auth_jwt_key_file jwks.json; ' + FORWARD
CERTIFICATE = "ssl_certificate c.pem; ssl_certificate_key k.pem;"
SOMEBODY = {"user": "u-1"}


def imported(peer, theirs, tmp_path):
    """The exit code, and the result; policy tests that it passes say what becomes of requests."""
    (tmp_path / "theirs").write_text(theirs if isinstance(theirs, str) else json.dumps(theirs))
    run = bearward("import", peer, "theirs", cwd=tmp_path)
    assert run.stdout, run.stderr
    (tmp_path / "whole.yaml").write_text(run.stdout)
    said = bearward("check", "--strict", "--offline", "whole.yaml", cwd=tmp_path)
    assert said.returncode == 0, (said.stderr, run.stdout)
    assert bearward("test", "whole.yaml", cwd=tmp_path).returncode == 0
    return run.returncode, run.stdout


def expect(text, tmp_path, requests):
    """Requests as (status, path, more of the test: host, method, identity)."""
    tests = []
    for status, path, more in requests:
        request = {"path": path, **{key: value for key, value in more.items() if key != "identity"}}
        tests.append({"request": request, "expect": {"status": status}, **({"identity": more["identity"]} if "identity" in more else {})})
    (tmp_path / "ours.yaml").write_text(text.split("\ntests:\n")[0] + "\ntests: " + json.dumps(tests) + "\n")
    said = bearward("test", "ours.yaml", cwd=tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr + text


NGINX = {
    "a regular expression beside a location counts before a ^~ within that location": (
        f"server {{ location /a/ {{ {FORWARD} location ^~ /a/b/ {{ {FORWARD} }} }} location ~ ^/a/b/secret {{ {TOKEN} }} }}", 1, [(401, "/a/b/secret", {}), (200, "/a/x", {})]),
    "none is tried beside a ^~, whatever is within it": (
        f"server {{ location ^~ /a/ {{ {TOKEN} location /a/b/ {{ {FORWARD} }} }} location ~ ^/a/b/open {{ auth_jwt off; {FORWARD} }} }}", 0, [(401, "/a/b/open", {}), (200, "/a/b/open", {"identity": SOMEBODY})]),
    "the longest one beside others is chosen before those within them": (
        f"server {{ location /a/ {{ {FORWARD} location /a/b/c/ {{ {FORWARD} }} location = /a/b/d {{ {FORWARD} }} }} location /a/b/ {{ {TOKEN} }} }}", 0, [(401, "/a/b/c/x", {}), (401, "/a/b/d", {}), (200, "/a/x", {})]),
    "a path that can't be said may be the longest": (
        f'server {{ location ~ ^/a/ {{ {FORWARD} }} location ^~ "/a/\u00e9" {{ {TOKEN} }} }}', 1, [(401, "/a/%C3%A9", {})]),
    "what stands in brackets is no group": (
        f'server {{ location / {{ {FORWARD} }} location ~ "^/x/y[(]|/b" {{ {TOKEN} }} }}', 1, [(401, "/c/b", {})]),
    "nor is what is quoted": (
        f'server {{ location / {{ {FORWARD} }} location ~ "^/x/y\\Q(\\E|/b" {{ {TOKEN} }} }}', 1, [(401, "/c/b", {})]),
    "the default server's own name is not another one's pattern": (
        f"server {{ server_name app.example.com; location / {{ {TOKEN} }} }} server {{ server_name *.example.com; location / {{ {FORWARD} }} }}", 0,
        [(401, "/", {"host": "app.example.com"}), (401, "/", {"host": "elsewhere.test"}), (200, "/", {"host": "b.example.com"})]),
    "the first server with a name has it": (
        f"server {{ server_name a.test; location / {{ {TOKEN} }} }} server {{ server_name a.test b.test; location / {{ {FORWARD} }} }}", 0,
        [(401, "/", {"host": "a.test"}), (200, "/", {"host": "b.test"})]),
    "methods are excepted in any case": (
        f"server {{ location / {{ limit_except get {{ deny all; }} {FORWARD} }} }}", 0, [(200, "/", {}), (401, "/", {"method": "POST"})]),
    "a map of the empty text is one": (
        "map $http_upgrade $connection_upgrade { default upgrade; '' close; } " +
        f"server {{ location / {{ {TOKEN} proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; }} }}", 0, [(401, "/", {})]),
    "what begins within a segment is as strict as its folder alone": (
        f"server {{ location / {{ {FORWARD} }} location /internal/auth {{ internal; {FORWARD} }} }}", 1, [(200, "/x", {}), (401, "/internal/authx", {}), (401, "/internal/auth", {}), (401, "/internal/auth/x", {})]),
    "a file that is included is known by its folder too": (
        f"server {{ location / {{ include proxy_params; {FORWARD} }} location /a/ {{ include snippets/proxy_params; {FORWARD} }} }}", 1, [(200, "/x", {}), (401, "/a/x", {})]),
    "addresses that count where no token does": (
        f"server {{ satisfy any; deny all; location / {{ {TOKEN} }} location /a/ {{ {FORWARD} }} }}", 1, [(200, "/x", {"identity": SOMEBODY}), (401, "/x", {}), (401, "/a/x", {})]),
    "a subrequest that is always refused": (
        f"server {{ location = /no {{ return 403; }} location / {{ auth_request /no; {FORWARD} }} }}", 1, [(401, "/", {})]),
    "paths that only a slash at the end makes two have the strictest rule": (
        f"server {{ location / {{ {FORWARD} }} location = /x {{ {FORWARD} }} location = /x/ {{ {TOKEN} }} }}", 1, [(401, "/x/", {}), (401, "/x", {}), (200, "/y", {})]),
}


@pytest.mark.parametrize("name", NGINX)
def test_nginx_as_nginx_chooses(name, tmp_path):
    theirs, code, requests = NGINX[name]
    exit_code, text = imported("nginx", theirs, tmp_path)
    assert exit_code == code, text
    expect(text, tmp_path, requests)


@pytest.mark.parametrize("theirs, code, says, says_not", [
    (f"http {{ ssl_client_certificate ca.pem; ssl_verify_client on; server {{ listen 443 ssl; {CERTIFICATE} location / {{ {FORWARD} }} }} }}", 0, "client_ca: ca.pem", "optional"),
    (f"server {{ listen 443 ssl; {CERTIFICATE} ssl_trusted_certificate ca.pem; ssl_verify_client on; location / {{ {FORWARD} }} }}", 0, "client_ca: ca.pem", "optional"),
    (f"server {{ listen 443 ssl; {CERTIFICATE} ssl_verify_client on; location / {{ {FORWARD} }} }}", 1, "client_ca: clients.crt", "optional"),
    (f"server {{ listen 443 ssl; {CERTIFICATE} ssl_client_certificate ca.pem; ssl_verify_client optional; location / {{ {FORWARD} }} }}", 0, "client_certificate: optional", "clients.crt"),
    (f"server {{ listen 443 ssl; {CERTIFICATE} ssl_client_certificate ca.pem; ssl_verify_client on; location / {{ {FORWARD} }} }} " +
     f"server {{ listen 443 ssl; server_name b.test; {CERTIFICATE} ssl_client_certificate ca.pem; ssl_verify_client optional; location / {{ {FORWARD} }} }}", 0, "client_ca: ca.pem", "optional"),
    (f"server {{ listen 443 ssl; {CERTIFICATE} ssl_client_certificate a.pem; ssl_verify_client on; location / {{ {FORWARD} }} }} " +
     f"server {{ listen 443 ssl; server_name b.test; {CERTIFICATE} ssl_client_certificate b.pem; ssl_verify_client on; location / {{ {FORWARD} }} }}", 1, "client_ca: a.pem", "optional"),
], ids=["inherited", "trusted", "no authority", "optional", "one of two requires it", "two authorities"])
def test_nginx_client_certificates_stay_required(theirs, code, says, says_not, tmp_path):
    exit_code, text = imported("nginx", theirs, tmp_path)
    listen = text.split("\nlisten:\n")[1].split("\nupstreams:\n")[0]
    assert exit_code == code and says in listen and says_not not in listen, text


FILTERS = "type.googleapis.com/envoy.extensions.filters.http."
ANY = [{"any": True}]
MAIN = {"provider_name": "main"}
ROUTES = [{"match": {"prefix": "/"}, "route": {"cluster": "app"}}]
DENIED = [{"match": {"prefix": "/"}, "direct_response": {"status": 403}}]


def a_provider(issuer="https://id.test/", **more):
    return {"issuer": issuer, "audiences": ["w"], "local_jwks": {"filename": "jwks.json"}, "payload_in_metadata": "claims", **more}


def jwt(rules=None, **providers):
    rules = rules or [{"match": {"prefix": "/"}, "requires": MAIN}]
    return {"name": "envoy.filters.http.jwt_authn", "typed_config": {"@type": FILTERS + "jwt_authn.v3.JwtAuthentication", "providers": providers or {"main": a_provider()}, "rules": rules}}


def rbac(permission, principal=None, action="ALLOW"):
    policies = {"p": {"permissions": [permission], "principals": [principal] if principal else ANY}}
    return {"name": "envoy.filters.http.rbac", "typed_config": {"@type": FILTERS + "rbac.v3.RBAC", "rules": {"action": action, "policies": policies}}}


def a_listener(filters, routes=ROUTES, hosts=None, name="public", port=10000, **chain):
    hosts = hosts or [{"name": "all", "domains": ["*"], "routes": routes}]
    manager = {"@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", "route_config": {"virtual_hosts": hosts},
               "http_filters": [*filters, {"name": "envoy.filters.http.router"}]}
    return {"name": name, "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}, "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}], **chain}]}


def envoy(*listeners):
    address = {"socket_address": {"address": "127.0.0.1", "port_value": 9}}
    return {"static_resources": {"clusters": [{"name": "app", "load_assignment": {"endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}]}}], "listeners": listeners}}


def method_like(text):
    return {"name": ":method", "string_match": {"exact": text, "ignore_case": True}}


def claim(payload, **value):
    return {"metadata": {"filter": "envoy.filters.http.jwt_authn", "path": [{"key": payload}, {"key": "role"}], "value": value}}


EITHER = [{"match": {"prefix": "/"}, "requires": {"requires_any": {"requirements": [{"provider_name": "a"}, {"provider_name": "b"}]}}}]
ADMIN = {"exact": "admin"}
BY_RULES = a_listener([jwt()])["filter_chains"][0]
ENVOY = {
    "the type of a filter counts, not its name": (
        envoy(a_listener([{"name": "envoy.filters.http.fault", "typed_config": {"@type": FILTERS + "ext_authz.v3.ExtAuthz"}}])), 1, [(401, "/", {})]),
    "a filter's rules for a cluster": (
        envoy(a_listener([], [{"match": {"prefix": "/"}, "route": {"weighted_clusters": {"clusters": [{"name": "app", "weight": 1, "typed_per_filter_config": {"envoy.filters.http.rbac": {}}}]}}}])), 1,
        [(401, "/", {})]),
    "a method in any case": (envoy(a_listener([jwt([{"match": {"prefix": "/", "headers": [method_like("post")]}, "requires": MAIN}])])), 1, [(401, "/", {"method": "POST"})]),
    "denied by a method in any case": (envoy(a_listener([rbac({"header": method_like("delete")}, action="DENY")])), 1, [(401, "/", {"method": "DELETE"})]),
    "denied by a path in any case": (envoy(a_listener([rbac({"url_path": {"path": {"prefix": "/admin", "ignore_case": True}}}, action="DENY")])), 1, [(401, "/ADMIN", {})]),
    "a path with its query": (envoy(a_listener([rbac({"header": {"name": ":path", "string_match": {"safe_regex": {"regex": "/public"}}}})])), 1, [(401, "/public?x=1", {})]),
    "claims of another provider's token": (
        envoy(a_listener([jwt(EITHER, a=a_provider("https://a.test/", payload_in_metadata="a"), b=a_provider("https://b.test/", payload_in_metadata="b")), rbac({"any": True}, claim("a", string_match=ADMIN))])), 0,
        [(200, "/", {"identity": {"user": "u-1", "provider": "a", "claims": {"role": "admin", "iss": "https://a.test/"}}}),
         (403, "/", {"identity": {"user": "u-1", "provider": "b", "claims": {"role": "admin", "iss": "https://b.test/"}}})]),
    "claims that one of two providers of an issuer has": (
        envoy(a_listener([jwt(EITHER, a=a_provider(payload_in_metadata="a"), b=a_provider(payload_in_metadata="b")), rbac({"any": True}, claim("a", string_match=ADMIN))])), 1,
        [(401, "/", {"identity": {"user": "u-1", "provider": "b", "claims": {"role": "admin"}}})]),
    "a chain for some addresses alone": (
        envoy(a_listener([], filter_chain_match={"source_prefix_ranges": [{"address_prefix": "10.0.0.0", "prefix_len": 8}]})), 1, [(401, "/", {})]),
    "another chain for all others": (
        envoy({**a_listener([], filter_chain_match={"server_names": ["in.test"]}), "default_filter_chain": BY_RULES}), 1, [(401, "/", {})]),
    "a listener filter that is not known": (
        envoy({**a_listener([]), "listener_filters": [{"name": "x", "typed_config": {"@type": "type.googleapis.com/x.Y"}}]}), 1, [(401, "/", {})]),
    "a name beside any domain is not another host's pattern": (
        envoy(a_listener([], hosts=[{"name": "x", "domains": ["*", "a.example.com"], "routes": DENIED}, {"name": "y", "domains": ["*.example.com"], "routes": ROUTES}])), 0,
        [(401, "/", {"host": "a.example.com"}), (401, "/", {"host": "elsewhere.test"}), (200, "/", {"host": "b.example.com"})]),
    "a method's rule for the path that a laxer prefix is below": (
        envoy(a_listener([jwt([{"match": {"prefix": "/public/"}}, {"match": {"prefix": "/", "headers": [{"name": ":method", "string_match": {"exact": "GET"}}]}, "requires": MAIN}])])), 0,
        [(401, "/public", {}), (200, "/public/x", {}), (200, "/public", {"method": "POST"})]),
    "providers of one name on two listeners": (
        envoy(a_listener([jwt()]), a_listener([jwt(main=a_provider("https://other.test/"))], name="second", port=10001)), 0,
        [(200, "/", {"listener": "public", "identity": {"user": "u-1", "provider": "main"}}), (401, "/", {"listener": "second"})]),
}


@pytest.mark.parametrize("name", ENVOY)
def test_envoy_as_envoy_chooses(name, tmp_path):
    theirs, code, requests = ENVOY[name]
    exit_code, text = imported("envoy", theirs, tmp_path)
    assert exit_code == code, text
    expect(text, tmp_path, requests)


def oauth2_proxy(tmp_path, *lines):
    usual = ['provider = "oidc"', 'oidc_issuer_url = "https://id.test/"', 'client_id = "w"', 'upstreams = ["http://127.0.0.1:9/"]', "skip_jwt_bearer_tokens = true"]
    return imported("oauth2-proxy", "\n".join([*usual, *lines]), tmp_path)


def test_oauth2_proxy_s_first_claim_of_an_audience_is_required(tmp_path):
    code, text = oauth2_proxy(tmp_path, 'email_domains = ["*"]', 'oidc_audience_claims = ["azp", "aud"]', 'extra_jwt_issuers = ["https://x.test/=v"]')
    assert code == 0 and "required_claims: {azp: w}" in text and "audiences: [w]" in text and "required_claims: {azp: v}" in text


def test_oauth2_proxy_s_claim_of_the_email_counts_before_the_user_s(tmp_path):
    code, text = oauth2_proxy(tmp_path, 'email_domains = ["example.com"]', 'oidc_email_claim = "upn"', 'user_id_claim = "sub"')
    assert code == 0
    expect(text, tmp_path, [(200, "/", {"identity": {"user": "u-1", "claims": {"upn": "a@example.com"}}}), (403, "/", {"identity": {"user": "u-1", "claims": {"sub": "a@example.com"}}})])


def test_oauth2_proxy_s_path_with_and_without_a_slash(tmp_path):
    code, text = oauth2_proxy(tmp_path, 'email_domains = ["*"]', 'skip_auth_routes = ["^/health/?$"]', "force_https = true")
    assert code == 0
    expect(text, tmp_path, [(200, "/health", {}), (401, "/healthx", {}), (401, "/", {})])
