"""`mode: observe` and `observe_all`: a rehearsal in front of an app that still checks tokens itself."""

import subprocess
import struct
import time

import pytest
from conftest import BINARY
from frames import frame, handshake, read_frame
from tokens import bearer, mint

CONFIGURATION = """
version: 1
threads: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}, sockets: {servers: ["@websocket@"]}}
providers: {main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}}
defaults: {upstream: app, providers: [main], token_from: [header, query]}
routes:
  - {prefix: /, name: moving, mode: observe_all}
  - {prefix: /admin, name: admin, mode: observe_all, require: {roles: [admin]}}
  - {prefix: /watched, name: watched, mode: observe, require: {roles: [admin]}}
  - {prefix: /small, name: small, mode: observe_all, max_body: 10}
  - {prefix: /ws, name: ws, mode: observe_all, upstream: sockets, websocket: {origins: ["https://app.test"]}}
  - {prefix: /ws/off, name: ws_off, mode: observe_all, upstream: sockets, websocket: off}
"""

SPOOFS = {"X-User-Id": "root", "X_Tenant_Id": "t-9", "X-User-Roles": "admin"}


def old():
    return mint(exp=int(time.time()) - 60)


def seen(answer):
    """What the app got, by lower-case name."""
    return {name.lower(): value for name, value in answer.json()["headers"]}


@pytest.mark.parametrize("headers, query, reason, user", [
    ({}, "", "token_missing", None),
    (bearer("x.y.z"), "", "token_malformed", None),
    (bearer(mint()[:-4] + "AAAA"), "", "signature_invalid", None),
    (bearer(mint(iss="https://other.test/")), "", "issuer_mismatch", "u-1"),
    ("old", "", "token_expired", "u-1"),
    (bearer("a.b.c"), "?access_token=d.e.f", "token_multiple", None),
    ({}, "?access_token=a.b.c&q=1", "token_malformed", None),
])
def test_what_would_be_refused_passes_as_it_came(bearward, app, headers, query, reason, user):
    headers = bearer(old()) if headers == "old" else headers
    answer = bearward.fetch(target="/x" + query, headers={**headers, **SPOOFS})
    assert answer.status == 200
    request = app.requests[-1]
    got = {name.lower(): value for name, value in request.headers}
    assert request.target == "/x" + query
    assert got.get("authorization") == headers.get("Authorization")
    assert not {"x-user-id", "x_tenant_id", "x-tenant-id", "x-user-roles"} & set(got)
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert (record["reason"], record["mode"], record["status"], record["route"]) == (reason, "observe_all", 200, "moving")
    assert record["user"] == user
    assert reason == "token_missing" or record["cause"]


def test_a_good_token_is_taken_and_its_requirement_observed(bearward, app):
    answer = bearward.fetch(target="/admin", headers={**bearer(mint()), **SPOOFS})
    got = {name.lower(): value for name, value in app.requests[-1].headers}
    assert answer.status == 200 and got["x-user-id"] == "u-1" and got["x-tenant-id"] == "t-1" and "authorization" not in got
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert (record["reason"], record["mode"], record["user"]) == ("role_missing", "observe_all", "u-1")


def test_observe_removes_spoofs_and_sets_the_identity(bearward, app):
    answer = bearward.fetch(target="/watched", headers={**bearer(mint()), **SPOOFS})
    got = {name.lower(): value for name, value in app.requests[-1].headers}
    assert answer.status == 200 and got["x-user-id"] == "u-1" and got["x-tenant-id"] == "t-1" and got["x-user-roles"] == "reader"
    assert "x_tenant_id" not in got and "authorization" not in got
    assert bearward.access_record(answer.get("X-Request-Id"))["mode"] == "observe"
    assert bearward.fetch(target="/watched", headers=SPOOFS).status == 401
    assert len(app.requests) == 1


def test_limits_and_framing_are_enforced(bearward, app):
    assert bearward.fetch("POST", "/small", body=b"x" * 11).status == 413
    assert bearward.fetch(target="/x%2Fy").status == 400
    assert bearward.fetch(target="/x", headers={"Content-Length": "1", "Transfer-Encoding": "chunked"}).status == 400
    assert app.requests == []


def test_origins_are_enforced_and_refused_handshakes_pass(bearward, sockets):
    for origin, target in (("https://evil.test", "/ws"), ("https://app.test", "/ws/off")):
        with bearward.connect() as wire:
            wire.send(handshake(target, [("Origin", origin)]))
            answer = wire.response()
            assert answer.status == 403 if target == "/ws/off" else read_frame(wire) == (8, struct.pack("!H", 1008) + b"Not allowed")
    assert sockets.handshakes == []
    with bearward.connect() as wire:
        wire.send(handshake("/ws", [("Origin", "https://app.test"), ("Sec-WebSocket-Protocol", "bearer, x.y.z")]))
        assert wire.response().status == 101
        wire.send(frame(1, b"hello"))
        assert read_frame(wire) == (1, b"hello")
    got = {name.lower(): value for name, value in sockets.handshakes[0][1]}
    assert got["sec-websocket-protocol"] == "bearer, x.y.z" and "x-user-id" not in got


def test_a_socket_outlives_its_token(bearward, sockets):
    expires = int(time.time()) + 1
    with bearward.connect() as wire:
        wire.send(handshake("/ws", [("Origin", "https://app.test"), *bearer(mint(exp=expires)).items()]))
        assert wire.response().status == 101
        while time.time() < expires + 1.5:
            time.sleep(0.1)
        wire.send(frame(1, b"still here"))
        assert read_frame(wire) == (1, b"still here")


def test_it_is_counted_as_it_would_be_answered(bearward, app):
    def counted():
        lines = [line for line in bearward.admin("/metrics")[1].splitlines() if 'mode="observe_all"' in line and 'route="moving"' in line]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if "token_missing" in line)

    before = counted()
    assert bearward.fetch(target="/").status == 200
    assert counted() == before + 1


def test_check_and_explain_say_so(bearward):
    def run(*arguments):
        return subprocess.run([BINARY, *arguments, "-c", str(bearward.configuration)], capture_output=True, text=True, timeout=30, check=False)

    checked = run("check")
    assert checked.returncode == 0 and checked.stderr.count("[observed-all]") == 5 and checked.stderr.count("[observed]") == 1
    told = run("explain", "--path", "/x")
    assert told.returncode == 0 and "observe_all" in told.stdout and "token_missing" in told.stdout
