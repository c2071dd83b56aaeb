"""uvicorn, nginx and Node's http server as the protected app."""

import asyncio
import json
import threading

import httpx
import peers
import pytest
from tokens import bearer, mint
from wire import request


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    yield from peers.open_stage(tmp_path_factory)


@pytest.fixture(params=["node", "uvicorn", "nginx"])
def server(request):
    return request.param


@pytest.fixture(params=["node", "uvicorn"])
def app(request):
    """Those that run a program."""
    return request.param


def chunks(*pieces, trailers=b""):
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n" + trailers + b"\r\n"


def test_both_connections_are_kept(proxy, server):
    with proxy.connect() as wire:
        ports = set()
        for _ in range(10):
            wire.send(request("GET", f"/{server}/hello", bearer(mint())))
            answer = wire.response()
            assert (answer.status, answer.body) == (200, b"hello")
            ports.add(answer.get("X-Port"))
    assert len(ports) <= 2  # one a worker


def test_requests_in_a_row_without_waiting(proxy, server):
    with proxy.connect() as wire:
        wire.send(request("GET", f"/{server}/hello", bearer(mint())) * 30)
        for _ in range(30):
            assert wire.response().body == b"hello"


def test_head_no_content_and_not_modified(proxy, server):
    with proxy.connect() as wire:
        for _ in range(3):
            wire.send(request("HEAD", f"/{server}/hello", bearer(mint())))
            assert wire.response(to_head=True).status == 200
            wire.send(request("GET", f"/{server}/nothing", bearer(mint())))
            assert wire.response().status == 204
            wire.send(request("GET", f"/{server}/same", bearer(mint())))
            assert wire.response().status == 304
            wire.send(request("GET", f"/{server}/hello", bearer(mint())))
            assert wire.response().body == b"hello"


@pytest.mark.parametrize("size", [0, 1, 4095, 16384, 16385, 65536, 1_000_000])
def test_bodies_with_a_length_come_back(proxy, app, size):
    body = b"".join(peers.blocks(size))
    answer = proxy.fetch("POST", f"/{app}/echo", {**bearer(mint()), "Content-Length": str(size)}, body)
    assert answer.body == body and answer.get("X-Framing") == str(size)


@pytest.mark.parametrize("size", [1, 777, 65536])
def test_chunks_come_back(proxy, app, size):
    body = b"".join(peers.blocks(300_000))
    pieces = [body[start:start + size] for start in range(0, min(len(body), size * 500), size)]
    with proxy.connect() as wire:
        sender = threading.Thread(target=wire.send, args=(request("POST", f"/{app}/echo", {**bearer(mint()), "Transfer-Encoding": "chunked"}, chunks(*pieces)),))
        sender.start()
        answer = wire.response()
        sender.join()
    assert answer.body == b"".join(pieces) and answer.get("X-Framing") == "chunked"


def test_100_continue_comes_from_the_app(proxy, app):
    with proxy.connect() as wire:
        wire.send(request("POST", f"/{app}/echo", {**bearer(mint()), "Content-Length": "4", "Expect": "100-continue"}))
        assert wire.head().status == 100
        wire.send(b"body")
        assert wire.response().body == b"body"


def test_100_continue_comes_from_nginx(proxy):
    with proxy.connect() as wire:
        wire.send(request("PUT", "/nginx/files/continue", {**bearer(mint()), "Content-Length": "4", "Expect": "100-continue"}))
        assert wire.head().status == 100
        wire.send(b"body")
        assert wire.response().status in (201, 204)
    assert proxy.fetch(target="/nginx/files/continue", headers=bearer(mint())).body == b"body"


def test_nginx_refuses_a_body_before_it_is_sent(proxy):
    with proxy.connect() as wire:
        wire.send(request("PUT", "/nginx/small/x", {**bearer(mint()), "Content-Length": "4000", "Expect": "100-continue"}))
        assert wire.response().status == 413


def test_nginx_refuses_a_body_while_it_is_sent(proxy):
    with proxy.connect() as wire:
        wire.send(request("PUT", "/nginx/small/x", {**bearer(mint()), "Content-Length": "4000"}, b"x" * 2000))
        answer = wire.response()
        assert answer.status == 413 and answer.get("Connection") == "close"


@pytest.mark.parametrize("framing", [{"Content-Length": "100000"}, {"Transfer-Encoding": "chunked"}], ids=["length", "chunked"])
def test_nginx_keeps_what_is_put(proxy, framing):
    body = b"".join(peers.blocks(100_000))
    sent = body if "Content-Length" in framing else chunks(body[:777], body[777:50_000], body[50_000:])
    assert proxy.fetch("PUT", "/nginx/files/put", {**bearer(mint()), **framing}, sent).status in (201, 204)
    assert proxy.fetch(target="/nginx/files/put", headers=bearer(mint())).body == body
    part = proxy.fetch(target="/nginx/files/put", headers={**bearer(mint()), "Range": "bytes=65536-65600"})
    assert part.status == 206 and part.body == body[65536:65601]


@pytest.mark.parametrize("server", ["node", "nginx"])
def test_trailers_of_the_answer(proxy, server):
    with proxy.connect() as wire:
        for te, expected in (({"TE": "trailers", "Connection": "TE"}, True), ({}, False), ({"TE": "trailers"}, True)):
            wire.send(request("GET", f"/{server}/trailers", {**bearer(mint()), **te}))
            answer = wire.response()
            assert answer.body == b"body with trailers"
            lines = getattr(answer, "trailer_lines", [])
            assert ("X-Sum: 42" in lines) == expected, lines
            assert expected or not lines


def test_trailers_of_the_request_end_here(proxy):
    body = chunks(b"body", trailers=b"X-User-Id: root\r\nX-Sum: 1\r\n")
    answer = proxy.fetch("POST", "/node/digest", {**bearer(mint()), "Transfer-Encoding": "chunked", "Trailer": "X-Sum"}, body)
    seen = json.loads(answer.body)
    assert seen["length"] == 4 and seen["trailers"] == [] and seen["headers"]["x-user-id"] == "u-1"


def test_events_come_as_they_are_sent(proxy, app):
    with proxy.connect() as wire:
        wire.send(request("GET", f"/{app}/events", bearer(mint())))
        wire.head()
        for number in range(5):
            assert wire.chunk() == b"data: %d\n\n" % number
        assert wire.chunk() == b""


def test_a_client_that_leaves_ends_the_apps_work(proxy, app):
    """The app is still there for the next one, many times."""
    for _ in range(20):
        with proxy.connect() as wire:
            wire.send(request("GET", f"/{app}/data?size=100000000", bearer(mint())))
            wire.head()
    assert proxy.fetch(target=f"/{app}/hello", headers=bearer(mint())).body == b"hello"


def test_many_clients_at_once(proxy, server):
    async def run():
        async with httpx.AsyncClient(headers=bearer(mint()), timeout=60, limits=httpx.Limits(max_connections=30)) as client:
            return await asyncio.gather(*(client.get(f"{proxy.url}/{server}/hello") for _ in range(300)))

    assert [answer.text for answer in asyncio.run(run())] == ["hello"] * 300
