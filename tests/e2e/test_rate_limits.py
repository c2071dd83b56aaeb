"""How many requests and WebSockets are let through, and what the others get."""

import concurrent.futures
import struct
import time

import pytest
from frames import handshake, read_frame
from tokens import bearer, mint

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
trusted_proxies: [127.0.0.1]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}, chat: {servers: ["@websocket@"]}}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
limits: {max_websockets_per_user: 2}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /, name: everything}
  - {prefix: /user, name: user, rate_limit: {rate: 2/m, burst: 3}}
  - {prefix: /tenant, name: tenant, rate_limit: {per: tenant, rate: 1/m}}
  - {prefix: /address, name: address, rate_limit: {per: address, rate: 1/m}}
  - {prefix: /open, name: open, auth: none, rate_limit: {per: user, rate: 1/m}}
  - {prefix: /strict, name: strict, require: {roles: [admin]}, rate_limit: {rate: 1/m}}
  - {prefix: /fast, name: fast, rate_limit: {rate: 50/s, burst: 50}}
  - {prefix: /ws, name: ws, upstream: chat}
  - {prefix: /ws/limited, name: limited, upstream: chat, rate_limit: {per: address, rate: 1/m}}
"""


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream, websocket_upstream):
    from conftest import bearward_process

    process = bearward_process(tmp_path_factory.mktemp("rates"), CONFIGURATION, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


def ask(bearward, target, address=None, **claims):
    headers = bearer(mint(**claims)) if claims else {}
    if address:
        headers["X-Forwarded-For"] = address
    return bearward.fetch(target=target, headers=headers)


def test_a_user_has_a_burst_and_then_429(bearward, app):
    for left in (2, 1, 0):
        answer = ask(bearward, "/user", sub="ann")
        assert answer.status == 200
        assert answer.get("RateLimit-Policy") == '"user";q=3;w=90'
        assert answer.get("RateLimit").startswith(f'"user";r={left};t=')
    heads = len(app.heads)
    answer = ask(bearward, "/user", sub="ann")
    assert answer.status == 429 and b"Too Many Requests" in answer.body
    assert 1 <= int(answer.get("Retry-After")) <= 30
    assert answer.get("RateLimit").startswith('"user";r=0;t=') and answer.get("RateLimit-Policy") == '"user";q=3;w=90'
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert record["reason"] == "rate_limited" and record["user"] == "ann"
    assert len(app.heads) == heads
    assert ask(bearward, "/user", sub="bob").status == 200, "another user's is untouched"
    assert ask(bearward, "/user").get("RateLimit-Policy") == '"user";q=3;w=90', "said of a refusal as well"


def test_tenants_share_and_people_without_one_are_counted_by_address(bearward):
    assert ask(bearward, "/tenant", sub="a", tid="t-1").status == 200
    assert ask(bearward, "/tenant", sub="b", tid="t-1").status == 429
    assert ask(bearward, "/tenant", sub="b", tid="t-2").status == 200
    assert ask(bearward, "/tenant", "192.0.2.1", sub="c", tid=None).status == 200
    assert ask(bearward, "/tenant", "192.0.2.1", sub="d", tid=None).status == 429
    assert ask(bearward, "/tenant", "192.0.2.2", sub="d", tid=None).status == 200


def test_an_address_is_counted_before_the_token_is_looked_at(bearward, app):
    assert ask(bearward, "/address", "198.51.100.1").status == 401
    assert ask(bearward, "/address", "198.51.100.1").status == 429
    assert ask(bearward, "/address", "198.51.100.1", sub="ann").status == 429
    assert app.heads == []
    assert ask(bearward, "/address", "2001:db8:0:1::1", sub="ann").status == 200
    assert ask(bearward, "/address", "2001:db8:0:1::2", sub="ann").status == 429, "one /64 is one client"
    assert ask(bearward, "/address", "2001:db8:0:2::1", sub="ann").status == 200


def test_public_routes_are_counted_by_address(bearward):
    assert ask(bearward, "/open", "203.0.113.1").status == 200
    assert ask(bearward, "/open", "203.0.113.1").status == 429
    assert ask(bearward, "/open", "203.0.113.2").status == 200


def test_what_is_refused_for_another_reason_takes_nothing(bearward):
    for _ in range(3):
        assert ask(bearward, "/strict", sub="carl", roles=["reader"]).status == 403
    assert ask(bearward, "/strict", sub="carl", roles=["admin"]).status == 200
    assert ask(bearward, "/strict", sub="carl", roles=["admin"]).status == 429


def test_the_rate_holds_over_all_workers_and_connections(bearward):
    token = bearer(mint(sub="many"))
    end = time.monotonic() + 4

    def run():
        passed = 0
        while time.monotonic() < end:
            passed += bearward.fetch(target="/fast", headers=token).status == 200
        return passed

    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(lambda _: run(), range(8)))
    expected = 50 + 50 * (time.monotonic() - began)
    assert 0.8 * expected <= passed <= 1.1 * expected, (passed, expected)


def test_a_user_has_so_many_websockets(bearward, sockets):
    token = list(bearer(mint(sub="dora")).items())
    wires = []
    for _ in range(2):
        wires.append(bearward.connect())
        wires[-1].send(handshake("/ws", token))
        assert wires[-1].response().status == 101
    with bearward.connect() as third:
        third.send(handshake("/ws", token))
        assert third.response().status == 101
        assert read_frame(third) == (8, struct.pack("!H", 1013) + b"Too Many Requests")
    assert len(sockets.handshakes) == 2
    with bearward.connect() as other:
        other.send(handshake("/ws", list(bearer(mint(sub="emil")).items())))
        assert other.response().status == 101
    wires[0].socket.close()
    for _ in range(100):
        with bearward.connect() as again:
            again.send(handshake("/ws", token))
            assert again.response().status == 101
            again.socket.settimeout(0.1)
            try:
                if read_frame(again)[0] != 8:
                    break
            except TimeoutError:
                break
        time.sleep(0.05)
    else:
        pytest.fail("a socket that ended still counts")
    wires[1].socket.close()


def test_a_limited_handshake_is_closed_with_1013(bearward, sockets):
    token = list(bearer(mint(sub="finn")).items()) + [("X-Forwarded-For", "192.0.2.77")]
    for expected in (None, (8, struct.pack("!H", 1013) + b"Too Many Requests")):
        with bearward.connect() as wire:
            wire.send(handshake("/ws/limited", token))
            answer = wire.response()
            assert answer.status == 101 and answer.get("RateLimit-Policy") == '"address";q=1;w=60'
            if expected:
                assert read_frame(wire) == expected
    assert len(sockets.handshakes) == 1
