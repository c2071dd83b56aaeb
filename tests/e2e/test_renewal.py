"""An open WebSocket goes on with a fresh token: POST /.bearward/renew."""

import asyncio
import json
import secrets
import struct
import time

import pytest
import websockets
from conftest import SLOWNESS
from frames import frame, handshake, read_frame
from test_open_sockets import reload
from test_revoke import revoke
from tokens import bearer, mint
from wire import request

CONFIGURATION = """
version: 1
threads: 4
listen: [{address: 127.0.0.1:0, name: public}, {address: 127.0.0.1:0, name: second}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {sockets: {servers: ["@websocket@"]}, app: {servers: ["@http@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}
  other: {type: jwt, issuer: https://other.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s, claims: {tenant: tids}}
  outside: {type: jwt, issuer: https://outside.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
cors: {allow_origins: ["https://app.test"], allow_methods: [GET, POST], allow_headers: [Authorization, Content-Type], allow_credentials: true}
defaults: {upstream: sockets, providers: [main]}
routes:
  - {prefix: /ws, name: ws, websocket: {renewal: true}}
  - {prefix: "/ws/tenants/{tenant}", name: tenants, providers: [main, other], require: {tenant: "{tenant}"}, websocket: {renewal: true, recheck_on_reload: true}}
  - {prefix: /ws/editors, name: editors, require: {roles: [editor]}, websocket: {renewal: true}}
  - {prefix: /ws/plain, name: plain}
  - {prefix: /app, name: app, upstream: app, providers: [main, outside]}
"""
PATH = "/.bearward/renew"
JSON = {"Content-Type": "application/json"}


def fresh_id():
    return secrets.token_urlsafe(18)


def lives(seconds, **more):
    """Dates are whole seconds: it lives for at least that long."""
    return mint(exp=int(time.time()) + seconds + 1, **more)


def renew(process, token, name, headers=None, body=None, method="POST", address=None, host="api.test"):
    import wire

    with wire.connection(address or process.address) as connection:
        content = json.dumps({"socket": name}).encode() if body is None else body
        connection.send(request(method, PATH, {**(bearer(token) if token else {}), **JSON, **(headers or {})}, content, host=host))
        return connection.response(to_head=method == "HEAD")


class named_socket:
    def __init__(self, process, target, token, name, subprotocols=("chat",), host="api.test"):
        offer = ", ".join([*subprotocols, f"bearward.socket.{name}"])
        self.wire = process.connect()
        self.wire.send(handshake(target, [*bearer(token).items(), ("Sec-WebSocket-Protocol", offer)], host=host))
        self.answer = self.wire.response()
        assert self.answer.status == 101

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.socket.close()

    def echoes(self):
        self.wire.send(frame(2, b"hello"))
        return read_frame(self.wire) == (2, b"hello")

    def close(self, within=5.0):
        self.wire.socket.settimeout(within * SLOWNESS)
        opcode, payload = read_frame(self.wire)
        assert opcode == 8, (opcode, payload)
        return struct.unpack("!H", payload[:2])[0], payload[2:].decode()


def test_it_goes_on_past_the_first_tokens_end_and_ends_with_the_second(bearward):
    name = fresh_id()
    with named_socket(bearward, "/ws", lives(1), name) as socket:
        until = time.time() + 4
        answer = renew(bearward, lives(4), name)
        assert answer.status == 204 and answer.body == b"" and answer.get("Content-Type") is None and answer.get("Content-Length") is None
        while time.time() < until:
            assert socket.echoes()
            time.sleep(0.3)
        assert socket.close() == (1008, "Token has expired")


def test_the_name_is_echoed_and_never_forwarded(bearward, sockets):
    for offer, expected in ((("chat",), "chat"), (("bearer", mint()), "bearer"), ((), None)):
        sockets.forget()
        name = fresh_id()
        with named_socket(bearward, "/ws", mint() if not offer or offer[0] != "bearer" else offer[1], name, offer) as socket:
            assert socket.answer.get("Sec-WebSocket-Protocol") == (expected or f"bearward.socket.{name}")
        seen = dict(sockets.handshakes[0][1])
        assert name not in str(seen) and "bearward" not in str(seen).lower().replace("x-bearward", "")


@pytest.mark.parametrize("attempt", range(8))
def test_whichever_worker_it_comes_to(bearward, attempt):
    name = fresh_id()
    with named_socket(bearward, "/ws", mint(sub=f"u-{attempt}"), name) as socket:
        assert renew(bearward, mint(sub=f"u-{attempt}"), name).status == 204
        assert socket.echoes()


def test_the_old_tokens_revocation_is_nothing_to_it_any_more_and_the_new_ones_closes_it(bearward):
    name = fresh_id()
    with named_socket(bearward, "/ws", mint(jti="r-old"), name) as socket:
        assert renew(bearward, mint(jti="r-new"), name).status == 204
        assert revoke(bearward, {"jti": "r-old"})[0] == 204
        time.sleep(0.5)
        assert socket.echoes()
        assert revoke(bearward, {"jti": "r-new"})[0] == 204
        assert socket.close() == (1008, "Token has been revoked")


def test_a_second_socket_of_the_same_name_is_refused(bearward, sockets):
    name = fresh_id()
    token = mint(sub="u-twice")
    with named_socket(bearward, "/ws", token, name) as first:
        sockets.forget()
        with named_socket(bearward, "/ws", token, name) as second:
            assert second.close() == (1008, "Not allowed")
        assert not sockets.handshakes, "the app hears nothing"
        with named_socket(bearward, "/ws", mint(sub="u-another"), name) as others:
            assert others.echoes() and first.echoes()
    deadline = time.monotonic() + 5 * SLOWNESS
    while True:  # when the first is gone the name is free
        with named_socket(bearward, "/ws", token, name) as again:
            again.wire.send(frame(2, b"hello"))
            if read_frame(again.wire)[0] == 2:
                break
        assert time.monotonic() < deadline


@pytest.mark.parametrize("what, token, status, reason", [
    ("no token", None, 401, "token_missing"),
    ("expired", {"exp": int(time.time()) - 10}, 401, "token_expired"),
    ("another audience", {"aud": "other"}, 401, "audience_mismatch"),
    ("a provider of no route with renewal", {"iss": "https://outside.test/"}, 401, "issuer_mismatch"),
    ("another user", {"sub": "u-other"}, 404, "no_route"),
    ("another tenant", {"tid": "t-9"}, 404, "no_route"),
    ("another provider", {"iss": "https://other.test/"}, 404, "no_route"),
    ("bound to a key", {"cnf": {"jkt": "x"}}, 401, "binding_unverified"),
])
def test_what_is_refused_changes_nothing(bearward, what, token, status, reason):
    name = fresh_id()
    with named_socket(bearward, "/ws", mint(sub="u-refused"), name) as socket:
        answer = renew(bearward, mint(**{"sub": "u-refused", **token}) if token is not None else None, name)
        assert answer.status == status, what
        assert (answer.get("WWW-Authenticate") is not None) == (status == 401)
        assert bearward.access_record(answer.get("X-Request-Id"))["reason"] == reason
        assert socket.echoes()


def test_the_new_token_must_satisfy_the_sockets_route(bearward):
    name = fresh_id()
    with named_socket(bearward, "/ws/editors", mint(sub="u-ed", roles=["editor"]), name) as socket:
        answer = renew(bearward, mint(sub="u-ed", roles=["reader"]), name)
        assert answer.status == 403 and json.loads(answer.body) == {"detail": "Not enough permissions"}
        assert bearward.access_record(answer.get("X-Request-Id"))["reason"] == "role_missing"
        assert renew(bearward, mint(sub="u-ed", roles=["editor", "x"]), name).status == 204
        assert socket.echoes()


def test_the_tenant_is_the_one_that_the_route_asks_for(bearward):
    name = fresh_id()
    token = mint(sub="u-several", iss="https://other.test/", tids=["k-1", "k-2"])
    with named_socket(bearward, "/ws/tenants/k-1", token, name) as socket:
        assert renew(bearward, mint(sub="u-several", iss="https://other.test/", tids=["k-2", "k-3"]), name).status == 403
        assert renew(bearward, mint(sub="u-several", iss="https://other.test/", tids=["k-3", "k-1"]), name).status == 204
        assert socket.echoes()


def test_only_on_the_same_listener_and_host(bearward):
    name = fresh_id()
    with named_socket(bearward, "/ws", mint(sub="u-host"), name):
        assert renew(bearward, mint(sub="u-host"), name, host="other.test").status == 404
        assert renew(bearward, mint(sub="u-host"), name, address=bearward.addresses["second"]).status == 404
        assert renew(bearward, mint(sub="u-host"), name, host="API.test:80").status == 204


@pytest.mark.parametrize("body, status", [
    (b"", 400), (b"[]", 400), (b'{"socket": 1}', 400), (b'{"socket": "short"}', 400), (b'{"socket": "' + b"x" * 65 + b'"}', 400),
    (b'{"socket": "aaaaaaaaaaaaaaaaaaaa", "socket": "bbbbbbbbbbbbbbbbbbbb"}', 400), (b'{"name": "aaaaaaaaaaaaaaaaaaaa"}', 400),
    (b'{"socket": "aaaaaaaaaaaaaaaaaaaa"}' + b" " * 1000, 413), (b'{"socket": "aaaaaaaaaaaaaaaaaaaa"}', 404),
])
def test_bodies_that_are_none(bearward, body, status):
    assert renew(bearward, mint(), None, body=body).status == status


def test_a_chunked_body_is_bounded_too(bearward):
    with bearward.connect() as wire:
        head = f"POST {PATH} HTTP/1.1\r\nHost: api.test\r\nTransfer-Encoding: chunked\r\nAuthorization: {bearer(mint())['Authorization']}\r\n\r\n"
        wire.send(head.encode() + (b"200\r\n" + b"x" * 512 + b"\r\n") * 3)
        assert wire.response().status == 413
        assert wire.is_closed()


def test_the_connection_goes_on_behind_every_answer(bearward):
    name = fresh_id()
    with named_socket(bearward, "/ws", mint(sub="u-conn"), name), bearward.connect() as wire:
        content = json.dumps({"socket": name}).encode()
        for token, status in ((mint(sub="u-conn"), 204), (None, 401), (mint(sub="u-nobody"), 404), (mint(sub="u-conn"), 204)):
            wire.send(request("POST", PATH, {**(bearer(token) if token else {}), **JSON}, content))
            assert wire.response().status == status
        wire.send(request("POST", PATH, {**bearer(mint(sub="u-conn")), **JSON, "Expect": "100-continue", "Content-Length": str(len(content))}))
        assert wire.head().status == 100
        wire.send(content)
        assert wire.response().status == 204


def test_other_methods_and_pages_of_other_origins(bearward):
    answer = renew(bearward, mint(), fresh_id(), method="GET")
    assert answer.status == 405 and answer.get("Allow") == "POST"
    preflight = renew(bearward, None, None, {"Origin": "https://app.test", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}, b"", "OPTIONS")
    assert preflight.status == 204 and preflight.get("Access-Control-Allow-Origin") == "https://app.test"
    name = fresh_id()
    with named_socket(bearward, "/ws", mint(sub="u-cors"), name):
        for token, status in ((mint(sub="u-cors"), 204), (None, 401), (mint(sub="u-x"), 404)):
            answer = renew(bearward, token, name, {"Origin": "https://app.test"})
            assert answer.status == status and answer.get("Access-Control-Allow-Origin") == "https://app.test"
        assert renew(bearward, mint(sub="u-cors"), name, {"Origin": "https://evil.test"}).get("Access-Control-Allow-Origin") is None


def test_without_renewal_there_is_no_such_path(start, http_upstream):
    process = start(CONFIGURATION.replace("renewal: true", "renewal: false"))
    http_upstream.forget()
    assert renew(process, mint(), fresh_id()).status == 404
    assert not http_upstream.requests


def test_on_a_route_without_renewal_no_name_counts(bearward):
    name = fresh_id()
    token = mint(sub="u-plain")
    with named_socket(bearward, "/ws/plain", token, name), named_socket(bearward, "/ws/plain", token, name) as second:
        assert second.echoes()
        assert renew(bearward, token, name).status == 404


def test_new_rules_judge_the_token_that_counts(start):
    process = start(CONFIGURATION)
    text = process.configuration.read_text()
    name = fresh_id()
    with named_socket(process, "/ws/tenants/k-1", mint(sub="u-r", tid="k-1", roles=["old"]), name) as socket:
        assert renew(process, mint(sub="u-r", tid="k-1", roles=["new"]), name).status == 204
        reload(process, text.replace('require: {tenant: "{tenant}"}', 'require: {tenant: "{tenant}", roles: [new]}'))
        time.sleep(0.5)
        assert socket.echoes()
        reload(process, text.replace('require: {tenant: "{tenant}"}', 'require: {tenant: "{tenant}", roles: [old]}'))
        assert socket.close() == (1008, "Not enough permissions")


def test_many_renew_at_once(bearward):
    async def one(number):
        name, who = fresh_id(), f"u-many-{number}"
        uri = f"ws://{bearward.address}/ws"
        async with websockets.connect(uri, extra_headers=bearer(lives(3, sub=who)), subprotocols=["chat", f"bearward.socket.{name}"]) as socket:
            for _ in range(5):
                answer = await asyncio.to_thread(renew, bearward, lives(30, sub=who), name, host=bearward.address)
                assert answer.status == 204
            await asyncio.sleep(4.5)
            await socket.send("still")
            assert await asyncio.wait_for(socket.recv(), 5 * SLOWNESS) == "still"

    async def run():
        await asyncio.gather(*(one(number) for number in range(30)))

    asyncio.run(run())
