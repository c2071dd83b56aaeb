"""Tracing: what the upstream gets, and what a collector of traces learns of each request."""

import asyncio
import re
import time

import pytest
from collector import trace_collector
from conftest import SLOWNESS, bearward_process
from frames import client
from test_reload import reloadable
from tokens import bearer, mint

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"], response_timeout: 4s}
  sockets: {servers: ["@websocket@"]}
  down: {servers: [127.0.0.1:1], connect_timeout: 1s}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /app, name: app, token_from: [header, query]}
  - {prefix: /admin, name: admin, require: {roles: [admin]}}
  - {prefix: /watched, name: watched, require: {roles: [admin]}, mode: observe}
  - {prefix: /down, name: down, upstream: down}
  - {prefix: /public, name: public pages, auth: none}
  - {prefix: /untold, name: untold, auth: none, remove_request_headers: [traceparent]}
  - {prefix: /ws, name: ws, upstream: sockets}
"""
TRACED = CONFIGURATION + 'tracing: {endpoint: "@collector@", sample_ratio: @ratio@, service_name: "shop \\"eu\\""}\n'

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
FIELD = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-3])$")


def traced(collector, ratio=1):
    return TRACED.replace("@collector@", collector.url).replace("@ratio@", str(ratio))


@pytest.fixture(scope="module")
def collector():
    made = trace_collector()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, collector, http_upstream, websocket_upstream):
    process = bearward_process(
        tmp_path_factory.mktemp("tracing"), traced(collector), http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


@pytest.fixture
def own_collector():
    """Of one test, which may hold it up or end it."""
    made = trace_collector()
    yield made
    made.stop()


def ask(bearward, target, headers=None, **more):
    """(response, its id)."""
    response = bearward.fetch(target=target, headers=headers, **more)
    return response, response.get("X-Request-Id")


def counted(process):
    """bearward_spans_total by result."""
    _, text = process.admin("/metrics")
    return {result: int(float(value)) for result, value in re.findall(r'^bearward_spans_total\{result="(\w+)"\} (\S+)$', text, re.MULTILINE)}


def wait_counted(process, holds):
    deadline = time.monotonic() + 15 * SLOWNESS
    while not holds(found := counted(process)):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def parent(trace=TRACE, span=PARENT, flags="01"):
    return f"00-{trace}-{span}-{flags}"


# --- what the upstream gets ---------------------------------------------------------------------


def test_a_trace_goes_on(bearward, http_upstream, collector):
    headers = [("TraceParent", parent()), ("TraceState", "a=1,b=2"), ("tracestate", "c=3"), *bearer(mint()).items()]
    response, request_id = ask(bearward, "/app/x", headers)
    assert response.status == 200
    trace, span, flags = FIELD.match(http_upstream.last.get("traceparent")).groups()
    assert (trace, flags) == (TRACE, "01") and span != PARENT
    assert http_upstream.last.all("tracestate") == ["a=1,b=2", "c=3"]
    found = collector.of(request_id)
    assert (found.trace, found.id, found.parent) == (TRACE, span, PARENT)


def test_a_trace_begins(bearward, http_upstream, collector):
    seen = set()
    for _ in range(3):
        _, request_id = ask(bearward, "/app", [("tracestate", "a=1"), *bearer(mint()).items()])
        trace, span, flags = FIELD.match(http_upstream.last.get("traceparent")).groups()
        assert flags == "01" and http_upstream.last.get("tracestate") is None, "a state belongs to a trace"
        found = collector.of(request_id)
        assert (found.trace, found.id, found.parent) == (trace, span, None)
        seen |= {trace, span}
    assert len(seen) == 6


@pytest.mark.parametrize("value", [
    "", "x", parent(trace="0" * 32), parent(span="0" * 16), parent(trace=TRACE.upper()), parent(span=PARENT[1:]), parent()[2:], "ff" + parent()[2:],
    parent() + "-x", parent(flags="1"), parent(flags="0g"), parent(trace=TRACE + "0"), f"{parent()},{parent()}"])
def test_what_is_not_valid_counts_as_absent(bearward, http_upstream, value):
    ask(bearward, "/public", {"traceparent": value, "tracestate": "a=1"})
    trace, _, flags = FIELD.match(http_upstream.last.get("traceparent")).groups()
    assert trace != TRACE and flags == "01" and http_upstream.last.get("tracestate") is None


def test_two_are_none(bearward, http_upstream):
    ask(bearward, "/public", [("traceparent", parent()), ("Traceparent", parent())])
    assert FIELD.match(http_upstream.last.get("traceparent")).group(1) != TRACE


def test_of_a_later_version_what_is_known_counts(bearward, http_upstream):
    ask(bearward, "/public", {"traceparent": "cc" + parent()[2:] + "-what-the-future-brings"})
    assert FIELD.match(http_upstream.last.get("traceparent")).group(1, 3) == (TRACE, "01")


def test_connection_can_not_name_it_away_but_a_route_can(bearward, http_upstream):
    ask(bearward, "/public", {"traceparent": parent(), "Connection": "traceparent"})
    assert FIELD.match(http_upstream.last.get("traceparent")).group(1) == TRACE
    ask(bearward, "/untold", {"traceparent": parent()})
    assert http_upstream.last.get("traceparent") is None


def test_without_tracing_both_pass_untouched(start, http_upstream):
    process = start(CONFIGURATION)
    process.fetch(target="/public", headers=[("traceparent", "00-1-2"), ("traceparent", parent()), ("tracestate", "a=1")])
    assert http_upstream.last.all("traceparent") == ["00-1-2", parent()] and http_upstream.last.all("tracestate") == ["a=1"]
    process.fetch(target="/public")
    assert not {"traceparent", "tracestate"} & http_upstream.last.names()
    assert counted(process) == {}


# --- sampling -----------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [0, 1])
def test_the_parent_decides_and_else_the_ratio(start, http_upstream, own_collector, ratio):
    process = start(traced(own_collector, ratio))
    ids = {}
    for name, headers in {"sampled": {"traceparent": parent()}, "not": {"traceparent": parent(flags="00")}, "made": {}}.items():
        _, ids[name] = ask(process, "/public", headers)
        flags = FIELD.match(http_upstream.last.get("traceparent")).group(3)
        assert flags == {"sampled": "01", "not": "00", "made": f"0{ratio}"}[name]
    _, last = ask(process, "/public", {"traceparent": parent()})
    own_collector.of(last)
    known = {span["bearward.request_id"] for span in own_collector.wait(2 + ratio)}
    assert known == {ids["sampled"], last} | ({ids["made"]} if ratio else set())
    assert wait_counted(process, lambda now: now["exported"] == 2 + ratio) == {"exported": 2 + ratio, "dropped": 0, "failed": 0}


# --- what a span says ---------------------------------------------------------------------------


def test_a_span_has_the_decision_and_the_conventions_names(bearward, collector):
    before = time.time_ns()
    response, request_id = ask(bearward, "/app/x%20y?page=2&access_token=" + mint())
    assert response.status == 200
    found = collector.of(request_id)
    port = int(bearward.address.rsplit(":", 1)[1])
    assert found.attributes == {
        "http.request.method": "GET", "url.scheme": "http", "url.path": "/app/x%20y", "url.query": "page=2&access_token=***",
        "http.response.status_code": 200, "http.route": "app", "client.address": "127.0.0.1", "server.address": "api.test",
        "network.protocol.version": "1.1", "bearward.reason": "ok", "bearward.route": "app", "bearward.mode": "enforce",
        "bearward.request_id": request_id}, port
    assert found.name == "GET app" and found.raw["kind"] == 2 and not found.failed and found.service == 'shop "eu"'
    assert before - 1_000_000 <= found.start <= found.end <= time.time_ns() + 1_000_000
    path, headers, _ = collector.batches[-1]
    assert path == "/v1/traces?tenant=1" and headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("target, claims, status, reason, route", [
    ("/app", None, 401, "token_missing", "app"),
    ("/app", {"exp": 1}, 401, "token_expired", "app"),
    ("/admin", {}, 403, "role_missing", "admin"),
    ("/nowhere", {}, 404, "no_route", None),
    ("/down", {}, 502, "upstream_unavailable", "down"),
    ("/app/../..", {}, 400, "bad_request", None),
    ("/watched", {}, 200, "role_missing", "watched"),
    ("/public", None, 200, "public", "public pages"),
])
def test_of_each_decision_there_is_a_span(bearward, collector, target, claims, status, reason, route):
    headers = {"traceparent": parent(), **({} if claims is None else bearer(mint(**claims)))}
    response, request_id = ask(bearward, target, headers)
    assert response.status == status
    found = collector.of(request_id)
    assert (found["http.response.status_code"], found["bearward.reason"], found["http.route"], found["bearward.route"]) == (status, reason, route, route)
    assert (found.trace, found.parent) == (TRACE, PARENT)
    assert found.failed == (status >= 500) and found["error.type"] == (str(status) if status >= 500 else None)
    assert found["bearward.mode"] == ("observe" if target == "/watched" else "enforce")
    assert found.name == ("GET " + route if route else "GET")


def test_a_method_that_is_not_known_is_no_name(bearward, collector):
    _, request_id = ask(bearward, "/public", method="BREW")
    found = collector.of(request_id)
    assert found.name == "HTTP public pages" and found["http.request.method"] == "_OTHER" and found["http.request.method_original"] == "BREW"


def test_a_head_that_is_no_request_has_a_span_of_its_own_trace(bearward, collector):
    with bearward.connect() as wire:
        wire.send(f"GET / HTTP/1.1\r\nHost: a\r\ntraceparent: {parent()}\r\nBad Name: x\r\n\r\n".encode())
        response = wire.response()
    assert response.status == 400
    found = collector.of(response.get("X-Request-Id"))
    assert found.trace != TRACE and found.parent is None and found["bearward.reason"] == "bad_request"


def test_no_token_is_in_a_span(bearward, collector):
    token = mint(sub="u-canary")
    ids = []
    for target, headers in [
            ("/app?access_token=" + token, {}), ("/app/" + token, bearer(token)), ("/app?x=" + token, bearer(token)),
            ("/nowhere/" + token, {}), ("/app", {**bearer(token), "X-Request-Id": token}),
            ("/app", {**bearer(token), "traceparent": token, "tracestate": token})]:
        _, request_id = ask(bearward, target, headers)
        ids.append(request_id)
    _, request_id = ask(bearward, "/public/" + "a" * 1000 + "/" + token)
    for each in [*ids, request_id]:
        collector.of(each)
    for part in token.split("."):
        assert part not in collector.text()
    assert "u-canary" not in collector.text()


# --- WebSockets and other proxies ---------------------------------------------------------------


def test_a_socket_has_one_span_for_its_whole_life(bearward, collector, websocket_upstream):
    async def talk():
        async with client(bearward, "/ws", mint(), subprotocols=None) as socket:
            request_id = socket.response_headers["X-Request-Id"]
            await socket.send("hello")
            assert await socket.recv() == "hello"
            await asyncio.sleep(1.5)  # longer than spans wait for others
            assert not [span for span in collector.spans() if span["bearward.request_id"] == request_id]
            await socket.close(4000, "enough")
            return request_id

    request_id = asyncio.run(talk())
    found = collector.of(request_id)
    assert found["http.response.status_code"] == 101 and found["bearward.close_code"] == 4000 and found["http.route"] == "ws"
    assert found.end - found.start >= 1_500_000_000
    sent = dict((name.lower(), value) for name, value in websocket_upstream.handshakes[-1][1])["traceparent"]
    assert FIELD.match(sent).group(1, 2) == (found.trace, found.id)


def test_a_refused_socket_has_one_too(bearward, collector, websocket_upstream):
    async def refused():
        try:
            async with client(bearward, "/ws", mint(exp=1)) as socket:
                request_id = socket.response_headers["X-Request-Id"]
                await socket.recv()
        except Exception:  # the kind depends on who is faster
            return request_id

    found = collector.of(asyncio.run(refused()))
    assert found["bearward.reason"] == "token_expired" and found["bearward.close_code"] == 1008
    assert websocket_upstream.handshakes == []


def test_another_proxys_question_has_a_span_of_the_request_that_it_asks_about(tmp_path, own_collector):
    process = bearward_process(tmp_path / "asked", f"""
version: 1
listen: [{{address: 127.0.0.1:0, name: public, mode: forward_auth}}]
admin: {{address: "unix:@directory@/admin.sock"}}
providers:
  main: {{issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {{secret: {{file: secret}}}}}}
routes: [{{prefix: /, name: all, providers: [main]}}]
tracing: {{endpoint: "{own_collector.url}", sample_ratio: 0}}
""")
    try:
        asked = {"X-Forwarded-Method": "PUT", "X-Forwarded-Host": "shop.test:8443", "X-Forwarded-Uri": "/things?a=b", "X-Forwarded-Proto": "https",
                 "traceparent": parent()}
        for headers, status in ((bearer(mint()), 200), ({}, 401)):
            response, request_id = ask(process, "/auth", {**asked, **headers})
            assert response.status == status and response.get("traceparent") is None
            found = own_collector.of(request_id)
            assert (found.trace, found.parent, found.name) == (TRACE, PARENT, "PUT all")
            assert (found["http.request.method"], found["url.path"], found["url.query"]) == ("PUT", "/things", "a=b")
            assert (found["server.address"], found["server.port"], found["url.scheme"]) == ("shop.test", 8443, "https")
            assert found["http.response.status_code"] == status and found.service == "bearward"
    finally:
        process.stop()


# --- collectors in trouble ----------------------------------------------------------------------


def test_a_collector_that_is_down_costs_spans_and_no_request(start, own_collector):
    process = start(traced(own_collector))
    own_collector.stop()
    for _ in range(20):
        assert process.fetch(target="/public").status == 200
    found = wait_counted(process, lambda now: now["failed"] == 20)
    assert found == {"exported": 0, "dropped": 0, "failed": 20}
    process.fetch(target="/public")
    wait_counted(process, lambda now: now["failed"] == 21)
    said = [line for line in process.log().splitlines() if "tracing: " in line]
    assert len(said) == 1 and f"127.0.0.1:{own_collector.port}" in said[0] and "refused" in said[0], said
    again = trace_collector(own_collector.port)
    try:
        _, request_id = ask(process, "/public")
        again.of(request_id)
        wait_counted(process, lambda now: now["exported"] == 1)
        assert "tracing: the collector takes spans again" in process.log()
    finally:
        again.stop()


@pytest.mark.parametrize("status, body, exported", [
    (500, b"", 0), (429, b"{}", 0), (302, b"", 0), (200, b'{"partialSuccess": {"rejectedSpans": "3", "errorMessage": "x"}}', 2), (200, b"", 5)])
def test_what_it_does_not_take_is_counted(start, own_collector, status, body, exported):
    process = start(traced(own_collector))
    own_collector.answer = (status, body)
    with process.connect() as wire:
        for _ in range(5):  # together, in one batch
            wire.send(b"GET /public HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in range(5):
            assert wire.response().status == 200
    found = wait_counted(process, lambda now: sum(now.values()) == 5)
    if len(own_collector.batches) == 1:  # they were together
        assert found == {"exported": exported, "dropped": 0, "failed": 5 - exported}
    assert ("tracing: " in process.log()) == (exported != 5)


def test_a_slow_collector_holds_nobody_up_and_the_queue_is_bounded(start, own_collector):
    process = start(traced(own_collector).replace("threads: 2", "threads: 1"))
    own_collector.gate.clear()
    process.fetch(target="/public")
    deadline = time.monotonic() + 10 * SLOWNESS
    while own_collector.waiting == 0:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    requests = 3_000  # the queue takes 2,048
    block = 100
    with process.connect() as wire:
        for _ in range(requests // block):
            wire.send(b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" * block)
            for _ in range(block):
                assert wire.response().status == 404
    found = counted(process)
    if found["failed"] == 0:  # the first batch still waits: nothing was taken out of the queue
        assert found == {"exported": 0, "dropped": requests - 2_048, "failed": 0}
    own_collector.gate.set()
    wait_counted(process, lambda now: sum(now.values()) == requests + 1)
    biggest = max(body.count('"traceId"') for _, _, body in own_collector.batches)
    assert biggest == 512
    _, request_id = ask(process, "/public")
    own_collector.of(request_id)


# --- start, reload, stop ------------------------------------------------------------------------


def test_what_is_left_is_sent_at_the_end(start, own_collector):
    process = start(traced(own_collector))
    _, request_id = ask(process, "/public")
    process.stop()
    assert [span["bearward.request_id"] for span in own_collector.spans()] == [request_id]


def test_a_collector_that_takes_nothing_does_not_hold_up_the_end(start, own_collector):
    process = start(traced(own_collector))
    own_collector.gate.clear()
    process.fetch(target="/public")
    began = time.monotonic()
    process.stop()
    assert time.monotonic() - began < 5 * SLOWNESS


def test_a_reload_may_begin_change_and_end_it(start, http_upstream, websocket_upstream, own_collector):
    proxy = reloadable(start(CONFIGURATION), http_upstream, websocket_upstream)
    process = proxy.process
    process.fetch(target="/public")
    assert http_upstream.last.get("traceparent") is None

    proxy.write(traced(own_collector))
    proxy.reload("success")
    _, request_id = ask(process, "/public")
    assert own_collector.of(request_id).service == 'shop "eu"'

    other = trace_collector()
    try:
        proxy.write(traced(other).replace("shop", "cellar"))
        proxy.reload("success")
        _, request_id = ask(process, "/public")
        assert other.of(request_id).service == 'cellar "eu"'
        proxy.write(traced(other, 0))
        proxy.reload("success")
        process.fetch(target="/public")
        assert FIELD.match(http_upstream.last.get("traceparent")).group(3) == "00"
        proxy.write(traced(other, 2))
        proxy.reload("failure")
        proxy.write(CONFIGURATION)
        proxy.reload("success")
        process.fetch(target="/public", headers={"traceparent": "untouched"})
        assert http_upstream.last.get("traceparent") == "untouched"
        assert wait_counted(process, lambda now: now["exported"] == 2) == {"exported": 2, "dropped": 0, "failed": 0}
        assert len(own_collector.spans()) == len(other.spans()) == 1
    finally:
        other.stop()
    assert "takes effect at the next start" not in process.log()
