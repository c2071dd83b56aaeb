"""log.format: otel: lines as OpenTelemetry's log data model and its conventions for HTTP have them."""

import json
import re
import struct
import subprocess
import time

from conftest import BINARY, CONFIGURATION as USUAL, SLOWNESS
from frames import frame, handshake, read_frame
from tokens import bearer, mint

CONFIGURATION = USUAL + "log: {format: otel}\n"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def lines_of(process):
    return [json.loads(line) for line in process.log().splitlines()]


def line_of(process, answer):
    """The line of a request: it is written a moment after the answer."""
    wanted = answer.get("X-Request-Id")
    deadline = time.monotonic() + 10 * SLOWNESS
    while True:
        found = [line for line in lines_of(process) if line.get("attributes", {}).get("bearward.request_id") == wanted]
        if found:
            assert len(found) == 1
            return found[0]
        assert time.monotonic() < deadline, process.log()[-3000:]
        time.sleep(0.05)


def test_access_lines_have_opentelemetrys_names(bearward, app):
    headers = {**bearer(mint()), "traceparent": TRACE, "Host": "app.example.com:8080"}
    answer = bearward.fetch("POST", "/app/a?b=c", headers=headers, body=b"12345")
    line = line_of(bearward, answer)
    assert answer.status == 200 and app.last.get("traceparent") == TRACE
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["timestamp"])
    assert (line["severity_text"], line["severity_number"], line["event_name"]) == ("INFO", 9, "bearward.request")
    assert (line["trace_id"], line["span_id"], line["trace_flags"]) == tuple(TRACE.split("-")[1:])
    assert line["body"] == "POST /app/a 200 ok"
    shown = line["attributes"]
    assert shown.pop("bearward.duration_ms") > 0 and shown.pop("bearward.upstream_ms") > 0 and shown.pop("http.response.size") > 0
    assert shown == {
        "http.request.method": "POST", "url.scheme": "http", "url.path": "/app/a", "url.query": "b=c", "http.response.status_code": 200,
        "client.address": "127.0.0.1", "server.address": "app.example.com", "server.port": 8080, "network.protocol.name": "http",
        "network.protocol.version": "1.1", "http.route": "app", "user.id": "u-1", "http.request.body.size": 5,
        "bearward.request_id": answer.get("X-Request-Id"), "bearward.reason": "ok", "bearward.mode": "enforce", "bearward.tenant": "t-1",
        "bearward.upstream": app.address}


def test_a_refusal_is_no_error_and_a_failure_is_one(bearward):
    refused = line_of(bearward, bearward.fetch(target="/app/x"))
    assert refused["attributes"]["bearward.reason"] == "token_missing" and "error.type" not in refused["attributes"]
    assert "trace_id" not in refused and "url.query" not in refused["attributes"]
    failed = line_of(bearward, bearward.fetch(target="/down", headers=bearer(mint())))
    assert failed["attributes"]["error.type"] == failed["attributes"]["bearward.reason"] == "upstream_unavailable"
    assert "Connection refused" in failed["attributes"]["bearward.cause"]


def test_an_invalid_traceparent_is_left_out(bearward):
    for value in ("00-" + "0" * 32 + "-b7ad6b7169203331-01", TRACE.upper(), TRACE + '"'):
        assert "trace_id" not in line_of(bearward, bearward.fetch(target="/public/a", headers={"traceparent": value}))


def test_a_sockets_line_says_who_closed_it(bearward, sockets):
    with bearward.connect() as wire:
        wire.send(handshake("/ws", bearer(mint()).items()))
        answer = wire.response()
        assert answer.status == 101
        wire.send(frame(8, struct.pack("!H", 4321)))
        assert read_frame(wire)[0] == 8
    shown = line_of(bearward, answer)["attributes"]
    assert shown["bearward.websocket"] is True and (shown["bearward.close_code"], shown["bearward.closed_by"]) == (4321, "client")
    assert shown["bearward.frames_in"] == 1 and shown["http.response.status_code"] == 101


def test_tokens_are_masked_in_every_attribute(bearward):
    token = mint()
    shown = line_of(bearward, bearward.fetch(target=f"/query/{token}?access_token={token}&x={token}"))
    assert shown["attributes"]["url.path"] == "/query/***" and shown["attributes"]["url.query"] == "access_token=***&x=***"
    assert token.split(".")[2] not in bearward.log()


def test_a_line_can_not_be_forged(bearward):
    answer = bearward.fetch(target='/public/%0A%22}?"},"severity_text":"ERROR', headers={"X-Forwarded-For": '"},{"'})
    line_of(bearward, answer)
    with bearward.connect() as wire:
        wire.send(b'GE"T\x01 / HTTP/1.1\r\nHost: a\r\n\r\n')
        assert wire.response().status == 400
    lines = lines_of(bearward)  # each is whole
    assert all(set(line) <= {"timestamp", "severity_text", "severity_number", "trace_id", "span_id", "trace_flags", "event_name", "body", "attributes"}
               for line in lines)
    assert all(line["severity_text"] == "INFO" for line in lines if "event_name" in line)


def test_messages_have_its_shape_from_the_first_line_on(tmp_path):
    (tmp_path / "bearward.yaml").write_text(
        "version: 1\nlisten: [{address: 127.0.0.1:0}]\nadmin: {address: off}\nlog: {format: otel}\ncolour: red\n"
        "upstreams: {app: {servers: [127.0.0.1:1]}}\nroutes: [{prefix: /, upstream: app, auth: none}]\n")
    run = subprocess.run([BINARY, "-c", "bearward.yaml"], cwd=tmp_path, capture_output=True, text=True, timeout=20 * SLOWNESS, check=False)
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert run.returncode == 1 and lines
    assert all(set(line) == {"timestamp", "severity_text", "severity_number", "body"} for line in lines)
    assert any("colour" in line["body"] and (line["severity_text"], line["severity_number"]) == ("ERROR", 17) for line in lines)
