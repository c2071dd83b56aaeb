"""curl, python3-httpx and undici as clients of an app on Node's http server."""

import asyncio
import json
import subprocess

import httpx
import peers
import pytest
from conftest import SLOWNESS
from tokens import bearer, mint


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    yield from peers.open_stage(tmp_path_factory)


def curl(*arguments, stdin=b""):
    run = subprocess.run(["curl", "-sS", "--max-time", str(30 * SLOWNESS), "-H", "Authorization: Bearer " + mint(), *arguments], input=stdin, capture_output=True, check=True)
    return run.stdout.decode("latin-1")


def undici(action, url, size=0, token=None):
    run = subprocess.run(
        ["node", str(peers.HERE / "undici_client.js"), action, url, token or mint(), str(size)], env=peers.NODE_ENVIRONMENT, capture_output=True, timeout=35 * SLOWNESS)
    assert run.returncode == 0, run.stderr.decode()
    return json.loads(run.stdout)


def test_curl_keeps_its_connection(proxy):
    urls = [proxy.url + "/node/hello"] * 10
    out = curl("-w", "%{num_connects} %{http_code} %{local_port}\n", *urls)
    lines = [line.removeprefix("hello") for line in out.strip().split("\n")]
    assert [line.split()[:2] for line in lines] == [["1", "200"]] + [["0", "200"]] * 9
    assert len({line.split()[2] for line in lines}) == 1


def test_curl_in_chunks_both_ways(proxy):
    out = curl("-i", "-X", "POST", "-T", "-", proxy.url + "/node/echo", stdin=b"from a pipe")
    head, body = out.rsplit("\r\n\r\n", 1)
    assert "X-Framing: chunked" in head and "Transfer-Encoding: chunked" in head
    assert body == "from a pipe"


def test_curl_waits_for_100_continue(proxy):
    out = curl("-i", "-H", "Expect: 100-continue", "--expect100-timeout", "20", "-d", "x" * 1000, proxy.url + "/node/echo")
    assert out.startswith("HTTP/1.1 100 Continue\r\n")
    assert "X-Continued: yes" in out and out.endswith("x" * 1000)


def test_curl_is_refused_before_it_sends(proxy):
    out = subprocess.run(
        ["curl", "-sS", "-i", "--max-time", "30", "-H", "Expect: 100-continue", "--expect100-timeout", "20", "-w", " %{size_upload}", "-d", "x" * 1000,
         proxy.url + "/node/echo"], capture_output=True, check=True).stdout.decode()
    assert out.startswith("HTTP/1.1 401 ") and "100 Continue" not in out
    assert out.endswith(" 0")


def test_curl_is_refused_by_the_app_before_it_sends(proxy):
    out = curl("-i", "-H", "Expect: 100-continue", "--expect100-timeout", "20", "-w", " %{size_upload}", "-d", "x" * 1000, proxy.url + "/node/refuse/echo")
    assert out.startswith("HTTP/1.1 403 ") and "not that" in out and out.endswith(" 0")


def test_curl_gets_trailers_when_it_takes_them(proxy):
    out = curl("-i", "-H", "TE: trailers", proxy.url + "/node/trailers")
    assert "body with trailers" in out and "X-Sum: 42" in out
    out = curl("-i", proxy.url + "/node/trailers")
    assert out.endswith("body with trailers") and "X-Sum: 42" not in out


def test_curl_gets_early_hints(proxy):
    out = curl("-i", proxy.url + "/node/hints")
    assert out.startswith("HTTP/1.1 103 Early Hints\r\n") and "link: </style.css>" in out.lower() and out.endswith("after hints")


def test_curl_over_http_1_0(proxy):
    out = curl("-i", "--http1.0", proxy.url + "/node/trailers")
    assert "Transfer-Encoding" not in out and out.endswith("body with trailers")
    assert "100 Continue" not in curl("-i", "--http1.0", "-d", "x" * 100, proxy.url + "/node/echo")


@pytest.mark.parametrize("what, status", [("nothing", 204), ("same", 304)])
def test_curl_and_answers_without_a_body(proxy, what, status):
    out = curl("-w", "%{http_code} %{num_connects}\n", *[proxy.url + "/node/" + what] * 3)
    assert out == f"{status} 1\n{status} 0\n{status} 0\n"
    out = curl("-I", proxy.url + "/node/hello")
    assert out.startswith("HTTP/1.1 200 ") and out.endswith("\r\n\r\n")


def test_httpx_keeps_its_connection(proxy):
    with httpx.Client(headers=bearer(mint())) as client:
        ports = []
        for number in range(10):
            answer = client.post(proxy.url + "/node/echo", content=f"number {number}".encode())
            assert answer.status_code == 200 and answer.text == f"number {number}"
            ports.append(answer.headers["X-Port"])
        assert len(set(ports)) == 1, ports  # and the proxy its own


def test_httpx_in_chunks_both_ways(proxy):
    def pieces():
        for number in range(100):
            yield b"%d " % number

    with httpx.Client(headers=bearer(mint()), timeout=30) as client:
        answer = client.post(proxy.url + "/node/echo", content=pieces())
        assert answer.headers["X-Framing"] == "chunked" and answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.content == b"".join(pieces())


def test_httpx_reads_events_as_they_come(proxy):
    with httpx.Client(headers=bearer(mint()), timeout=30) as client, client.stream("GET", proxy.url + "/node/events") as answer:
        pieces = [piece for piece in answer.iter_text() if piece]
    assert "".join(pieces) == "".join(f"data: {number}\n\n" for number in range(5))
    assert len(pieces) > 1  # they did not wait for the end


def test_httpx_reads_a_body_until_the_close(proxy):
    with httpx.Client(headers=bearer(mint())) as client:
        for _ in range(3):
            assert client.get(proxy.url + "/node/until-close").text == "until the close"


def test_httpx_with_many_requests_at_once(proxy):
    async def run():
        async with httpx.AsyncClient(headers=bearer(mint()), timeout=60, limits=httpx.Limits(max_connections=20)) as client:
            return await asyncio.gather(*(client.post(proxy.url + "/node/echo", content=b"x" * number) for number in range(200)))

    answers = asyncio.run(run())
    assert [len(answer.content) for answer in answers] == list(range(200))


def test_undici_keeps_its_connection(proxy):
    assert undici("keep", proxy.url + "/node/echo") == [[200, f"number {number}"] for number in range(20)]


def test_undici_pipelines(proxy):
    assert undici("pipeline", proxy.url + "/node/hello") == [[200, "hello"]] * 100


def test_undici_in_chunks_both_ways(proxy):
    assert undici("chunked", proxy.url + "/node/echo") == [200, "one two three", "chunked", "chunked"]


def test_undici_gets_trailers(proxy):
    status, body, trailers = undici("trailers", proxy.url + "/node/trailers")
    assert (status, body) == (200, "body with trailers")
    assert {name.lower(): value for name, value in trailers.items()}["x-sum"] == "42"


def test_undicis_fetch(proxy):
    answers = undici("fetch", proxy.url + "/node/echo")
    assert answers == [["GET", 200, ""], ["POST", 200, "body"], ["PUT", 200, "body"], ["DELETE", 200, ""], ["HEAD", 200, ""],
                       ["GET", 401, 'Bearer realm="bearward"']]
