"""Open WebSockets under guard: revoked from every source, idle, too old, with too long messages or too many frames; and who has them open."""

import asyncio
import json
import struct
import threading
import time

import pytest
import websockets
from conftest import SLOWNESS
from frames import ACCEPT, client, frame, handshake, read_frame
from redis_server import redis_server
from test_metrics import page
from test_revoke import revoke
from tokens import bearer, mint

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {sockets: {servers: ["@websocket@"]}, slow: {servers: ["@http@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, claims: {tenant: tid}, revocation: {file: revoked.txt}}
  other: {type: jwt, issuer: https://other.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
defaults: {upstream: sockets, providers: [main, other]}
routes:
  - {prefix: /ws, name: ws}
  - {prefix: /ws/public, name: public, auth: none}
  - {prefix: /ws/coded, name: coded, websocket: {close_code: {401: 4401, revoked: 4410}}}
  - {prefix: /ws/idle, name: idle, websocket: {idle_timeout: 1s}}
  - {prefix: /ws/ageing, name: ageing, websocket: {max_lifetime: 1s}}
  - {prefix: /ws/small, name: small, websocket: {max_message: 100}}
  - {prefix: /ws/slow, name: slow, websocket: {max_frame_rate: 5/s}}
  - {prefix: /slow, name: slow_101, upstream: slow, websocket: {close_code: {revoked: 4410}}}
  - {prefix: /ws/observed, name: observed, mode: observe_all}
  - {prefix: "/ws/rooms/{tenant}", name: rooms, require: {tenant: "{tenant}"}, websocket: {recheck_on_reload: true, close_code: {403: 4403}}}
"""
FILES = {"revoked.txt": ""}


@pytest.fixture(scope="module")
def bearward(request, tmp_path_factory, http_upstream, websocket_upstream):
    from conftest import bearward_process

    process = bearward_process(tmp_path_factory.mktemp("open"), CONFIGURATION, http=http_upstream.address, websocket=websocket_upstream.address, files=FILES)
    yield process
    process.stop()


class open_socket:
    """A client's side, after the 101."""

    def __init__(self, process, target, token=None):
        self.wire = process.connect()
        self.wire.send(handshake(target, list(bearer(token).items()) if token else []))
        assert self.wire.response().status == 101

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.socket.close()

    def echoes(self, payload=b"hello"):
        self.wire.send(frame(2, payload))
        return read_frame(self.wire) == (2, payload)

    def close(self, within=2.0):
        """(code, reason) of the Close that comes."""
        self.wire.socket.settimeout(within * SLOWNESS)
        opcode, payload = read_frame(self.wire)
        assert opcode == 8, (opcode, payload)
        return struct.unpack("!H", payload[:2])[0], payload[2:].decode()


def closed_by(process, route):
    return {record["close_code"]: record.get("ended") for record in process.access_records() if record.get("route") == route}


@pytest.mark.parametrize("kind, value", [("jti", "t-1"), ("sid", "s-1"), ("user", "u-1"), ("tenant", "k-1")])
def test_an_order_closes_the_sockets_that_it_hits_and_no_other(bearward, kind, value):
    token, neighbour = mint(jti="t-1", sid="s-1", sub="u-1", tid="k-1"), mint(jti="t-2", sid="s-2", sub="u-2", tid="k-2")
    with open_socket(bearward, "/ws", token) as mine, open_socket(bearward, "/ws", neighbour) as others, open_socket(bearward, "/ws/public") as anybodys:
        assert mine.echoes() and others.echoes() and anybodys.echoes()
        began = time.monotonic()
        assert revoke(bearward, {kind: value, "until": stamp(2)})[0] == 204
        assert mine.close() == (1008, "Token has been revoked")
        assert time.monotonic() - began < 1 * SLOWNESS
        assert others.echoes() and anybodys.echoes()
    time.sleep(2.1)


def stamp(seconds_from_now):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_from_now))


def test_the_app_hears_the_same(bearward, websocket_upstream):
    websocket_upstream.forget()
    with open_socket(bearward, "/ws", mint(jti="t-app")) as socket:
        assert socket.echoes()
        assert revoke(bearward, {"jti": "t-app"})[0] == 204
        assert socket.close() == (1008, "Token has been revoked")
        socket.wire.send(frame(8, struct.pack("!H", 1008)))
    deadline = time.monotonic() + 5 * SLOWNESS
    while 1008 not in websocket_upstream.closes:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_another_providers_order_closes_nothing(bearward):
    with open_socket(bearward, "/ws", mint(sub="u-p")) as here, open_socket(bearward, "/ws", mint(sub="u-p", iss="https://other.test/")) as there:
        assert revoke(bearward, {"user": "u-p", "provider": "other"})[0] == 204
        assert there.close() == (1008, "Token has been revoked")
        assert here.echoes()


def test_an_order_for_what_was_issued_before_spares_later_ones(bearward):
    now = int(time.time())
    with open_socket(bearward, "/ws", mint(sub="u-b", iat=now - 100)) as old, open_socket(bearward, "/ws", mint(sub="u-b", iat=now - 10)) as new:
        assert revoke(bearward, {"user": "u-b", "before": stamp(-50)})[0] == 204
        assert old.close() == (1008, "Token has been revoked")
        assert new.echoes()


def test_a_line_in_the_file_closes_them(bearward):
    with open_socket(bearward, "/ws", mint(jti="t-file")) as mine, open_socket(bearward, "/ws", mint(jti="t-other")) as others:
        (bearward.directory / "revoked.txt").write_text("jti:t-file\n")
        assert mine.close(5) == (1008, "Token has been revoked")
        assert others.echoes()


def test_one_that_is_revoked_before_the_101_is_rejected(bearward, http_upstream):
    revoked = threading.Event()
    ended = threading.Event()

    async def accept_late(_, reader, writer):
        await asyncio.get_running_loop().run_in_executor(None, revoked.wait, 20)
        writer.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n".encode())
        await writer.drain()
        assert await reader.read(100) == b""
        ended.set()
        return "close"

    http_upstream.on("/slow/ws", accept_late)
    with bearward.connect() as wire:
        wire.send(handshake("/slow/ws", list(bearer(mint(jti="t-late")).items())))
        deadline = time.monotonic() + 5 * SLOWNESS
        while not [head for head in http_upstream.heads if head.target == "/slow/ws"]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert revoke(bearward, {"jti": "t-late"})[0] == 204
        revoked.set()
        assert wire.response().status == 101
        opcode, payload = read_frame(wire)
        assert opcode == 8 and struct.unpack("!H", payload[:2])[0] == 4410
        assert ended.wait(5 * SLOWNESS), "nothing is left of it at the app"


def test_the_code_is_the_most_particular_of_the_route(bearward):
    with open_socket(bearward, "/ws/coded", mint(jti="t-coded")) as socket:
        assert revoke(bearward, {"jti": "t-coded"})[0] == 204
        assert socket.close() == (4410, "Token has been revoked")


def test_where_all_is_observed_nothing_is_closed(bearward):
    with open_socket(bearward, "/ws/observed", mint(jti="t-observed")) as socket:
        assert revoke(bearward, {"jti": "t-observed"})[0] == 204
        time.sleep(0.5)
        assert socket.echoes()


def test_it_is_logged_and_counted(bearward):
    with open_socket(bearward, "/ws", mint(jti="t-log", sub="u-log")) as socket:
        assert revoke(bearward, {"jti": "t-log"})[0] == 204
        socket.close()
    deadline = time.monotonic() + 5 * SLOWNESS
    while not (found := [record for record in bearward.access_records() if record.get("user") == "u-log"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert found[0]["ended"] == "token_revoked" and found[0]["close_code"] == 1008 and found[0]["closed_by"] == "bearward"
    assert found[0]["cause"] == "jti 't-log' is revoked"
    assert page(bearward).value("bearward_websocket_closes_total", reason="token_revoked", route="ws") >= 1


def test_within_a_frame_it_waits_for_the_end(bearward):
    with open_socket(bearward, "/ws", mint(jti="t-half")) as socket:
        message = frame(2, b"x" * 1000)
        socket.wire.send(message[:500])
        assert revoke(bearward, {"jti": "t-half"})[0] == 204
        assert socket.close() == (1008, "Token has been revoked")  # nothing was under way towards the client
        socket.wire.send(message[500:])


def test_many_sockets_of_one_user_are_closed_and_those_of_others_lose_nothing(bearward):
    async def run():
        mine = [await client(bearward, "/ws", mint(sub="u-many", jti=f"m-{number}")) for number in range(100)]
        others = [await client(bearward, "/ws", mint(sub=f"u-other-{number}")) for number in range(50)]
        assert revoke(bearward, {"user": "u-many"})[0] == 204
        for each in mine:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await asyncio.wait_for(each.recv(), 5 * SLOWNESS)
            assert closed.value.rcvd.code == 1008 and closed.value.rcvd.reason == "Token has been revoked"
        for number, each in enumerate(others):
            await each.send(str(number))
            assert await asyncio.wait_for(each.recv(), 5 * SLOWNESS) == str(number)
            await each.close()

    asyncio.run(run())


def test_redis_closes_them_on_every_replica(tmp_path, websocket_upstream):
    from conftest import bearward_process

    with_redis = CONFIGURATION.replace("revocation: {file: revoked.txt}", "revocation: {redis: {address: \"@redis@\", fail: open}}")
    redis = redis_server()
    replicas = []
    try:
        text = with_redis.replace("@redis@", redis.address)
        replicas = [bearward_process(tmp_path / str(number), text, websocket=websocket_upstream.address) for number in range(2)]
        token = mint(sub="u-redis")
        with open_socket(replicas[0], "/ws", token) as first, open_socket(replicas[1], "/ws", token) as second:
            assert revoke(replicas[0], {"user": "u-redis", "provider": "main"})[0] == 204
            assert first.close() == second.close() == (1008, "Token has been revoked")
        with open_socket(replicas[1], "/ws", mint(jti="t-redis")) as third:
            until = int(time.time()) + 60
            redis.ask("ZADD", "bearward:revocations", str(until), "jti:t-redis")
            redis.ask("PUBLISH", "bearward:revocations", f"{until} jti:t-redis")
            assert third.close() == (1008, "Token has been revoked")
    finally:
        for each in replicas:
            each.stop()
        redis.stop()


def test_an_idle_one_is_closed(bearward):
    with open_socket(bearward, "/ws/idle", mint()) as socket:
        for _ in range(3):
            time.sleep(0.4)
            assert socket.echoes()
        assert socket.close(4) == (1001, "")


def test_no_one_outlives_its_longest_life(bearward):
    with open_socket(bearward, "/ws/ageing", mint()) as socket:
        began = time.monotonic()
        assert socket.echoes()
        assert socket.close(4) == (1001, "")
        assert time.monotonic() - began < 1.5 * SLOWNESS


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 1000])
def test_a_message_over_the_size_is_1009_for_both_sides(bearward, websocket_upstream, cut):
    websocket_upstream.forget()
    with open_socket(bearward, "/ws/small", mint()) as socket:
        assert socket.echoes(b"x" * 100)
        socket.wire.send(frame(2, b"y" * 60, final=False) + frame(9, b"ping"))
        too_big = frame(0, b"z" * 41)
        for at in range(0, len(too_big), cut):
            socket.wire.send(too_big[at : at + cut])
        opcode, _ = read_frame(socket.wire)
        if opcode == 10:  # the app's pong may come first
            opcode, payload = read_frame(socket.wire)
            assert (opcode, struct.unpack("!H", payload[:2])[0]) == (8, 1009)
        else:
            assert opcode == 8
        socket.wire.send(frame(8, struct.pack("!H", 1009)))
    deadline = time.monotonic() + 5 * SLOWNESS
    while 1009 not in websocket_upstream.closes:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert websocket_upstream.messages == [b"x" * 100], "nothing of the message reaches the app as one"


def test_a_frame_that_only_claims_a_size_is_refused_at_its_head(bearward):
    with open_socket(bearward, "/ws/small", mint()) as socket:
        socket.wire.send(b"\x82\xff" + struct.pack("!Q", (1 << 63) - 1) + b"\x01\x02\x03\x04")
        assert socket.close()[0] == 1009


def test_more_frames_than_the_rate_are_1008(bearward):
    with open_socket(bearward, "/ws/slow", mint()) as socket:
        for number in range(5):
            assert socket.echoes(bytes([number]))
        socket.wire.send(frame(2, b"x") * 3)
        seen = []
        while not seen or seen[-1][0] != 8:
            seen.append(read_frame(socket.wire))
        assert struct.unpack("!H", seen[-1][1][:2])[0] == 1008
        assert len(seen) <= 3


def test_who_has_sockets_open(bearward):
    def ask(query=""):
        code, body = bearward.admin("/sockets" + query)
        assert code == 200, body
        return json.loads(body)

    before = ask()["total"]
    token = mint(sub="u ada&co", tid="k-7")
    with open_socket(bearward, "/ws", token), open_socket(bearward, "/ws/ageing", mint(sub="u-9")), open_socket(bearward, "/ws/public"):
        mine = ask("?user=u%20ada%26co")
        assert mine["total"] == 1 and len(mine["sockets"]) == 1
        line = mine["sockets"][0]
        assert {name: line[name] for name in ("kind", "provider", "user", "tenant", "route")} == {
            "kind": "websocket", "provider": "main", "user": "u ada&co", "tenant": "k-7", "route": "ws"}
        assert line["since"].endswith("Z") and line["until"].endswith("Z") and line["since"] < line["until"]
        everybodys = ask()
        assert everybodys["total"] == before + 3
        public = [each for each in everybodys["sockets"] if each["route"] == "public"]
        assert public[0]["provider"] is None and public[0]["user"] is None and public[0]["until"] is None
        assert ask("?user=nobody") == {"sockets": [], "total": 0}
    assert bearward.admin("/sockets?user=%zz")[0] == 400
    assert bearward.admin("/sockets", "POST", {"Content-Type": "application/json"})[0] == 405


def reload(process, text):
    """By its file; returns when /status says so."""
    process.configuration.write_text(text)
    assert process.admin("/reload", "POST", {"Content-Type": "application/json"})[0] == 200


def test_new_rules_close_what_they_would_refuse_where_the_route_says_so(start, websocket_upstream):
    process = start(CONFIGURATION.replace("revocation: {file: revoked.txt}", "token_cache: {max_bytes: 1MiB}"))
    text = process.configuration.read_text()
    with open_socket(process, "/ws/rooms/k-1", mint(tid="k-1")) as mine, open_socket(process, "/ws", mint()) as others:
        with open_socket(process, "/ws/rooms/k-2", mint(tid="k-2", roles=["editor"])) as editors:
            reload(process, text.replace("require: {tenant: \"{tenant}\"}", "require: {tenant: \"{tenant}\", roles: [editor]}"))
            assert mine.close() == (4403, "Not enough permissions")
            assert others.echoes() and editors.echoes()
            reload(process, text)
            assert editors.echoes()
            reload(process, text.replace("name: rooms,", "name: rooms, mode: observe,").replace("require: {tenant", "require: {roles: [x], tenant"))
            assert editors.echoes(), "what is only observed closes nothing"
            reload(process, text.replace("recheck_on_reload: true", "recheck_on_reload: false").replace("/ws/rooms/{tenant}", "/rooms/{tenant}"))
            assert editors.echoes(), "the next route that fits lets it in"
    deadline = time.monotonic() + 5 * SLOWNESS
    while not (records := [record for record in process.access_records() if record.get("ended") == "recheck"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(records) == 1 and records[0]["closed_by"] == "bearward" and "role" in records[0]["cause"]
