"""Limits of time and number: none of them is the client's to choose."""

import json
import socket
import time

import pytest
from tokens import bearer, mint
from wire import request

CONFIGURATION = """
version: 1
threads: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers: {main: {type: jwt, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}}
routes: [{prefix: /, name: all, upstream: app, providers: [main]}]
limits:
  max_connections: 4
  request_head_timeout: 1s
  request_body_timeout: 1s
  write_timeout: 1s
  idle_timeout: 2s
  max_request_head: 4KiB
  max_request_target: 1KiB
  max_request_headers: 20
  max_response_head: 4KiB
  max_token: 1KiB
"""


@pytest.fixture(autouse=True)
def alone(bearward):
    """Waits until the connections of the test before are gone: there are only four."""
    deadline = time.monotonic() + 10
    while json.loads(bearward.admin("/status")[1])["connections"] > 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_connections_over_the_limit_wait_for_a_free_place(bearward, app):
    held = [bearward.connect() for _ in range(4)]
    try:
        for wire in held:
            wire.send(request("GET", "/a", bearer(mint())))
            assert wire.response().status == 200
        with bearward.connect() as fifth:
            fifth.send(request("GET", "/fifth", bearer(mint())))
            fifth.socket.settimeout(0.5)
            with pytest.raises(TimeoutError):
                fifth.socket.recv(1)
            assert "/fifth" not in [each.target for each in app.requests]
            fifth.socket.settimeout(10)
            held.pop().socket.close()
            assert fifth.response().status == 200
    finally:
        for wire in held:
            wire.socket.close()


def test_a_slow_head_is_408(bearward, app):
    with bearward.connect() as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n")
        began = time.monotonic()
        for _ in range(20):  # a byte now and then does not buy time
            try:
                wire.send(b"X")
            except ConnectionError:
                break
            time.sleep(0.1)
            if time.monotonic() - began > 1.6:
                break
        assert wire.response().status == 408
        assert wire.is_closed() and time.monotonic() - began < 5
    assert app.heads == []


def test_a_body_that_stops_ends_the_request(bearward, app):
    with bearward.connect() as wire:
        wire.send(request("POST", "/a", {**bearer(mint()), "Content-Length": "100"}) + b"half")
        began = time.monotonic()
        everything = wire.rest()
        assert everything == b"" or everything.startswith(b"HTTP/1.1 408 ")
        assert 0.8 < time.monotonic() - began < 5
    assert app.requests == []


def test_a_body_that_goes_on_slowly_is_fine(bearward, app):
    with bearward.connect() as wire:
        wire.send(request("POST", "/a", {**bearer(mint()), "Content-Length": "6"}))
        for byte in b"slowly":
            wire.send(bytes([byte]))
            time.sleep(0.4)
        assert wire.response().status == 200
    assert app.last.body == b"slowly"


def test_a_client_that_does_not_read_is_dropped(bearward, app):
    ended = []

    async def endless(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"10000\r\n" + bytes(65536) + b"\r\n")
                await writer.drain()
        finally:
            ended.append(time.monotonic())

    app.on("/endless", endless)
    with bearward.connect() as wire:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.send(request("GET", "/endless", bearer(mint())))
        wire.head()
        deadline = time.monotonic() + 10
        while not ended:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_idle_connections_are_closed(bearward):
    with bearward.connect() as silent, bearward.connect() as used:
        began = time.monotonic()
        used.send(request("GET", "/a", bearer(mint())))
        assert used.response().status == 200
        assert used.is_closed() and silent.is_closed()
        assert 1.5 < time.monotonic() - began < 6


@pytest.mark.parametrize("make, status", [
    (lambda: request("GET", "/a", {"X-A": "x" * 4100, **bearer(mint())}), 431),
    (lambda: request("GET", "/a", {**{f"X-{n}": "1" for n in range(25)}, **bearer(mint())}), 431),
    (lambda: request("GET", "/a?" + "x" * 1100, bearer(mint())), 414),
    (lambda: request("GET", "/a", bearer(mint(padding="x" * 1000))), 401),
    (lambda: request("GET", "/a?" + "x" * 900, {"X-A": "x" * 1000, **bearer(mint())}), 200),
], ids=["head", "headers", "target", "token", "within"])
def test_sizes(bearward, make, status):
    with bearward.connect() as wire:
        wire.send(make())
        assert wire.response().status == status


def test_trailers_count_too(bearward, app):
    with bearward.connect() as wire:
        wire.send(request("POST", "/a", {**bearer(mint()), "Transfer-Encoding": "chunked"}, b"1\r\nx\r\n0\r\n" + b"X-A: " + b"y" * 8000 + b"\r\n\r\n"))
        everything = wire.rest()
        assert everything == b"" or everything.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    assert app.requests == []


def test_a_responses_head(bearward, app):
    app.on("/big", b"HTTP/1.1 200 OK\r\nX-A: " + b"y" * 5000 + b"\r\nContent-Length: 0\r\n\r\n")
    assert bearward.fetch(target="/big", headers=bearer(mint())).status == 502
