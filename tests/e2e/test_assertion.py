"""The signed token that tells the app who asks, verified as the examples for apps do it."""

import http.server
import importlib.util
import json
import subprocess
import threading

import jwt
import pytest
from conftest import ROOT
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tokens import bearer, mint

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
assertion: {private_key: assertion.pem, lifetime: 4s}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /, name: everything}
  - {prefix: /api, name: api, strip_prefix: true}
  - {prefix: /open, name: open, auth: none}
  - {prefix: /maybe, name: maybe, auth: optional}
"""

HEADER = "X-Bearward-Assertion"


def private_pem():
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream, websocket_upstream):
    from conftest import bearward_process

    process = bearward_process(tmp_path_factory.mktemp("assertion"), CONFIGURATION, http=http_upstream.address,
                               websocket=websocket_upstream.address, files={"assertion.pem": private_pem()})
    yield process
    process.stop()


def key_set(bearward):
    status, body = bearward.admin("/jwks.json")
    assert status == 200
    return json.loads(body)


@pytest.fixture
def key_server(bearward):
    """The app asks the admin listener for the keys; here by TCP."""
    body = json.dumps(key_set(bearward)).encode()

    class handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/jwks.json"
        server.shutdown()


def python_verifier(url):
    spec = importlib.util.spec_from_file_location("verify_assertion", ROOT / "deploy/examples/verify_assertion.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.AssertionVerifier(url, "app")


def asserted(bearward, app, target="/", **changes):
    assert bearward.fetch(target=target, headers=bearer(mint(**changes))).status == 200
    return app.heads[-1].get(HEADER)


def test_the_public_key_alone_is_shown(bearward):
    keys = key_set(bearward)["keys"]
    assert len(keys) == 1 and keys[0]["alg"] == "ES256" and "d" not in keys[0]


def test_the_example_in_python_verifies_it(bearward, app, key_server):
    verifier = python_verifier(key_server)
    assertion = asserted(bearward, app, "/widgets?x=1", sub="u-7", tid="t-9", roles=["a", "b"])
    claims = verifier.verify(assertion, "GET", "/widgets")
    assert (claims["sub"], claims["tid"], claims["roles"], claims["exp"] - claims["iat"]) == ("u-7", "t-9", ["a", "b"], 4)
    for method, path in (("POST", "/widgets"), ("GET", "/")):
        with pytest.raises(jwt.InvalidTokenError):
            verifier.verify(assertion, method, path)
    with pytest.raises(jwt.PyJWTError):
        verifier.verify(mint(), "GET", "/widgets")


def test_the_example_for_node_verifies_it(bearward, app, tmp_path):
    assertion = asserted(bearward, app, "/api/things", sub="u-7")
    script = tmp_path / "run.mjs"
    script.write_text(f"""
import {{ verifyAssertion }} from {json.dumps(str(ROOT / "deploy/examples/verify_assertion.mjs"))};
const expected = {{ keySet: {json.dumps(key_set(bearward))}, audience: "app", method: "GET", path: "/things" }};
console.log(verifyAssertion({json.dumps(assertion)}, expected).sub);
const wrong = [{{ path: "/api/things" }}, {{ method: "PUT" }}, {{ audience: "other" }}, {{ issuer: "other" }}, {{ now: 4e9 }}, {{ keySet: {{ keys: [] }} }}];
for (const each of wrong) {{
  try {{ verifyAssertion({json.dumps(assertion)}, {{ ...expected, ...each }}); console.log("accepted", each); }} catch {{ }}
}}
try {{ verifyAssertion({json.dumps(assertion[:-8] + "AAAAAAAA")}, expected); console.log("accepted another signature"); }} catch {{ }}
""")
    done = subprocess.run(["node", str(script)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "u-7\n", done.stdout + done.stderr


def test_the_same_request_gets_the_same_and_another_another(bearward, app):
    first = asserted(bearward, app, "/same", sub="s")
    second = asserted(bearward, app, "/same", sub="s")
    other = asserted(bearward, app, "/same", sub="t")
    assert other not in (first, second)
    ids = {jwt.decode(each, options={"verify_signature": False})["jti"] for each in (first, second, other)}
    assert 2 <= len(ids) <= 3, "two workers may each have signed one"


def test_what_clients_send_under_its_name_never_arrives(bearward, app):
    for target, token in (("/open", None), ("/maybe", None), ("/", mint())):
        headers = {HEADER: "forged", "X_Bearward_Assertion": "forged", "x-bearward.assertion": "forged"}
        assert bearward.fetch(target=target, headers={**headers, **(bearer(token) if token else {})}).status == 200
        got = [value for name, value in app.heads[-1].headers if "assertion" in name.lower()]
        assert "forged" not in got and len(got) == (1 if token else 0), target


def test_another_key_after_a_reload(bearward, app):
    before = key_set(bearward)
    (bearward.directory / "assertion.pem").write_text(private_pem())
    assert bearward.admin("/reload", "POST", {"Content-Type": "application/json"})[0] == 200
    after = key_set(bearward)
    assert after != before
    header = jwt.get_unverified_header(asserted(bearward, app, "/after"))
    assert header["kid"] == after["keys"][0]["kid"]
