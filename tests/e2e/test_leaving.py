"""Clients that leave: while the app thinks, in their own body, in the answer's. The app's work ends, and the log says so."""

import asyncio
import json
import socket
import struct
import threading
import time

import pytest
from conftest import SLOWNESS
from tokens import bearer, mint
from wire import request


class watched:
    """A handler that begins, then waits until its connection ends."""

    def __init__(self, first=b""):
        self.first = first
        self.began = threading.Event()
        self.ended = threading.Event()

    async def __call__(self, _, reader, writer):
        writer.write(self.first)
        await writer.drain()
        self.began.set()
        while await reader.read(65536):
            pass
        self.ended.set()
        return "close"


def leave(wire, how):
    if how == "reset":
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.socket.close()


def sent(request_id, target="/app/watched", **more):
    return request("GET", target, {**bearer(mint()), "X-Request-Id": request_id, **more})


def settle(bearward):
    """Nothing of the client is left behind."""
    deadline = time.monotonic() + 10 * SLOWNESS
    while json.loads(bearward.admin("/status")[1])["connections"] > 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert bearward.fetch(target="/app", headers=bearer(mint())).status == 200


def test_while_the_app_thinks(bearward, app):
    handler = watched()
    app.on("/app/watched", handler)
    with bearward.connect() as wire:
        wire.send(sent("thinks"))
        assert handler.began.wait(10)
        leave(wire, "reset")
        assert handler.ended.wait(5 * SLOWNESS), "the app's work goes on for nobody"
    record = bearward.access_record("thinks")
    assert record["status"] == 499 and record["bytes_out"] == 0 and record["reason"] == "ok"
    settle(bearward)


@pytest.mark.parametrize("how", ["reset", "close"])
def test_in_the_answers_body(bearward, app, how):
    handler = watched(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50000)
    app.on("/app/watched", handler)
    with bearward.connect() as wire:
        wire.send(sent("answer-" + how))
        assert len(wire.exactly(20000)) == 20000
        leave(wire, how)
        assert handler.ended.wait(5 * SLOWNESS) or how == "close"
    if how == "reset":
        record = bearward.access_record("answer-reset")
        assert record["status"] == 200 and 50000 < record["bytes_out"] < 51000
        settle(bearward)


@pytest.mark.parametrize("how", ["reset", "close"])
def test_in_the_middle_of_an_endless_answer(bearward, app, how):
    ended = threading.Event()

    async def endless(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"5\r\nhello\r\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        finally:
            ended.set()

    app.on("/app/endless", endless)
    with bearward.connect() as wire:
        wire.send(sent("endless-" + how, "/app/endless"))
        wire.until(b"hello")
        leave(wire, how)
    assert ended.wait(10 * SLOWNESS)
    assert bearward.access_record("endless-" + how)["bytes_out"] > 0
    settle(bearward)


@pytest.mark.parametrize("how", ["reset", "close"])
def test_in_its_own_body(bearward, app, how):
    with bearward.connect() as wire:
        wire.send(request("POST", "/app/upload", {**bearer(mint()), "Content-Length": "1000", "X-Request-Id": "upload-" + how}) + b"x" * 500)
        deadline = time.monotonic() + 10
        while not [each for each in app.heads if each.target == "/app/upload"]:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        leave(wire, how)
    assert bearward.access_record("upload-" + how)["status"] == 499
    assert not [each for each in app.requests if each.target == "/app/upload"]  # never a whole one
    settle(bearward)


def test_many_that_leave_cost_the_others_nothing(bearward, app):
    app.on("/app/watched", watched())
    for number in range(100):
        with bearward.connect() as wire:
            wire.send(sent(f"many-{number}"))
            leave(wire, "reset")
    settle(bearward)
