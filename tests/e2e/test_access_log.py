"""The log: how a socket ended, whose a refused token was, tokens masked wherever they stand, one format from the first line on."""

import json
import os
import socket
import struct
import subprocess
import time

import pytest
from conftest import BINARY, CONFIGURATION, SLOWNESS
from frames import frame, handshake, read_frame
from tokens import bearer, mint


def open_socket(bearward, **claims):
    wire = bearward.connect()
    wire.send(handshake("/ws", bearer(mint(**claims)).items()))
    answer = wire.response()
    assert answer.status == 101
    return wire, answer.get("X-Request-Id")


def ending(bearward, request_id):
    record = bearward.access_record(request_id)
    return record["close_code"], record["closed_by"], record.get("ended")


def test_a_clients_close_is_told(bearward, sockets):
    wire, request_id = open_socket(bearward)
    with wire:
        wire.send(frame(8, struct.pack("!H", 4321) + b"bye"))
        assert read_frame(wire)[0] == 8
    assert ending(bearward, request_id) == (4321, "client", None)


def test_a_client_that_leaves_without_a_close_is_1006(bearward, sockets):
    wire, request_id = open_socket(bearward)
    wire.socket.close()
    assert ending(bearward, request_id) == (1006, "client", None)


def test_an_expired_socket_was_closed_by_bearward(bearward, sockets):
    wire, request_id = open_socket(bearward, exp=int(time.time()) + 1)
    with wire:
        assert read_frame(wire) == (8, struct.pack("!H", 1008) + b"Token has expired")
        wire.send(frame(8, struct.pack("!H", 1008)))
    assert ending(bearward, request_id) == (1008, "bearward", "token_expired")


def test_a_refused_handshake_too(bearward, sockets):
    with bearward.connect() as wire:
        wire.send(handshake("/ws"))
        answer = wire.response()
        assert answer.status == 101 and read_frame(wire)[0] == 8
    assert ending(bearward, answer.get("X-Request-Id")) == (1008, "bearward", None)


def test_a_refused_token_whose_signature_held_has_its_user_and_tenant(bearward):
    answer = bearward.fetch(target="/tenants/t-1/old", headers=bearer(mint(exp=int(time.time()) - 600)))
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert answer.status == 401 and (record["user"], record["tenant"], record["reason"]) == ("u-1", "t-1", "token_expired")
    assert record["protocol"] == "HTTP/1.1"
    forged = bearward.fetch(target="/tenants/t-1/forged", headers=bearer(mint()[:-6] + "AAAAAA"))
    assert bearward.access_record(forged.get("X-Request-Id"))["user"] is None


@pytest.mark.parametrize("target", ["/reset/%s", "/q?token=%s", "/q?x=1&code=%s&y=2", "/a/%s/b?c=%s"])
@pytest.mark.parametrize("spell", [lambda text: text, lambda text: text.replace(".", "%2E"), lambda text: text.replace("e", "%65", 1)])
def test_tokens_are_masked_wherever_they_stand(bearward, target, spell):
    token = mint()
    answer = bearward.fetch(target=target.replace("%s", spell(token)))
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert "***" in record["path"] and token.split(".")[2] not in bearward.log()


def start_once(tmp_path, configuration):
    (tmp_path / "secret").write_text("0123456789abcdef0123456789abcdef")
    (tmp_path / "bearward.yaml").write_text(configuration)
    return subprocess.run([BINARY, "-c", "bearward.yaml"], cwd=tmp_path, capture_output=True, text=True, timeout=20 * SLOWNESS, check=False)


SMALL = """
version: 1
listen: [{address: "%s"}]
admin: {address: off}
log: {format: %s}
upstreams: {app: {servers: [127.0.0.1:1]}}
providers: {main: {issuer: i, algorithms: [HS256], keys: {secret: {value: 0123456789abcdef0123456789abcdef}}}}
routes: [{prefix: /, upstream: app, providers: [main]}]
%s
"""


@pytest.mark.parametrize("broken", ["", "colour: red\n"])
def test_a_start_that_fails_speaks_json_throughout(tmp_path, broken):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = start_once(tmp_path, SMALL % ("127.0.0.1:%d" % taken.getsockname()[1], "json", broken))
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert run.returncode == 1 and {line["level"] for line in lines} >= {"warn", "error"}
    assert any("inline-secret" in line["message"] for line in lines)
    assert any(("colour" if broken else "127.0.0.1") in line["message"] for line in lines if line["level"] == "error")


def test_or_text_where_that_is_configured(tmp_path):
    run = start_once(tmp_path, SMALL % ("127.0.0.1:0", "text", "colour: red\n"))
    assert run.returncode == 1
    for line in run.stderr.splitlines():
        time_text, level, _ = line.split(" ", 2)
        assert time_text.endswith("Z") and level in ("warn", "error")


def test_a_file_that_is_not_there_is_told_in_json(tmp_path):
    run = subprocess.run([BINARY, "-c", "nowhere.yaml"], cwd=tmp_path, capture_output=True, text=True, timeout=20 * SLOWNESS, check=False)
    assert run.returncode == 1 and "nowhere.yaml" in json.loads(run.stderr)["message"]
