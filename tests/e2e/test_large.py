"""Bodies far larger than any buffer: whole, and with flat memory."""

import asyncio
import hashlib
import json
import subprocess
import time

from conftest import SLOWNESS
from tokens import bearer, mint

MIB = 1 << 20
SIZE = 200 * MIB
ALLOWED = 16 * MIB if SLOWNESS == 1 else 96 * MIB  # sanitizers keep freed memory for a while


async def source(_, __, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
    block = bytes(range(256)) * 1024
    sent = 0
    while sent < SIZE:
        writer.write(block)
        await writer.drain()
        sent += len(block)
        source.sent = sent


def curl(*arguments):
    return subprocess.run(["curl", "-sS", "--max-time", str(30 * SLOWNESS), *arguments], capture_output=True, check=True).stdout


def warm(bearward):
    """One exchange, so that pools and buffers exist before memory is measured."""
    assert bearward.fetch(target="/app", headers=bearer(mint())).status == 200
    return bearward.memory("VmHWM")


def sparse_file(tmp_path):
    path = tmp_path / "upload"
    with open(path, "wb") as file:
        file.truncate(SIZE)
    return path


def expected_hash():
    digest = hashlib.sha256()
    for _ in range(SIZE // MIB):
        digest.update(bytes(MIB))
    return digest.hexdigest()


def test_an_upload_with_content_length(bearward, app, tmp_path):
    before = warm(bearward)
    answer = json.loads(curl("-T", str(sparse_file(tmp_path)), "-H", "Expect:", "-H", "Authorization: Bearer " + mint(), bearward.url + "/sink"))
    assert answer["body_length"] == SIZE and answer["body_hash"] == expected_hash()
    assert app.last.get("Content-Length") == str(SIZE)
    assert bearward.memory("VmHWM") - before < ALLOWED


def test_a_chunked_upload(bearward, app, tmp_path):
    before = warm(bearward)
    answer = json.loads(curl("-T", str(sparse_file(tmp_path)), "-H", "Transfer-Encoding: chunked", "-H", "Authorization: Bearer " + mint(),
                             bearward.url + "/sink"))
    assert answer["body_length"] == SIZE and answer["body_hash"] == expected_hash()
    assert app.last.get("Transfer-Encoding") == "chunked"
    assert bearward.memory("VmHWM") - before < ALLOWED


def test_a_download(bearward, app):
    app.on("/app/source", source)
    before = warm(bearward)
    with bearward.connect() as wire:
        wire.send(b"GET /app/source HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % mint().encode())
        head = wire.head()
        assert head.get("Content-Length") == str(SIZE)
        received, digest = len(wire.buffer), hashlib.sha256(wire.buffer)
        while received < SIZE:
            data = wire.socket.recv(MIB)
            assert data
            received += len(data)
            digest.update(data)
    expected = hashlib.sha256()
    for _ in range(SIZE // MIB):
        expected.update(bytes(range(256)) * 4096)
    assert digest.hexdigest() == expected.hexdigest()
    assert bearward.memory("VmHWM") - before < ALLOWED


def test_a_client_that_does_not_read_holds_the_upstream_back(bearward, app):
    app.on("/app/source", source)
    source.sent = 0
    before = warm(bearward)
    with bearward.connect() as wire:
        wire.send(b"GET /app/source HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % mint().encode())
        wire.head()
        last = -1
        while source.sent != last:  # until it stands still
            last = source.sent
            time.sleep(0.5)
        assert 0 < source.sent < 64 * MIB  # the kernel's socket buffers and no more
        assert bearward.memory("VmHWM") - before < ALLOWED


def test_an_upstream_that_does_not_read_holds_the_client_back(bearward, app):
    async def stall(*_):
        await asyncio.sleep(60)

    async def never(*_):
        return "close"

    never.before_body = stall
    app.on("/sink/stall", never)
    before = warm(bearward)
    with bearward.connect() as wire:
        wire.send(b"POST /sink/stall HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\nAuthorization: Bearer %s\r\n\r\n" % (SIZE, mint().encode()))
        wire.socket.settimeout(1)
        sent = 0
        try:
            while sent < SIZE:
                sent += wire.socket.send(bytes(MIB))
        except (TimeoutError, ConnectionError):
            pass
        assert sent < 64 * MIB
        assert bearward.memory("VmHWM") - before < ALLOWED


def test_a_refused_upload_is_not_read(bearward, app, tmp_path):
    with bearward.connect() as wire:
        wire.send(b"POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % SIZE)
        sent = 0
        try:
            while sent < SIZE:
                wire.send(bytes(65536))
                sent += 65536
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 64 * MIB
    assert app.heads == []
    with bearward.connect() as wire:
        wire.send(b"POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % SIZE)
        answer = wire.response()
        assert answer.status == 401 and answer.get("Connection") == "close"
