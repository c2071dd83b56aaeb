"""Routes that want a stronger or fresher login (RFC 9470)."""

import struct
import time

import pytest
from frames import handshake, read_frame
from tokens import bearer, mint

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
policies: {strong: {acr: [gold]}}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /, name: everything}
  - {prefix: /pay, name: pay, require: {acr: [gold, platinum]}}
  - {prefix: /fresh, name: fresh, require: {max_age: 5m}}
  - {prefix: /both, name: both, require: {roles: [editor], policy: strong, max_age: 10m}}
  - {prefix: /chat, name: chat, require: {acr: [gold]}}
"""

BASE = 'Bearer realm="bearward", error="insufficient_user_authentication"'


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream, websocket_upstream):
    from conftest import bearward_process

    process = bearward_process(tmp_path_factory.mktemp("step_up"), CONFIGURATION, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


def refused(bearward, target, **claims):
    """The challenge of a refusal for the login."""
    answer = bearward.fetch(target=target, headers=bearer(mint(**claims)))
    assert answer.status == 401 and b"Stronger authentication is needed" in answer.body
    assert bearward.access_record(answer.get("X-Request-Id"))["reason"] == "step_up_required"
    return answer.get("WWW-Authenticate")


def test_a_weak_login_is_asked_for_a_stronger_one(bearward, app):
    wanted = BASE + ', acr_values="gold platinum"'
    assert refused(bearward, "/pay") == wanted
    assert refused(bearward, "/pay", acr="silver") == wanted
    assert app.heads == []
    assert bearward.fetch(target="/pay", headers=bearer(mint(acr="platinum"))).status == 200


def test_an_old_login_is_asked_for_a_new_one(bearward, app):
    now = int(time.time())
    for claims in ({}, {"auth_time": now - 3600}, {"auth_time": str(now)}, {"auth_time": now + 3600}):
        assert refused(bearward, "/fresh", **claims) == BASE + ', max_age="300"', claims
    assert app.heads == []
    assert bearward.fetch(target="/fresh", headers=bearer(mint(auth_time=now - 200))).status == 200


def test_what_a_login_can_not_change_comes_first(bearward, app):
    answer = bearward.fetch(target="/both", headers=bearer(mint(roles=["reader"])))
    assert answer.status == 403
    assert refused(bearward, "/both", roles=["editor"]) == BASE + ', acr_values="gold", max_age="600"'
    assert app.heads == []


def test_a_handshake_is_closed_with_the_reason(bearward, sockets):
    with bearward.connect() as wire:
        wire.send(handshake("/chat", bearer(mint(acr="silver")).items()))
        assert wire.response().status == 101
        assert read_frame(wire) == (8, struct.pack("!H", 1008) + b"Stronger authentication is needed")
    assert sockets.handshakes == []
