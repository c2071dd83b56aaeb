"""Requests that two servers could read differently: refused, the connection closed, and not a byte for the upstream."""

import pytest
from tokens import bearer, mint

AUTHORIZATION = "Authorization: Bearer TOKEN\r\n"
SMUGGLED = "GET /public/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = "5\r\nhello\r\n0\r\n\r\n"


def post(*fields, body=""):
    return "POST /app HTTP/1.1\r\nHost: a\r\n" + AUTHORIZATION + "".join(field + "\r\n" for field in fields) + "\r\n" + body


def get(*fields, line="GET /app HTTP/1.1", host="Host: a\r\n"):
    return line + "\r\n" + host + AUTHORIZATION + "".join(field + "\r\n" for field in fields) + "\r\n"


REFUSED = {
    "CL.TE": post("Content-Length: 6", "Transfer-Encoding: chunked", body="0\r\n\r\n" + SMUGGLED),
    "TE.CL": post("Transfer-Encoding: chunked", "Content-Length: 4", body=CHUNKED + SMUGGLED),
    "CL.TE with zero": post("Content-Length: 0", "Transfer-Encoding: chunked", body=CHUNKED),
    "TE.TE obfuscated": post("Transfer-Encoding: chunked", "Transfer-Encoding: x", body=CHUNKED),
    "TE.TE equal": post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=CHUNKED),
    "TE chunked, chunked": post("Transfer-Encoding: chunked, chunked", body=CHUNKED),
    "TE gzip, chunked": post("Transfer-Encoding: gzip, chunked", body=CHUNKED),
    "TE chunked, identity": post("Transfer-Encoding: chunked, identity", body=CHUNKED),
    "TE identity": post("Transfer-Encoding: identity", body=SMUGGLED),
    "TE xchunked": post("Transfer-Encoding: xchunked", body=CHUNKED),
    "TE chunkedx": post("Transfer-Encoding: chunkedx", body=CHUNKED),
    "TE quoted": post('Transfer-Encoding: "chunked"', body=CHUNKED),
    "TE with a parameter": post("Transfer-Encoding: chunked;q=1", body=CHUNKED),
    "TE vertical tab": post("Transfer-Encoding: \x0bchunked", body=CHUNKED),
    "TE empty": post("Transfer-Encoding:", body=CHUNKED),
    "TE empty element": post("Transfer-Encoding: ,chunked", body=CHUNKED),
    "TE space before colon": post("Transfer-Encoding : chunked", body=CHUNKED),
    "TE folded": post("Transfer-Encoding:", " chunked", body=CHUNKED),
    "TE in 1.0": post("Transfer-Encoding: chunked", body=CHUNKED).replace("HTTP/1.1", "HTTP/1.0", 1),
    "CL different": post("Content-Length: 5", "Content-Length: 6", body="hello"),
    "CL equal": post("Content-Length: 5", "Content-Length: 5", body="hello"),
    "CL list": post("Content-Length: 5, 5", body="hello"),
    "CL plus": post("Content-Length: +5", body="hello"),
    "CL minus": post("Content-Length: -5", body="hello"),
    "CL hex": post("Content-Length: 0x5", body="hello"),
    "CL inner space": post("Content-Length: 5 5", body="hello"),
    "CL empty": post("Content-Length:", body="hello"),
    "CL decimal point": post("Content-Length: 5.0", body="hello"),
    "CL overflow": post("Content-Length: 18446744073709551621", body="hello"),
    "CL overflow of 63 bits": post("Content-Length: 9223372036854775808", body="hello"),
    "CL space before colon": post("Content-Length : 5", body="hello"),
    "bare LF": get("X-A: b").replace("X-A: b\r\n", "X-A: b\n"),
    "bare LF at the end": get("X-A: b").replace("X-A: b\r\n\r\n", "X-A: b\n\n"),
    "all bare LF": get().replace("\r\n", "\n"),
    "bare CR": get("X-A: b\rX-B: c"),
    "bare CR in the line": get(line="GET /app\rHTTP/1.1"),
    "obs-fold": get("X-A: b", " c"),
    "obs-fold with a tab": get("X-A: b", "\tc"),
    "a fold as the first line": "GET /app HTTP/1.1\r\n X: y\r\nHost: a\r\n" + AUTHORIZATION + "\r\n",
    "NUL in a value": get("X-A: b\0c"),
    "NUL in a name": get("X\0A: b"),
    "a control character in a value": get("X-A: b\x01c"),
    "DEL in a value": get("X-A: b\x7fc"),
    "a space before the colon": get("X-A : b"),
    "a tab before the colon": get("X-A\t: b"),
    "a space in a name": get("X A: b"),
    "an empty name": get(": b"),
    "no colon": get("X-A"),
    "a name with a bracket": get("X(A): b"),
    "a name with 8 bits": get("X\xe9: b"),
    "no Host": get(host=""),
    "two Hosts": get("Host: b"),
    "two equal Hosts": get("Host: a"),
    "empty Host": get(host="Host:\r\n"),
    "Host with userinfo": get(host="Host: u@a\r\n"),
    "Host with percent": get(host="Host: a%2eb\r\n"),
    "Host with a bad port": get(host="Host: a:99999\r\n"),
    "Host with a word as port": get(host="Host: a:http\r\n"),
    "Host with a path": get(host="Host: a/b\r\n"),
    "Host with a space": get(host="Host: a b\r\n"),
    "Host with a comma": get(host="Host: a,b\r\n"),
    "two spaces in the line": get(line="GET  /app HTTP/1.1"),
    "a tab in the line": get(line="GET\t/app HTTP/1.1"),
    "a space before the line": get(line=" GET /app HTTP/1.1"),
    "a space after the line": get(line="GET /app HTTP/1.1 "),
    "a space in the target": get(line="GET /app x HTTP/1.1"),
    "no version (0.9)": "GET /app\r\n\r\n",
    "a method with a bracket": get(line="G[T /app HTTP/1.1"),
    "garbage": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "two empty lines first": "\r\n\r\n" + get(),
}


def send(bearward, text):
    """(the connection, its first answer) after these bytes with a good token in them."""
    wire = bearward.connect()
    wire.send(text.replace("TOKEN", mint()).encode("latin-1"))
    return wire, wire.response()


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.replace(" ", "_"))
def test_refused_with_400_and_closed(bearward, app, case):
    wire, answer = send(bearward, REFUSED[case])
    with wire:
        assert answer.status == 400, answer
        assert answer.body == b'{"detail":"Bad Request"}'
        assert answer.get("Connection") == "close" and wire.is_closed()
    assert app.heads == []


BAD_CHUNKS = {
    "no hex": "xyz\r\nhello\r\n0\r\n\r\n",
    "0x": "0x5\r\nhello\r\n0\r\n\r\n",
    "minus": "-5\r\nhello\r\n0\r\n\r\n",
    "plus": "+5\r\nhello\r\n0\r\n\r\n",
    "a space before": " 5\r\nhello\r\n0\r\n\r\n",
    "a bare LF after the size": "5\nhello\r\n0\r\n\r\n",
    "a bare LF after the data": "5\r\nhello\n0\r\n\r\n",
    "a bare LF in an extension": "5;a\nb\r\nhello\r\n0\r\n\r\n",
    "a bare CR in an extension": "5;a\rb\r\nhello\r\n0\r\n\r\n",
    "too much data": "5\r\nhello!\r\n0\r\n\r\n",
    "an empty size": "\r\nhello\r\n0\r\n\r\n",
    "a long size line": "5;" + "x" * 300 + "\r\nhello\r\n0\r\n\r\n",
    "an overflowing size": "10000000000000005\r\nhello\r\n0\r\n\r\n",
    "a size over 63 bits": "8000000000000000\r\nhello\r\n0\r\n\r\n",
    "a bare LF at the end": "5\r\nhello\r\n0\n\n",
    "a bad trailer": "5\r\nhello\r\n0\r\nX A: b\r\n\r\n",
    "a folded trailer": "5\r\nhello\r\n0\r\nX-A: b\r\n c\r\n\r\n",
}


@pytest.mark.parametrize("case", BAD_CHUNKS, ids=lambda case: case.replace(" ", "_"))
def test_a_malformed_chunk_ends_the_request_and_the_connection(bearward, app, case):
    with bearward.connect() as wire:
        wire.send(post("Transfer-Encoding: chunked", body=BAD_CHUNKS[case] + SMUGGLED).replace("TOKEN", mint()).encode())
        everything = wire.rest()
    assert everything == b"" or everything.startswith(b"HTTP/1.1 400 "), everything
    assert everything.count(b"HTTP/1.1") <= 1
    assert app.requests == []
    # And the app's connections are still in step with ours.
    assert bearward.fetch(target="/app/after", headers=bearer(mint())).status == 200
    assert [request.target for request in app.requests] == ["/app/after"]


@pytest.mark.parametrize("line, status, closes", [
    ("GET /app HTTP/2.0", 505, True), ("GET /app HTTP/1.2", 505, True), ("GET /app HTTP/0.9", 505, True), ("GET /app HTTP/3.0", 505, True),
    ("CONNECT a:443 HTTP/1.1", 405, True), ("TRACE /app HTTP/1.1", 405, False), ("get /app HTTP/1.1", 400, True), ("Get /app HTTP/1.1", 400, True),
    ("deletE /app HTTP/1.1", 400, True), ("x-purge /app HTTP/1.1", 400, True), ("trace /app HTTP/1.1", 400, True), ("connect a:443 HTTP/1.1", 400, True),
])
def test_versions_and_methods_that_are_not_served(bearward, app, line, status, closes):
    wire, answer = send(bearward, get(line=line))
    with wire:
        assert answer.status == status, answer
        assert not closes or (answer.get("Connection") == "close" and wire.is_closed())
        assert status != 405 or "GET" in [method.strip() for method in answer.get("Allow").split(",")]
    assert app.heads == []


def test_trace_is_told_the_methods_that_its_path_serves(bearward, app):
    wire, answer = send(bearward, get(line="TRACE /only-get HTTP/1.1"))
    with wire:
        assert answer.status == 405 and {method.strip() for method in answer.get("Allow").split(",")} == {"GET", "HEAD"}
    assert app.heads == []


@pytest.mark.parametrize("connection", ["close", "keep-alive", "Upgraded", None])
def test_an_upgrade_that_connection_does_not_name_is_dropped(bearward, app, connection):
    fields = ["Upgrade: websocket", "Sec-WebSocket-Version: 7", "Sec-WebSocket-Key: no key", *([f"Connection: {connection}"] if connection else [])]
    wire, answer = send(bearward, get(*fields))
    with wire:
        assert answer.status == 200
    assert app.last.get("Upgrade") is None and app.last.get("Connection") is None


def test_http2_prior_knowledge_is_refused(bearward, app):
    wire, answer = send(bearward, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    with wire:
        assert answer.status in (400, 505) and wire.is_closed()
    assert app.heads == []


def test_an_expectation_other_than_100_continue_is_417(bearward, app):
    wire, answer = send(bearward, get("Expect: 200-ok"))
    with wire:
        assert answer.status == 417
    assert app.heads == []


@pytest.mark.parametrize("text, status", [
    (get("X-A: " + "x" * 40000), 431),
    (get(*(f"X-{i}: y" for i in range(200))), 431),
    (get(line="GET /app?" + "x" * 20000 + " HTTP/1.1"), 414),
], ids=["head", "count", "target"])
def test_limits_of_the_head(bearward, app, text, status):
    wire, answer = send(bearward, text)
    with wire:
        assert answer.status == status
        assert bearward.access_record(answer.get("X-Request-Id"))["reason"] == "limit_exceeded"
    assert app.heads == []


def test_one_empty_line_before_a_request_is_skipped(bearward, app):
    wire, answer = send(bearward, "\r\n" + get())
    with wire:
        assert answer.status == 200


def test_bytes_in_any_portions_are_the_same_request(bearward, app):
    data = post("Transfer-Encoding: chunked", body="5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n").replace("TOKEN", mint()).encode()
    with bearward.connect() as wire:
        for index in range(len(data)):
            wire.send(data[index:index + 1])
        assert wire.response().status == 200
    assert app.last.body == b"hello!"


def test_pipelined_requests_are_answered_in_order(bearward, app):
    token = mint()
    with bearward.connect() as wire:
        wire.send(b"".join(f"GET /app/{i} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n".encode() for i in range(20)))
        for i in range(20):
            answer = wire.response()
            assert answer.status == 200 and f'"/app/{i}"'.encode() in answer.body
    assert [request.target for request in app.requests] == [f"/app/{i}" for i in range(20)]


def test_each_pipelined_request_is_judged_by_itself(bearward, app):
    token = mint()
    parts = [
        f"GET /app/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n",
        "GET /app/2 HTTP/1.1\r\nHost: a\r\n\r\n",
        f"POST /app/3 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nAuthorization: Bearer {token}\r\n\r\nabc",
        "POST /app/4 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        f"GET /app/5 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n",
    ]
    with bearward.connect() as wire:
        wire.send("".join(parts).encode())
        assert [wire.response().status for _ in parts] == [200, 401, 200, 401, 200]
    assert [request.target for request in app.requests] == ["/app/1", "/app/3", "/app/5"]
