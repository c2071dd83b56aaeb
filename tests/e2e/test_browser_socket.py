"""deploy/browser/bearward-socket.js in a real browser: it stays open past the first token's end, tells refusals from failures, and event streams ask again."""

import json
import time

import pytest
from conftest import ROOT, SLOWNESS
from test_browser import browser  # noqa: F401: a fixture
from test_renewal import CONFIGURATION as WITH_RENEWAL
from test_renewal import lives
from test_revoke import revoke
from tokens import mint

CONFIGURATION = WITH_RENEWAL + """  - {prefix: /public, name: public, upstream: app, auth: none}
  - {prefix: /events, name: events, upstream: app, token_from: [cookie]}
"""
CONFIGURATION = CONFIGURATION.replace("keys: {secret: {file: secret}}, clock_skew: 0s}", "keys: {secret: {file: secret}}, clock_skew: 0s, cookie: session}", 1)
PAGE = b"<!doctype html><meta charset=utf-8><title>a page</title>"

# Opens a socket at a with the tokens b, one after the other (the last again and again), and reports what happens within c ms.
SOCKET = """
    const { BearwardSocket } = await import("/public/bearward-socket.js");
    const tokens = [...b];
    let asked = 0;
    const socket = new BearwardSocket("ws://" + location.host + a, {
        token: () => { ++asked; return tokens.length > 1 ? tokens.shift() : tokens[0]; },
        renewBefore: 1,
        ...d,
    });
    const seen = [];
    for (const type of ["open", "refused", "down", "renewed", "closed"])
        socket.addEventListener(type, ({detail}) => {
            seen.push([type, detail.code ?? 0, detail.reason ?? ""]);
            if (type === "open") socket.send("hello");
        });
    socket.addEventListener("message", ({data}) => seen.push(["message", 0, data]));
    await new Promise(resolve => setTimeout(resolve, c));
    const state = socket.readyState;
    socket.close();
    await new Promise(resolve => setTimeout(resolve, 300));
    return {seen, state, asked};
"""
EVENTS = """
    document.cookie = "session=" + a + "; path=/";
    const source = new EventSource("/events/stream");
    const seen = [];
    source.onopen = () => seen.push("open");
    source.onmessage = event => { if (seen.at(-1) !== "data") seen.push("data"); };
    source.onerror = () => seen.push(source.readyState === EventSource.CLOSED ? "closed" : "again");
    await new Promise(resolve => setTimeout(resolve, b));
    source.close();
    return seen;
"""


@pytest.fixture
def page(browser, bearward, app):  # noqa: F811
    module = (ROOT / "deploy/browser/bearward-socket.js").read_bytes()
    app.on("/public/page", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE))
    app.on("/public/bearward-socket.js", b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: %d\r\n\r\n%s" % (len(module), module))
    browser.open(bearward.url + "/public/page")
    return browser


def types(seen):
    return [event[0] for event in seen["seen"]]


def test_it_stays_open_past_its_first_tokens_end(page, bearward):
    seen = page.run(SOCKET, "/ws", [lives(2, sub="u-b"), lives(60, sub="u-b")], 5000 * SLOWNESS, {})
    assert types(seen)[0] == "open" and {"message", "renewed"} <= set(types(seen)) and "down" not in types(seen), seen
    assert seen["state"] == 1 and types(seen)[-1] == "closed"


def test_without_renewal_it_comes_back_with_a_fresh_token(page):
    seen = page.run(SOCKET, "/ws/plain", [lives(1), mint()], 5000 * SLOWNESS, {"renewal": False})
    assert types(seen)[:2] == ["open", "message"] and ["down", 1008, "Token has expired"] in seen["seen"]
    assert types(seen).count("open") == 2 and seen["state"] == 1, seen


def test_a_refusal_is_final_and_says_why(page, bearward):
    seen = page.run(SOCKET, "/ws/editors", [mint(roles=["reader"])], 2500 * SLOWNESS, {})
    assert seen["seen"][0] == ["refused", 1008, "Not enough permissions"] and "open" not in types(seen)
    assert seen["asked"] == 1, "it does not ask again"


def test_a_revocation_is_final(page, bearward):
    revoke(bearward, {"jti": "b-gone"})
    seen = page.run(SOCKET, "/ws", [mint(jti="b-gone")], 1500 * SLOWNESS, {})
    assert types(seen)[0] == "refused" and "open" not in types(seen)


def test_an_event_source_ends_with_its_cookies_token_and_sees_the_401(page, bearward, app):
    import asyncio

    async def stream(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"b\r\nretry: 300\n\r\n")
        for _ in range(400):
            writer.write(b"9\r\ndata: 1\n\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.1)
        return "close"

    app.on("/events/stream", stream)
    seen = page.run(EVENTS, lives(1), 5000 * SLOWNESS)
    assert seen == ["open", "data", "again", "closed"], seen
    deadline = time.monotonic() + 5 * SLOWNESS
    while not [record for record in bearward.access_records() if record.get("route") == "events" and record["status"] == 401]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert json.loads(bearward.admin("/status")[1])["sockets"] == 0
