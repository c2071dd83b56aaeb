"""explain, routes, token inspect and key new; explain says what the running proxy does."""

import json
import random
import re
import subprocess

import pytest
import tokens
from conftest import BINARY, SLOWNESS


def bearward(*arguments, stdin=""):
    return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=30 * SLOWNESS)


def explain(process, path, *more, token=None):
    """(exit code, the JSON object)."""
    given = ["--token", "-"] if token else []
    run = bearward("explain", "-c", process.configuration, "--path", path, "--json", *given, *more, stdin=token or "")
    assert run.returncode in (0, 3), run.stderr
    return run.returncode, json.loads(run.stdout)


def test_explain_agrees_with_what_is_served(start):
    process = start()
    good = tokens.mint(sub="u-1", tid="t-1", roles=["reader"])
    cases = [("/app", good), ("/app", None), ("/app/admin", good), ("/app/../%61pp/admin", good), ("/tenants/t-1/x", good), ("/tenants/t-2/x", good),
             ("/public", None), ("/nowhere", good), ("/app", good + "x"), ("/app", tokens.mint(sub="u", exp=1)), ("/app%2fadmin", good),
             ("/only-get", good), ("/app", "opaque"), ("/app", tokens.mint(sub="u", aud="others"))]
    for path, token in cases:
        code, said = explain(process, path, token=token)
        answer = process.fetch(target=path, headers=tokens.bearer(token) if token else {})
        assert said["status"] == answer.status, (path, said)
        assert code == (0 if answer.status == 200 else 3)
        assert process.access_record(answer.get("x-request-id"))["reason"] == said["reason"], (path, said)


IDENTITY = ("X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes")


def test_explain_agrees_on_random_requests_with_what_the_app_receives(start, app):
    process = start()
    roll = random.Random(20260131)
    opaque = ["opaque", "a.b.c", tokens.tampered(tokens.mint(), roles=["admin"])]
    minted = [tokens.mint(roles=["admin"]), tokens.mint(tid="t-2", roles=["a,b"]), tokens.mint(sub=None), tokens.mint(exp=1), tokens.mint(aud="other"),
              tokens.mint_with(tokens.RSA), tokens.mint_with(tokens.EC)]
    paths = ["/app", "/app/admin", "/app/%61dmin", "/app/./x", "/tenants/t-1", "/tenants/t-2/y", "/tenants/t%2D1", "/only-get", "/query", "/keep", "/set",
             "/pem", "/confused", "/public", "/nowhere", "/", "/app%2Fadmin", "/app//admin", "/app/../public", "/app/%zz"]
    permitted = 0
    for _ in range(60):
        path, token = roll.choice(paths), roll.choice(minted + opaque)
        if roll.random() < 0.3:
            path += "?x=1&access_token=" + token
        method = roll.choice(["GET", "GET", "POST", "OPTIONS"])
        headers = tokens.bearer(token) if roll.random() < 0.8 else {}
        if roll.random() < 0.3:
            headers[roll.choice(["X-User-Id", "x_user_roles"])] = "admin"
        given = [argument for name, value in headers.items() for argument in ("--header", f"{name}: {value}")]
        code, said = explain(process, path, "--method", method, "--host", "api.test", *given)
        answer = process.fetch(method=method, target=path, headers=headers)
        context = (method, path, said)
        assert answer.status == said["status"], context
        assert process.access_record(answer.get("x-request-id"))["reason"] == said["reason"], context
        assert (code == 0) == (answer.status == 200), context
        if code == 0:
            permitted += 1
            received = {name: app.last.get(name) for name in IDENTITY if app.last.get(name) is not None}
            assert received == said["forward"]["headers"], context
            assert app.last.target.replace(token, "***") == said["forward"]["target"], context
    assert 10 <= permitted <= 50


def test_the_same_as_text(start):
    process = start()
    token = tokens.mint(sub="u-1", tid="t-1")
    run = bearward("explain", "-c", process.configuration, "--path", "/tenants/t-2/x", "--token", token)
    assert run.returncode == 3 and run.stderr == ""
    assert "denial: tenant_mismatch" in run.stdout and "t-1" in run.stdout and "t-2" in run.stdout
    assert token.rsplit(".", 1)[1] not in run.stdout
    run = bearward("explain", "-c", process.configuration, "--path", "/tenants/t-1/x", "--token", token)
    assert run.returncode == 0 and "permit: ok" in run.stdout


def test_time_and_header_and_websocket(start):
    process = start()
    token = tokens.mint(sub="u-1", iat=1_700_000_000, exp=1_700_000_600)
    assert explain(process, "/app", "--at", "2023-11-14T22:20:00Z", token=token)[0] == 0
    assert explain(process, "/app", "--at", "1700000700", token=token)[1]["reason"] == "token_expired"
    assert explain(process, "/app", "--at", "1600000000", token=token)[1]["reason"] == "token_not_yet_valid"
    fresh = tokens.mint(sub="u-1")
    assert explain(process, "/app", "--header", f"Authorization: Bearer {fresh}")[0] == 0
    assert explain(process, "/ws", "--websocket", "--header", f"Sec-WebSocket-Protocol: bearer, {fresh}")[0] == 0
    code, said = explain(process, "/ws", "--websocket")
    assert code == 3 and said["close"] == {"code": 1008, "reason": "Not authenticated"}
    assert explain(process, "/only-get", "--method", "POST", token=fresh)[1]["status"] == 405


def test_explain_fails_for_a_bad_configuration_and_wrong_usage(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nnonsense: 1\n")
    run = bearward("explain", "-c", broken, "--path", "/")
    assert run.returncode == 1 and ": error: " in run.stderr and run.stdout == ""
    assert bearward("explain", "-c", broken).returncode == 2
    assert bearward("explain", "-c", broken, "--path", "/", "--at", "soon").returncode == 2
    run = bearward("explain", "-c", broken, "--path", "/", "--header", "Authorization Bearer hunter2")
    assert run.returncode == 2 and "hunter2" not in run.stderr
    assert bearward("explain", "-c", broken, "--path", "/", "--token", "-").returncode == 2  # nothing on stdin


def test_routes_need_no_secrets(start):
    process = start()
    (process.directory / "secret").unlink()
    run = bearward("routes", "-c", process.configuration)
    assert run.returncode == 0, run.stderr
    lines = [re.split(r"\s{2,}", line.strip()) for line in run.stdout.splitlines()]
    order = [line[1] for line in lines]
    assert order.index("/app/admin") < order.index("/app")
    assert any("/tenants/{tenant_id}" in line and "tenant: {tenant_id}" in line for line in lines)
    assert any("/public" in line and "public" in line for line in lines)


def test_inspect_shows_all_but_the_signature():
    token = tokens.mint(sub="u-1", roles=["reader"])
    for arguments, stdin in (((token,), ""), (("-",), token + "\n"), ((), token)):
        run = bearward("token", "inspect", *arguments, stdin=stdin)
        assert run.returncode == 0, run.stderr
        shown = json.loads(run.stdout)
        assert shown["header"]["alg"] == "HS256" and shown["claims"]["sub"] == "u-1"
        assert token.rsplit(".", 1)[1] not in run.stdout + run.stderr
        assert "not verified" in run.stderr


@pytest.mark.parametrize("token", ["hunter2", "hunter2.hunter2.hunter2", "a.b.c.d.e", "..", "{}"])
def test_inspect_of_what_is_no_token(token):
    run = bearward("token", "inspect", token)
    assert run.returncode == 1 and run.stdout == "" and "hunter2" not in run.stderr


def test_inspect_with_a_configuration_gives_a_verdict(start):
    process = start()
    good = bearward("token", "inspect", tokens.mint(sub="u-1"), "-c", process.configuration)
    assert good.returncode == 0 and "accepted" in good.stdout, good.stdout + good.stderr
    bad = bearward("token", "inspect", tokens.mint(sub="u-1", exp=1), "-c", process.configuration)
    assert bad.returncode == 1 and "token_expired" in bad.stdout
    forged = tokens.mint(sub="u-1").rsplit(".", 1)[0] + "." + "A" * 43
    run = bearward("token", "inspect", forged, "-c", process.configuration)
    assert run.returncode == 1 and "signature_invalid" in run.stdout and "A" * 43 not in run.stdout + run.stderr


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_new_key_signs_tokens_that_its_set_verifies(tmp_path, algorithm):
    run = bearward("key", "new", "--alg", algorithm)
    assert run.returncode == 0 and run.stderr == ""
    assert "-----BEGIN PRIVATE KEY-----" in run.stdout
    (tmp_path / "key.pem").write_text(run.stdout)
    key_set = run.stdout[run.stdout.index("{"):]
    (tmp_path / "jwks.json").write_text(key_set)
    key = json.loads(key_set)["keys"][0]
    assert "d" not in key and key["kid"] and key["alg"] == algorithm
    (tmp_path / "bearward.yaml").write_text(f"""version: 1
listen: [{{address: 127.0.0.1:0}}]
upstreams: {{app: {{servers: [127.0.0.1:8000]}}}}
providers: {{main: {{type: jwt, audiences: [a], algorithms: [{algorithm}], keys: {{jwks_file: jwks.json}}}}}}
routes: [{{prefix: /, upstream: app, providers: [main]}}]
""")
    token = bearward("token", "mint", "--key", tmp_path / "key.pem", "--alg", algorithm, "--kid", key["kid"], "--aud", "a", "--sub", "u").stdout.strip()
    assert bearward("explain", "-c", tmp_path / "bearward.yaml", "--path", "/", "--token", token).returncode == 0


def test_hs_algorithms_have_no_new_key():
    run = bearward("key", "new", "--alg", "HS256")
    assert run.returncode == 2 and run.stdout == ""
    assert "/dev/urandom" in bearward("key", "new", "--help").stdout


def test_policy_tests_need_no_secrets_and_fail_with_their_steps(tmp_path):
    path = tmp_path / "bearward.yaml"
    path.write_text("""version: 1
listen: [{address: 127.0.0.1:0}]
upstreams: {app: {servers: [127.0.0.1:8000]}}
providers: {main: {type: jwt, audiences: [a], algorithms: [HS256], keys: {secret: {file: missing}}}}
routes: [{prefix: "/t/{id}", upstream: app, providers: [main], require: {tenant: "{id}"}}]
tests:
  - {name: her own, request: {path: /t/1}, identity: {user: u-1, tenant: "1"}, expect: {status: 200, headers: {X-User-Id: u-1}}}
""")
    run = bearward("test", "-c", path)
    assert run.returncode == 0 and f"{path}:7:5: ok: her own" in run.stdout, run.stdout + run.stderr
    assert bearward("check", "--offline", "-c", path).returncode == 0
    path.write_text(path.read_text().replace('tenant: "1"', 'tenant: "2"'))
    run = bearward("test", "-c", path)
    assert run.returncode == 1
    assert f"{path}:7:5: FAILED: her own" in run.stdout and "expected 200, got 403" in run.stdout and "tenant_mismatch" in run.stdout
    run = bearward("check", "--offline", "-c", path)
    assert run.returncode == 1 and f"{path}:7:5: FAILED: her own" in run.stderr and "requirement" in run.stderr
