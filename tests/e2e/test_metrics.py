"""/metrics after real traffic: every series that the traffic must have made, and labels from fixed sets only."""

import asyncio
import base64
import hashlib
import re
import signal
import socket
import struct
import time

import pytest
import websockets
from frames import client, frame, handshake, read_frame
from tokens import bearer, mint

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"], response_timeout: 1s}
  sockets: {servers: ["@websocket@"]}
  down: {servers: [127.0.0.1:1], connect_timeout: 1s}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], clock_skew: 0s, keys: {secret: {file: secret}}}
routes:
  - {prefix: /app, name: app, upstream: app, providers: [main]}
  - {prefix: /public, name: public_pages, upstream: app, auth: none}
  - {prefix: /optional, name: optional, upstream: app, providers: [main], auth: optional}
  - {prefix: /watched, name: watched, upstream: app, providers: [main], require: {roles: [admin]}, mode: observe}
  - {prefix: /admin, name: admin, upstream: app, providers: [main], require: {roles: [admin]}}
  - {exact: /only-get, name: only_get, upstream: app, auth: none, methods: [GET]}
  - {prefix: /small, name: small, upstream: app, auth: none, max_body: 10}
  - {prefix: /down, name: down, upstream: down, auth: none}
  - {prefix: /ws, name: ws, upstream: sockets, providers: [main]}
"""

SAMPLE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
REASONS = set("""ok anonymous public token_missing token_multiple token_malformed algorithm_not_allowed key_not_found signature_invalid
    binding_unverified token_expired token_not_yet_valid issuer_mismatch audience_mismatch type_mismatch claim_missing claim_mismatch
    lifetime_too_long token_inactive token_revoked api_key_unknown api_key_expired role_missing scope_missing tenant_mismatch claim_denied
    policy_denied origin_denied websocket_denied rate_limited no_route method_not_allowed bad_request limit_exceeded keys_unavailable
    introspection_unavailable revocation_unavailable upstream_unavailable upstream_timeout upstream_error""".split())


class page:
    """What /metrics says now."""

    def __init__(self, process):
        status, self.text = process.admin("/metrics")
        assert status == 200
        self.samples = {}
        for line in self.text.splitlines():
            if not line.startswith("#"):
                name, labels, value = SAMPLE.match(line).groups()
                key = (name, tuple(sorted(LABEL.findall(labels or ""))))
                assert key not in self.samples, line
                self.samples[key] = float(value)

    def value(self, name, **labels):
        return self.samples.get((name, tuple(sorted(labels.items()))), 0)

    def labels(self, name, label):
        return {dict(labels)[label] for (each, labels) in self.samples if each == name}


def wait_for(process, name, expected, **labels):
    """Counters are written a moment after the answer."""
    deadline = time.monotonic() + 10
    while (now := page(process).value(name, **labels)) != expected:
        assert time.monotonic() < deadline, f"{name}{labels} is {now}, not {expected}"
        time.sleep(0.05)


def expect(process, requests, decisions):
    """Runs what is given between two looks at the page; the differences are exactly these."""
    before = page(process)

    def check():
        deadline = time.monotonic() + 10
        while True:
            after = page(process)
            changes = {key: value - before.samples.get(key, 0) for key, value in after.samples.items()
                       if key[0] in ("bearward_requests_total", "bearward_decisions_total") and value != before.samples.get(key, 0)}
            wanted = {}
            for (route, method, code), count in requests.items():
                wanted["bearward_requests_total", (("code", code), ("method", method), ("route", route))] = count
            for (route, reason, mode), count in decisions.items():
                wanted["bearward_decisions_total", (("mode", mode), ("reason", reason), ("route", route))] = count
            if changes == wanted:
                return
            assert time.monotonic() < deadline, f"{changes}\nbut wanted\n{wanted}"
            time.sleep(0.05)

    return check


@pytest.mark.parametrize("method, target, token, status, counted, decision", [
    ("GET", "/app/x", {}, 200, ("app", "GET", "200"), ("app", "ok", "enforce")),
    ("POST", "/app/x", {}, 200, ("app", "POST", "200"), ("app", "ok", "enforce")),
    ("HEAD", "/app/x", {}, 200, ("app", "HEAD", "200"), ("app", "ok", "enforce")),
    ("PROPFIND", "/app/x", {}, 200, ("app", "other", "200"), ("app", "ok", "enforce")),
    ("get", "/app/x", {}, 400, None, None),
    ("X" * 40, "/app/x", {}, 200, ("app", "other", "200"), ("app", "ok", "enforce")),
    ("GET", "/app/x", None, 401, ("app", "GET", "401"), ("app", "token_missing", "enforce")),
    ("GET", "/app/x", {"exp": 1}, 401, ("app", "GET", "401"), ("app", "token_expired", "enforce")),
    ("GET", "/app/x", {"aud": "other"}, 401, ("app", "GET", "401"), ("app", "audience_mismatch", "enforce")),
    ("GET", "/public/x", None, 200, ("public_pages", "GET", "200"), ("public_pages", "public", "enforce")),
    ("GET", "/optional", None, 200, ("optional", "GET", "200"), ("optional", "anonymous", "enforce")),
    ("GET", "/admin", {}, 403, ("admin", "GET", "403"), ("admin", "role_missing", "enforce")),
    ("GET", "/admin", {"roles": ["admin"]}, 200, ("admin", "GET", "200"), ("admin", "ok", "enforce")),
    ("GET", "/watched", {}, 200, ("watched", "GET", "200"), ("watched", "role_missing", "observe")),
    ("GET", "/watched", {"roles": ["admin"]}, 200, ("watched", "GET", "200"), ("watched", "ok", "enforce")),
    ("GET", "/nowhere/at/all", None, 404, ("none", "GET", "404"), ("none", "no_route", "enforce")),
    ("GET", "/%zz", None, 400, ("none", "GET", "400"), ("none", "bad_request", "enforce")),
    ("TRACE", "/app", None, 405, ("none", "TRACE", "405"), None),
    ("POST", "/only-get", None, 405, None, None),
], ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "")
def test_requests_and_decisions(bearward, app, method, target, token, status, counted, decision):
    check = expect(bearward, {counted: 1} if counted else {}, {decision: 1} if decision else {})
    before = page(bearward)
    assert bearward.fetch(method, target, bearer(mint(**token)) if token is not None else {}).status == status
    if counted and decision:
        check()
    else:  # which route a refusal is counted under is not prescribed, that it is counted is
        deadline = time.monotonic() + 10
        total = sum(value for (name, _), value in before.samples.items() if name == "bearward_requests_total")
        while sum(value for (name, _), value in page(bearward).samples.items() if name == "bearward_requests_total") != total + 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_malformed_heads_are_counted_without_a_route(bearward):
    check = expect(bearward, {("none", "GET", "400"): 1}, {("none", "bad_request", "enforce"): 1})
    with bearward.connect() as wire:
        wire.send(b"GET /app HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx")
        assert wire.response().status == 400
    check()


def test_what_an_upstream_fails_at(bearward, app):
    async def silent(_, __, ___):
        await asyncio.sleep(3)
        return "close"

    app.on("/app/silent", silent)
    app.on("/app/garbage", b"SSH-2.0-nonsense\r\n")
    before = page(bearward)
    assert bearward.fetch(target="/app/silent", headers=bearer(mint())).status == 504
    assert bearward.fetch(target="/app/garbage", headers=bearer(mint())).status == 502
    assert bearward.fetch(target="/down").status == 502
    for upstream, reason in (("app", "upstream_timeout"), ("app", "upstream_error"), ("down", "upstream_unavailable")):
        wait_for(bearward, "bearward_upstream_errors_total", before.value("bearward_upstream_errors_total", upstream=upstream, reason=reason) + 1,
                 upstream=upstream, reason=reason)


def test_durations_and_connections(bearward, app):
    before = page(bearward)
    with bearward.connect() as wire:
        wire.send(b"GET /public HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.response().status == 200
        wait_for(bearward, "bearward_connections", 1, listener="public")
        for name, labels in (("bearward_request_duration_seconds", {"route": "public_pages"}), ("bearward_upstream_duration_seconds", {"upstream": "app"})):
            wait_for(bearward, name + "_count", before.value(name + "_count", **labels) + 1, **labels)
            now = page(bearward)
            assert now.value(name + "_bucket", le="+Inf", **labels) == now.value(name + "_count", **labels)
            assert now.value(name + "_sum", **labels) > 0
        assert page(bearward).value("bearward_upstream_connections", upstream="app", state="idle") >= 1
    wait_for(bearward, "bearward_connections", 0, listener="public")


@pytest.mark.parametrize("head, body", [("Content-Length: 20", b"x" * 20), ("Transfer-Encoding: chunked", b"14\r\n" + b"x" * 20 + b"\r\n")],
                         ids=["told", "chunked"])
def test_a_body_that_is_too_large_is_one_decision(bearward, app, head, body):
    check = expect(bearward, {("small", "POST", "413"): 1}, {("small", "limit_exceeded", "enforce"): 1})
    with bearward.connect() as wire:
        wire.send(f"POST /small HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\n".encode() + body)
        assert wire.response().status == 413
    check()


def test_a_token_that_expires_before_the_101_is_one_decision(start):
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = start(CONFIGURATION, websocket="127.0.0.1:{}".format(server.getsockname()[1]))
        expires = int(time.time()) + 2
        check = expect(process, {("ws", "GET", "101"): 1}, {("ws", "token_expired", "enforce"): 1})
        with process.connect() as wire:
            wire.send(handshake("/ws", bearer(mint(exp=expires)).items()))
            accepted, _ = server.accept()
            with accepted:
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    request += accepted.recv(4096)
                key = re.search(rb"(?i)sec-websocket-key: (\S+)", request).group(1)
                while time.time() < expires + 0.1:
                    time.sleep(0.05)
                accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
                accepted.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
                assert wire.response().status == 101
                assert read_frame(wire) == (8, struct.pack("!H", 1008) + b"Token has expired")
                wire.send(frame(8, struct.pack("!H", 1008)))
        check()


def closes(process, reason):
    return page(process).value("bearward_websocket_closes_total", route="ws", reason=reason)


def test_what_websockets_carry(bearward, sockets):
    names = ["bearward_websockets_opened_total", "bearward_websocket_frames_total", "bearward_websocket_bytes_total"]
    before = {name: page(bearward).value(name, route="ws", **({} if "opened" in name else {"direction": "in"})) for name in names}

    async def run():
        async with client(bearward, "/ws", mint()) as socket:
            for _ in range(3):
                await socket.send("x" * 100)
                await socket.recv()
            # While it is open, too.
            wait_for(bearward, names[1], before[names[1]] + 3, route="ws", direction="in")
            assert page(bearward).value(names[2], route="ws", direction="in") > before[names[2]] + 18
            await asyncio.sleep(1.1)

    asyncio.run(run())
    wait_for(bearward, names[0], before[names[0]] + 1, route="ws")
    wait_for(bearward, names[1], before[names[1]] + 4, route="ws", direction="in")  # and its Close
    assert page(bearward).value("bearward_websocket_seconds_total", route="ws") >= 1
    assert page(bearward).value("bearward_websocket_bytes_total", route="ws", direction="out") > 18


def test_websockets_and_their_ends(bearward, sockets):
    before = {reason: closes(bearward, reason) for reason in ("client", "upstream", "token_expired", "token_missing", "token_malformed")}

    async def run():
        async with client(bearward, "/ws", mint()) as first, client(bearward, "/ws", mint()) as second:
            wait_for(bearward, "bearward_websockets", 2, route="ws")
            await first.send("x")
            await first.recv()
            await second.close()
            wait_for(bearward, "bearward_websockets", 1, route="ws")
        async with client(bearward, "/ws/bye", mint()) as told:
            with pytest.raises(websockets.ConnectionClosed):
                await told.recv()
        async with client(bearward, "/ws", mint(exp=int(time.time()) + 2)) as expiring:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await expiring.recv()
            assert closed.value.rcvd.reason == "Token has expired"
        for token in (None, "x.y.z"):
            async with client(bearward, "/ws", token) as refused:
                with pytest.raises(websockets.ConnectionClosed):
                    await refused.recv()

    asyncio.run(run())
    for reason, count in (("client", 2), ("upstream", 1), ("token_expired", 1), ("token_missing", 1), ("token_malformed", 1)):
        wait_for(bearward, "bearward_websocket_closes_total", before[reason] + count, route="ws", reason=reason)
    wait_for(bearward, "bearward_websockets", 0, route="ws")
    assert page(bearward).value("bearward_requests_total", route="ws", method="GET", code="101") >= 6


def test_a_socket_that_ends_at_the_shutdown_is_counted(start, sockets):
    process = start(CONFIGURATION)
    with process.connect() as wire, process.connect() as busy:
        wire.send(handshake("/ws", bearer(mint()).items()))
        assert wire.response().status == 101
        busy.send(b"POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nAuthorization: Bearer " + mint().encode() + b"\r\n\r\nx")
        wait_for(process, "bearward_connections", 2, listener="public")
        process.process.send_signal(signal.SIGTERM)
        assert read_frame(wire) == (8, struct.pack("!H", 1001))
        wire.send(frame(8, struct.pack("!H", 1001)))
        wait_for(process, "bearward_websocket_closes_total", 1, route="ws", reason="shutdown")
        busy.send(b"yz")
        assert busy.response().status == 200
    assert process.process.wait(10) == 0


def test_reloads_are_counted(start):
    process = start(CONFIGURATION)
    assert page(process).value("bearward_config_reloads_total", result="success") == 0
    assert 'bearward_config_reloads_total{result="failure"} 0' in page(process).text
    process.process.send_signal(signal.SIGHUP)
    wait_for(process, "bearward_config_reloads_total", 1, result="success")
    good = process.configuration.read_text()
    process.configuration.write_text(good + "nonsense: true\n")
    wait_for(process, "bearward_config_reloads_total", 1, result="failure")
    assert page(process).value("bearward_config_reloads_total", result="success") == 1


def test_labels_come_from_fixed_sets_whatever_clients_send(bearward, app):
    for number in range(50):
        bearward.fetch(f"M{number}", f"/app/{number}", {"Host": f"h{number}.test", **bearer(mint(sub=f"u{number}", iss=f"https://{number}/"))})
        bearward.fetch("GET", f"/nowhere-{number}?x={number}")
    now = page(bearward)
    routes = {"app", "public_pages", "optional", "watched", "admin", "only_get", "small", "down", "ws", "none"}
    methods = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "other"}
    assert now.labels("bearward_requests_total", "route") <= routes
    assert now.labels("bearward_requests_total", "method") <= methods
    assert now.labels("bearward_decisions_total", "route") <= routes
    assert now.labels("bearward_decisions_total", "reason") <= REASONS
    assert now.labels("bearward_decisions_total", "mode") <= {"enforce", "observe"}
    assert now.labels("bearward_upstream_errors_total", "reason") <= REASONS
    assert now.labels("bearward_upstream_connections", "state") <= {"active", "idle"}
    assert "u49" not in now.text and "nowhere" not in now.text and "h49" not in now.text


def test_the_page_is_text_that_says_what_runs(bearward):
    now = page(bearward)
    assert len(now.labels("bearward_build_info", "version")) == 1
    assert {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"} <= {name for name, _ in now.samples}
    for name in {line.split()[2] for line in now.text.splitlines() if line.startswith("# TYPE")}:
        assert f"# HELP {name} " in now.text
