"""API keys: made on the command line, found in their header beside tokens, never shown again."""

import hashlib
import json
import re
import subprocess

import pytest
from conftest import BINARY, SLOWNESS, bearward_process
from frames import handshake, read_frame
from tokens import bearer, mint

KEY = r"bwk_[A-Za-z0-9_-]{43}"
CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"]}
  sockets: {servers: ["@websocket@"]}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, required_claims: {tid: t-1}}
  partners:
    type: api_keys
    keys:
      - {id: acme, hash: "ACME", user: acme-bot, tenant: acme, roles: [reader, "a,b"], scopes: [read], expires: 2999-01-01T00:00:00Z}
      - {id: old, hash: "OLD", user: old-bot, tenant: old, expires: 2020-01-01T00:00:00Z}
defaults: {upstream: app, providers: [main, partners]}
routes:
  - {prefix: /, name: all}
  - {prefix: /admin, name: admin, require: {roles: [admin]}}
  - {prefix: "/tenants/{tenant}", name: tenants, require: {tenant: "{tenant}"}}
  - {prefix: /keep, name: keep, forward_token: true}
  - {prefix: /only, name: only, providers: [partners]}
  - {prefix: /tokens, name: tokens, providers: [main]}
  - {prefix: /ws, name: ws, upstream: sockets}
tests:
  - {request: {path: /tenants/acme}, identity: {provider: partners, user: u, tenant: acme}, expect: {status: 200, headers: {X-User-Id: u, X-API-Key: ""}}}
  - {request: {path: /tenants/acme}, identity: {provider: partners, user: u, tenant: t-1}, expect: {status: 403, reason: tenant_mismatch}}
  - {request: {path: /only}, identity: {user: u}, expect: {status: 200}}
  - {request: {path: /ws, websocket: true}, identity: {provider: partners, user: u}, expect: {status: 200}}
  - {request: {path: /only, headers: {X-API-Key: nonsense}}, expect: {status: 401, reason: api_key_unknown}}
"""


def command(*arguments, **more):
    return subprocess.run([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=30 * SLOWNESS, **more)


def new_key(name):
    """(key, hash), as the command line makes them."""
    run = command("api-key", "new", "--id", name)
    assert run.returncode == 0, run.stderr
    key, hashed = re.search(KEY, run.stdout).group(), re.search(r"sha256:[0-9a-f]{64}", run.stdout).group()
    assert key not in run.stderr and f'hash: "{hashed}"' in run.stderr
    return key, hashed


@pytest.fixture(scope="module")
def keys():
    return {name: new_key(name) for name in ("acme", "old")}


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream, websocket_upstream, keys):
    text = CONFIGURATION.replace("ACME", keys["acme"][1]).replace("OLD", keys["old"][1])
    process = bearward_process(tmp_path_factory.mktemp("api_keys"), text, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()
    for key, _ in keys.values():
        assert key not in process.log() and key[4:] not in process.log()


@pytest.fixture
def acme(keys):
    return {"X-API-Key": keys["acme"][0]}


def refusal(bearward, target, headers):
    """(status, reason)"""
    answer = bearward.fetch(target=target, headers=headers)
    return answer.status, bearward.access_record(answer.get("X-Request-Id"))["reason"]


def test_a_new_key_is_random_and_its_hash_is_its_sha256():
    (first, hashed), (second, _) = new_key("a"), new_key("a")
    assert first != second
    assert hashed == "sha256:" + hashlib.sha256(first.encode()).hexdigest()


@pytest.mark.parametrize("arguments", [["new"], ["new", "--id", ""], ["new", "--id", "a\nb"], ["new", "--id", "bwk_" + "A" * 43], []])
def test_wrong_usage_exits_with_2_and_shows_no_key(arguments):
    run = command("api-key", *arguments)
    assert run.returncode == 2 and run.stderr
    assert "bwk_" not in run.stdout + run.stderr


def test_a_key_is_forwarded_as_its_identity_and_removed(bearward, app, acme):
    assert bearward.fetch(target="/x?a=1", headers=acme).status == 200
    head = app.last
    assert head.get("X-API-Key") is None
    assert (head.get("X-User-Id"), head.get("X-Tenant-Id")) == ("acme-bot", "acme")
    assert (head.get("X-User-Roles"), head.get("X-User-Scopes")) == ("reader,a%2Cb", "read")
    assert head.target == "/x?a=1"


def test_a_key_may_stay(bearward, app, acme, keys):
    assert bearward.fetch(target="/keep", headers=acme).status == 200
    assert app.last.get("X-API-Key") == keys["acme"][0]


def test_no_spelling_of_the_header_carries_the_key_on(bearward, app, keys):
    assert bearward.fetch(target="/x", headers=[("x-api-key", keys["acme"][0]), ("X_API_Key", "other"), ("X-Api.Key", "other")]).status == 200
    assert not [name for name, _ in app.last.headers if "key" in name.lower()]


def test_requirements_hold_for_keys(bearward, app, acme):
    assert bearward.fetch(target="/tenants/acme", headers=acme).status == 200
    assert refusal(bearward, "/tenants/t-1", acme) == (403, "tenant_mismatch")
    assert refusal(bearward, "/admin", acme) == (403, "role_missing")


def test_what_is_no_key_is_refused(bearward, app, keys):
    key = keys["acme"][0]
    for value in ("bwk_" + "A" * 43, key[:-1], key + "A", key.upper(), "Bearer " + key, keys["acme"][1], "", "x" * 8000, mint()):
        answer = bearward.fetch(target="/x", headers={"X-API-Key": value})
        assert answer.status == 401 and json.loads(answer.body) == {"detail": "Could not validate credentials"}
        assert answer.get("WWW-Authenticate") == \
            'Bearer realm="bearward", error="invalid_token", error_description="The token is not valid"'
        assert bearward.access_record(answer.get("X-Request-Id"))["reason"] == "api_key_unknown"
    assert refusal(bearward, "/x", bearer(key))[0] == 401
    assert app.requests == []


def test_an_expired_key_is_refused(bearward, app, keys):
    answer = bearward.fetch(target="/x", headers={"X-API-Key": keys["old"][0]})
    assert answer.status == 401
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert (record["reason"], record["user"]) == ("api_key_expired", "old-bot")
    assert record["cause"].startswith("expires 2020-01-01T00:00:00Z, now 2")


def test_tokens_count_beside_keys_but_not_both(bearward, app, acme, keys):
    assert bearward.fetch(target="/x", headers=bearer(mint())).status == 200
    assert refusal(bearward, "/x", {**bearer(mint()), **acme}) == (400, "token_multiple")
    assert refusal(bearward, "/x", [("X-API-Key", keys["acme"][0])] * 2) == (400, "token_multiple")
    assert refusal(bearward, "/only", bearer(mint())) == (401, "token_missing")
    assert refusal(bearward, "/tokens", acme) == (401, "token_missing")


def test_a_handshake_takes_a_key_from_its_header_alone(bearward, keys):
    with bearward.connect() as wire:
        wire.send(handshake("/ws", [("X-API-Key", keys["acme"][0])]))
        assert b" 101 " in wire.until(b"\r\n\r\n").split(b"\r\n")[0]
    with bearward.connect() as wire:
        wire.send(handshake("/ws", [("Sec-WebSocket-Protocol", "bearer, " + keys["acme"][0])]))
        assert b" 101 " in wire.until(b"\r\n\r\n").split(b"\r\n")[0]
        assert read_frame(wire)[0] == 8


def test_a_key_in_the_wrong_place_is_masked_in_the_log(bearward, app, keys):
    key = keys["acme"][0]
    answer = bearward.fetch(target=f"/{key}/x?api_key={key}", headers={"X-API-Key": "wrong"})
    assert bearward.access_record(answer.get("X-Request-Id"))["path"] == "/***/x?api_key=***"


def test_what_the_admin_listener_shows_of_them(bearward, keys):
    shown = json.loads(bearward.admin("/config")[1])["providers"]["partners"]
    assert shown["type"] == "api_keys" and shown["header"] == "X-API-Key"
    assert [(key["id"], key["hash"]) for key in shown["keys"]] == [("acme", "********"), ("old", "********")]
    assert "issuer" not in shown and "clock_skew" not in shown
    assert json.loads(bearward.admin("/status")[1])["providers"]["partners"]["keys"] == 2


def test_the_command_line_judges_by_them_offline(bearward, keys):
    run = command("check", "--offline", "--strict", bearward.configuration)
    assert run.returncode == 0, run.stderr
    run = command("test", bearward.configuration)
    assert run.returncode == 0, run.stdout
    for key, status in ((keys["acme"][0], 0), (keys["old"][0], 3), ("bwk_" + "A" * 43, 3)):
        run = command("explain", bearward.configuration, "--path", "/x", "--header", f"X-API-Key: {key}")
        assert run.returncode == status, run.stdout
        assert key not in run.stdout + run.stderr
