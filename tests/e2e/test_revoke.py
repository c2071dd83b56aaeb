"""POST /revoke: what an operator revokes counts at once, for every worker and every cached token, and through reloads."""

import json
import signal
import socket
import time

import pytest
from conftest import SLOWNESS, unix_connection
from tokens import bearer, mint

CONFIGURATION = """
version: 1
threads: 4
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, claims: {tenant: tids}}
  other: {type: jwt, issuer: https://other.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
routes:
  - {prefix: /main, name: main, upstream: app, providers: [main]}
  - {prefix: /other, name: other, upstream: app, providers: [other]}
"""
JSON = {"Content-Type": "application/json"}


def revoke(process, body, headers=None, method="POST"):
    """(status, detail, headers)."""
    connection = unix_connection(str(process.directory / "admin.sock"))
    try:
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        connection.request(method, "/revoke", body=text, headers=JSON if headers is None else headers)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content)["detail"] if content else None, answer.headers
    finally:
        connection.close()


def status(process, token, target="/main"):
    """By a new connection: any worker answers."""
    return process.fetch(target=target, headers=bearer(token)).status


def statuses(process, token, target="/main"):
    return {status(process, token, target) for _ in range(16)}


def stamp(seconds_from_now):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_from_now))


@pytest.mark.parametrize("kind, value", [("jti", "t-kind"), ("sid", "s-kind"), ("user", "u-kind"), ("tenant", "k-2")])
def test_each_kind_is_refused_by_every_worker_also_from_the_cache(bearward, kind, value):
    names = {"jti": {"jti": "t-kind"}, "sid": {"sid": "s-kind"}, "user": {"sub": "u-kind"}, "tenant": {"tids": ["k-1", "k-2"]}}
    token, neighbour = mint(**names[kind]), mint(jti="t-9", sid="s-9", sub="u-9", tids=["k-9"])
    assert statuses(bearward, token) == {200}
    answer = revoke(bearward, {kind: value})
    assert answer[0] == 204
    assert answer[2].get("Content-Length") is None and answer[2].get("Content-Type") is None
    assert statuses(bearward, token) == {401}
    assert statuses(bearward, neighbour) == {200}
    refused = bearward.fetch(target="/main", headers=bearer(token))
    assert json.loads(refused.body) == {"detail": "Could not validate credentials"}
    record = bearward.access_record(refused.get("X-Request-Id"))
    assert record["reason"] == "token_revoked" and record["cause"] == f"{kind} '{value}' is revoked"


def test_one_provider_or_all(bearward):
    here, there = mint(sub="u-p"), mint(sub="u-p", iss="https://other.test/")
    assert revoke(bearward, {"user": "u-p", "provider": "other"})[0] == 204
    assert status(bearward, here) == 200 and status(bearward, there, "/other") == 401
    assert revoke(bearward, {"user": "u-p"})[0] == 204
    assert status(bearward, here) == 401 and status(bearward, there, "/other") == 401


def test_it_ends_with_until(bearward):
    token = mint(sub="u-until")
    assert revoke(bearward, {"user": "u-until", "until": stamp(3)})[0] == 204
    assert status(bearward, token) == 401
    deadline = time.monotonic() + 10 * SLOWNESS
    while status(bearward, token) != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_before_spares_what_was_issued_later(bearward):
    now = int(time.time())
    old, new, undated = mint(sub="u-b", iat=now - 100), mint(sub="u-b", iat=now - 10), mint(sub="u-b", iat=None)
    assert revoke(bearward, {"user": "u-b", "before": stamp(-50)})[0] == 204
    assert status(bearward, old) == 401 and status(bearward, undated) == 401 and status(bearward, new) == 200
    assert revoke(bearward, {"user": "u-b", "before": now})[0] == 204
    assert status(bearward, new) == 401


def test_it_survives_reloads(bearward):
    token = mint(jti="t-reload")
    assert status(bearward, token) == 200
    assert revoke(bearward, {"jti": "t-reload"})[0] == 204
    assert bearward.admin("/reload", "POST", JSON)[0] == 200
    assert statuses(bearward, token) == {401}
    bearward.process.send_signal(signal.SIGHUP)
    for _ in range(10):
        assert status(bearward, token) == 401
        time.sleep(0.05)


@pytest.mark.parametrize("body, what", [
    ("", "one JSON object"),
    ("[]", "one JSON object"),
    ('{"user":"a","user":"b"}', "one JSON object"),
    ({}, "exactly one of"),
    ({"user": "a", "tenant": "b"}, "exactly one of"),
    ({"user": ""}, "not empty"),
    ({"user": 1}, "expected text"),
    ({"user": "a", "why": "stolen"}, "unknown member 'why'"),
    ({"user": "a", "provider": "nobody"}, "there is no 'nobody'; there are 'main', 'other'"),
    ({"user": "a", "until": "2020-01-01T00:00:00Z"}, "over already"),
    ({"user": "a", "until": "soon"}, "expected a time"),
    ({"user": "a", "before": "soon"}, "expected a time"),
])
def test_what_would_mean_nothing_is_refused_with_the_reason(bearward, body, what):
    answer = revoke(bearward, body)
    assert answer[0] == 400 and what in answer[1]
    assert status(bearward, mint(sub="a", tids=["b"])) == 200


def test_a_page_can_not_send_it(bearward):
    assert revoke(bearward, {"user": "x"}, {"Content-Type": "text/plain"})[0] == 403
    assert revoke(bearward, {"user": "x"}, {**JSON, "Origin": "http://localhost"})[0] == 403
    assert revoke(bearward, {"user": "x"}, {**JSON, "Host": "evil.test"})[0] == 403
    assert revoke(bearward, "", {}, "GET")[0] == 405
    assert status(bearward, mint(sub="x")) == 200


def test_a_body_is_bounded(bearward):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(bearward.directory / "admin.sock"))
        client.sendall(b"POST /revoke HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 70000\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")
