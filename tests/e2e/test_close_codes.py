"""WebSocket: `close_code`, the code of every Close for what a credential says."""

import struct
import subprocess
import time

import pytest
from conftest import BINARY
from frames import frame, handshake, read_frame
from tokens import bearer, mint

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {sockets: {servers: ["@websocket@"]}}
providers: {main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}}
defaults: {upstream: sockets, providers: [main], websocket: {close_code: {400: 4400, 401: 4401, 403: 4403, expired: 4408, default: 4000}, token_from: [header, query]}}
routes:
  - {prefix: /map}
  - {prefix: /map/admin, require: {roles: [admin]}}
  - {prefix: /map/origin, websocket: {origins: ["https://app.test"]}}
  - {prefix: /one, websocket: {close_code: 4321}}
  - {prefix: /one/admin, require: {roles: [admin]}, websocket: {close_code: 4321}}
  - {prefix: /part, websocket: {close_code: {403: 4403}}}
  - {prefix: /part/admin, require: {roles: [admin]}, websocket: {close_code: {403: 4403}}}
  - {prefix: /auto, websocket: {close_code: {401: 4999}, reject_with: auto}}
  - {prefix: /http, websocket: {close_code: {401: 4999}, reject_with: http}}
tests:
  - {name: the map counts in tests too, request: {path: /map/admin, websocket: true}, identity: {user: u-1}, expect: {close: 4403}}
  - {name: and without a token, request: {path: /map, websocket: true}, expect: {close: 4401, status: 401}}
  - {name: one code, request: {path: /one, websocket: true}, expect: {close: 4321}}
"""


def open_socket(bearward, target, headers):
    wire = bearward.connect()
    wire.send(handshake(target, headers))
    return wire, wire.response()


def old():
    return bearer(mint(exp=int(time.time()) - 60))


@pytest.mark.parametrize("target, headers, code, text", [
    ("/map", {}, 4401, "Not authenticated"),
    ("/map", bearer("x.y.z"), 4401, "Could not validate credentials"),
    ("/map", old(), 4408, "Token has expired"),
    ("/map?access_token=a.b.c", bearer("x.y.z"), 4400, "More than one credential"),
    ("/map/admin", bearer(mint()), 4403, "Not enough permissions"),
    ("/map/origin", bearer(mint()), 4403, "Not allowed"),
    ("/one", {}, 4321, "Not authenticated"),
    ("/one", old(), 4321, "Token has expired"),
    ("/one/admin", bearer(mint()), 4321, "Not enough permissions"),
    ("/part", {}, 1008, "Not authenticated"),
    ("/part", old(), 1008, "Token has expired"),
    ("/part/admin", bearer(mint()), 4403, "Not enough permissions"),
    ("/auto", {"Origin": "https://app.test"}, 4999, "Not authenticated"),
])
def test_a_rejection_has_the_most_particular_code(bearward, sockets, target, headers, code, text):
    wire, answer = open_socket(bearward, target, headers.items())
    with wire:
        assert answer.status == 101
        assert read_frame(wire) == (8, struct.pack("!H", code) + text.encode())
        wire.send(frame(8, struct.pack("!H", code)))
        assert wire.is_closed()
    assert sockets.handshakes == []


@pytest.mark.parametrize("target", ["/auto", "/http"])
def test_without_a_close_there_is_no_code(bearward, sockets, target):
    wire, answer = open_socket(bearward, target, [])
    with wire:
        assert answer.status == 401 and answer.body == b'{"detail":"Not authenticated"}'
    assert sockets.handshakes == []


@pytest.mark.parametrize("target, code", [("/map", 4408), ("/one", 4321), ("/auto", 4999), ("/part", 1008)])
def test_an_open_socket_gets_the_code_of_its_expiry_on_both_sides(bearward, sockets, target, code):
    wire, answer = open_socket(bearward, target, bearer(mint(exp=int(time.time()) + 2)).items())
    with wire:
        assert answer.status == 101
        assert read_frame(wire) == (8, struct.pack("!H", code) + b"Token has expired")
        wire.send(frame(8, struct.pack("!H", code)))
        assert wire.is_closed()
    deadline = time.monotonic() + 10
    while not sockets.closes and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sockets.closes == [code]


def test_explain_and_policy_tests_know_the_codes(bearward, sockets):
    def run(*arguments):
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30, check=False)

    told = run("explain", "-c", str(bearward.configuration), "--path", "/map/admin", "--websocket", "--token", mint())
    assert told.returncode == 3 and "101, then Close 4403 \"Not enough permissions\"" in told.stdout
    assert run("test", "-c", str(bearward.configuration)).returncode == 0


@pytest.mark.parametrize("written, complaint", [
    ("1000", "must be 1008, or between 4000 and 4999"), ("3999", "must be 1008"), ("5000", "must be 1008"), ("'4401'", "expected a whole number"),
    ("{401: 1013}", "close_code.401: must be 1008"), ("{}", "the map is empty"), ("{404: 4404}", "close_code.404: unknown key"), ("[4401]", "expected 1008"),
])
def test_other_codes_are_refused(bearward, tmp_path, written, complaint):
    text = bearward.configuration.read_text().replace("close_code: 4321", "close_code: " + written)
    (tmp_path / "bearward.yaml").write_text(text)
    checked = subprocess.run([BINARY, "check", "--offline", "-c", tmp_path / "bearward.yaml"], capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 1 and complaint in checked.stderr, checked.stderr
