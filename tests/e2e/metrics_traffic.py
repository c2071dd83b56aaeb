"""A Bearward that has had all kinds of traffic, so that /metrics has every series that there can be: requests, refusals, sockets, streams, reloads, keys
from URLs, revocations from Redis, an issuer's word, trouble of upstreams."""

import asyncio
import contextlib
import signal
import threading
import time

import websockets
from certificates import authority
from conftest import SLOWNESS, bearward_process
from frames import client
from key_server import key_server, key_set, ok
from redis_server import redis_server
from test_metrics import page
from test_streams import stream
from tokens import EC, bearer, mint, mint_with, tampered

CONFIGURATION = """
version: 1
tracing: {endpoint: "http://127.0.0.1:1/v1/traces", sample_ratio: 1}
threads: 2
listen:
  - {address: 127.0.0.1:0, name: public}
  - {address: 127.0.0.1:0, name: secure, tls: {certificates: [{certificate: tls/server.crt, private_key: tls/server.key}]}}
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"], response_timeout: 2s}
  sockets: {servers: ["@websocket@"]}
  down: {servers: [127.0.0.1:1], connect_timeout: 200ms}
providers:
  main:
    {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s,
     revocation: {back_channel_logout: {audience: app}, redis: {address: "@redis@", fail: open}}, allow_warnings: [revocation-forgets, shared-identity]}
  fetched: {issuer: https://keys.test/, audiences: [widgets], algorithms: [ES256], keys: {jwks_url: "@keys@"}}
  silent: {issuer: https://silent.test/, audiences: [widgets], algorithms: [ES256], keys: {jwks_url: "@nobody@"}}
  listed: {issuer: https://listed.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, revocation: {file: revoked.txt}}
routes:
  - {prefix: /app, name: app, upstream: app, providers: [main]}
  - {prefix: /public, name: public, upstream: app, auth: none}
  - {prefix: /optional, name: optional, upstream: app, providers: [main], auth: optional}
  - {prefix: /watched, name: watched, upstream: app, providers: [main], require: {roles: [admin]}, mode: observe}
  - {prefix: /admin, name: admin, upstream: app, providers: [main], require: {roles: [admin]}}
  - {prefix: /slow, name: slow, upstream: app, auth: none, rate_limit: {per: address, rate: 1/h}}
  - {prefix: /down, name: down, upstream: down, auth: none}
  - {prefix: /fetched, name: fetched, upstream: app, providers: [fetched]}
  - {prefix: /silent, name: silent, upstream: app, providers: [silent]}
  - {prefix: /listed, name: listed, upstream: app, providers: [listed]}
  - {prefix: /ws, name: ws, upstream: sockets, providers: [main]}
"""


def eventually(holds, what):
    deadline = time.monotonic() + 15 * SLOWNESS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def send_requests(process, app):
    """Answers of every kind, and refusals."""

    async def never(_, __, ___):
        await asyncio.sleep(5)
        return "close"

    app.on("/public/silent", never)
    app.on("/public/garbage", b"SSH-2.0-nonsense\r\n")
    good = mint()
    for method in ("GET", "GET", "POST", "HEAD", "PROPFIND"):
        assert process.fetch(method, "/app", bearer(good)).status == 200
    cases = [
        ("/app", None, 401), ("/app", "x.y.z", 401), ("/app", mint(exp=1), 401), ("/app", tampered(good, sub="other"), 401), ("/app", mint(aud="other"), 401),
        ("/admin", good, 403), ("/watched", good, 200), ("/optional", None, 200), ("/nowhere", None, 404), ("/%zz", None, 400), ("/down", None, 502),
        ("/public/silent", None, 504), ("/public/garbage", None, 502), ("/slow", None, 200), ("/slow", None, 429),
        ("/fetched", mint_with(EC, iss="https://keys.test/"), 200), ("/silent", mint_with(EC, iss="https://silent.test/"), 503),
        ("/listed", mint(iss="https://listed.test/", jti="gone"), 401),
    ]
    for target, token, status in cases:
        assert process.fetch(target=target, headers=bearer(token) if token else {}).status == status, (target, status)


async def use_sockets(process):
    """Two that work, one that is refused, and one whose token ends."""
    async with client(process, "/ws", mint()) as socket:
        await socket.send("x")
        await socket.recv()
    for token in (None, mint(exp=int(time.time()) + 2)):
        async with client(process, "/ws", token) as socket:
            with contextlib.suppress(websockets.ConnectionClosed):
                await socket.recv()


def end_a_stream(process, app):
    handler = stream()
    app.on("/app/events", handler)
    process.fetch(target="/app/events", headers=bearer(mint(exp=int(time.time()) + 4)))
    assert handler.ended.wait(15 * SLOWNESS)


def reload(process):
    """A good one, one that leaves out a line of the revocations, and a bad one."""
    count = lambda result: page(process).value("bearward_config_reloads_total", result=result)
    process.process.send_signal(signal.SIGHUP)
    eventually(lambda: count("success") == 1, "no reload")
    (process.directory / "revoked.txt").write_text("jti:gone\nnonsense\n")
    eventually(lambda: page(process).value("bearward_revocation_lines_refused_total") >= 1, "no line was refused")
    good = process.configuration.read_text()
    process.configuration.write_text(good + "nonsense: true\n")
    eventually(lambda: count("failure") >= 1, "no failed reload")
    process.configuration.write_text(good)


@contextlib.contextmanager
def used_bearward(directory, app, sockets):
    """It runs on while the context lasts."""
    with contextlib.ExitStack() as stack:
        servers = [key_server(keys=ok(key_set(EC))), redis_server()]
        for each in servers:
            stack.callback(each.stop)
        keys, redis = servers
        authority(directory / "tls").issue("server", "localhost", "127.0.0.1", days=30)
        text = CONFIGURATION.replace("@redis@", redis.address).replace("@keys@", keys.url()).replace("@nobody@", "http://127.0.0.1:1/keys")
        process = bearward_process(directory, text, http=app.address, websocket=sockets.address, ready=False, files={"revoked.txt": "jti:gone\n"})
        stack.callback(process.stop)
        redis.ask("ZADD", "bearward:revocations", "+inf", "malformed")
        redis.ask("PUBLISH", "bearward:revocations", "nonsense")
        eventually(lambda: page(process).value("bearward_keys_age_seconds", provider="fetched") > 0, "no keys")
        together = threading.Thread(target=end_a_stream, args=(process, app))
        together.start()
        send_requests(process, app)
        asyncio.run(use_sockets(process))
        together.join()
        process.fetch("POST", "/.bearward/logout/main", {"Content-Type": "application/x-www-form-urlencoded"}, body=b"logout_token=x.y.z")
        reload(process)
        yield process
