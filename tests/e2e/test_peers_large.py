"""Large bodies through real peers, each way: every byte arrives, and memory stays flat. 256 MiB; BEARWARD_LARGE_MIB says otherwise."""

import hashlib
import json
import signal
import subprocess

import httpx
import peers
import pytest
from conftest import SLOWNESS
from peers import LARGE
from tokens import bearer, mint

SECONDS = 40 * SLOWNESS * max(1, LARGE // (256 * peers.MIB))
ALLOWED = (16 if SLOWNESS == 1 else 96) * peers.MIB


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    yield from peers.open_stage(tmp_path_factory)


@pytest.fixture(scope="module")
def expected():
    return {"length": LARGE, "md5": peers.digest_of(LARGE)}


@pytest.fixture(autouse=True)
def flat(proxy, time_limit):
    """Time enough, and the proxy's highest memory use before and after."""
    signal.alarm(SECONDS)
    assert proxy.fetch(target="/node/hello", headers=bearer(mint())).status == 200
    before = proxy.memory("VmHWM")
    yield
    assert proxy.memory("VmHWM") - before < ALLOWED


def curl(*arguments, sent=None):
    """The body's digest, piece by piece."""
    command = ["curl", "-sS", "--fail", "--max-time", str(SECONDS), "-H", "Authorization: Bearer " + mint(), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE if sent else subprocess.DEVNULL, stdout=subprocess.PIPE)
    if sent:
        for block in sent:
            process.stdin.write(block)
        process.stdin.close()
    digest, length, start = hashlib.md5(), 0, b""
    while piece := process.stdout.read(peers.MIB):
        digest.update(piece)
        length += len(piece)
        start = (start + piece)[:4096]
    assert process.wait() == 0
    return {"length": length, "md5": digest.hexdigest()}, start


@pytest.mark.parametrize("app", ["node", "uvicorn"])
@pytest.mark.parametrize("query", ["", "&length=1"], ids=["chunked", "length"])
def test_curl_downloads(proxy, app, query, expected):
    assert curl(f"{proxy.url}/{app}/data?size={LARGE}{query}")[0] == expected


@pytest.mark.parametrize("app", ["node", "uvicorn"])
def test_curl_uploads_in_chunks(proxy, app, expected):
    _, answer = curl("-X", "POST", "-T", "-", f"{proxy.url}/{app}/digest", sent=peers.blocks(LARGE))
    seen = json.loads(answer)
    assert {name: seen[name] for name in expected} == expected


def test_nginx_takes_a_file_and_gives_it_back(proxy, expected, tmp_path):
    with open(tmp_path / "large", "wb") as file:
        file.writelines(peers.blocks(LARGE))
    curl("-T", str(tmp_path / "large"), proxy.url + "/nginx/large")
    (tmp_path / "large").unlink()
    assert curl(proxy.url + "/nginx/large")[0] == expected
    curl("-X", "DELETE", proxy.url + "/nginx/large")


def test_undici_both_ways(proxy, expected):
    for action, what in (("upload", "digest"), ("download", "data")):
        run = subprocess.run(
            ["node", str(peers.HERE / "undici_client.js"), action, f"{proxy.url}/node/{what}", mint(), str(LARGE)], env=peers.NODE_ENVIRONMENT, capture_output=True)
        assert run.returncode == 0, run.stderr.decode()
        status, seen = json.loads(run.stdout)
        assert status == 200 and {name: seen[name] for name in expected} == expected


def test_httpx_both_ways_in_chunks(proxy, expected):
    size = LARGE // 4  # in Python, piece by piece, it takes its time
    with httpx.Client(headers=bearer(mint()), timeout=SECONDS) as client:
        seen = client.post(proxy.url + "/node/digest", content=peers.blocks(size)).json()
        assert seen["length"] == size and seen["md5"] == peers.digest_of(size)
        digest, length = hashlib.md5(), 0
        with client.stream("GET", f"{proxy.url}/node/data?size={size}") as answer:
            for piece in answer.iter_bytes():
                digest.update(piece)
                length += len(piece)
        assert length == size and digest.hexdigest() == peers.digest_of(size)
