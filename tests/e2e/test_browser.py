"""A real browser: what a page can see of its sockets and answers, and that no token of it reaches the app."""

import json
import time

import pytest
from browser import chromium
from conftest import SLOWNESS
from tokens import mint

PAGE = b"<!doctype html><meta charset=utf-8><title>a page</title><p>sockets are opened here"
PATIENCE = 30 * SLOWNESS  # seconds for a script

# Opens a socket with the target a and, if given, the subprotocols b; sends the messages c, waits for as many, closes.
SOCKET = """
    const url = "ws://" + location.host + a;
    const socket = b ? new WebSocket(url, b) : new WebSocket(url);
    socket.binaryType = "arraybuffer";
    const seen = {events: [], messages: []};
    return await new Promise(resolve => {
        socket.onopen = () => {
            seen.events.push("open");
            seen.protocol = socket.protocol;
            seen.extensions = socket.extensions;
            for (const message of c || [])
                socket.send(message);
        };
        socket.onmessage = event => {
            seen.messages.push(typeof event.data === "string" ? event.data : event.data.byteLength);
            if (seen.messages.length === (c || []).length)
                socket.close(4000, "done");
        };
        socket.onerror = () => seen.events.push("error");
        socket.onclose = event => {
            seen.events.push("close");
            resolve({...seen, code: event.code, reason: event.reason, clean: event.wasClean});
        };
    });
"""
FETCH = """
    const answer = await fetch(a, {headers: b || {}});
    return {status: answer.status, body: await answer.text(), challenge: answer.headers.get("WWW-Authenticate")};
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = chromium(tmp_path_factory.mktemp("browser"), start_timeout=60 * SLOWNESS, script_timeout=PATIENCE)
    yield browser
    browser.stop()
    assert browser.processes() == []


@pytest.fixture
def page(browser, bearward, app, sockets):
    """The browser at a page that came through a public route."""
    app.on("/public/page", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE))
    browser.open(bearward.url + "/public/page")
    assert browser.run("return document.title") == "a page"
    assert app.last.target == "/public/page" and app.last.get("X-User-Id") is None
    app.heads.clear()
    app.requests.clear()
    return browser


def received(app, sockets):
    """Everything the apps got, as text."""
    return "".join(request.raw_head.decode("latin-1") + request.body.decode("latin-1") for request in app.heads) + str(sockets.handshakes) + str(sockets.messages)


def headers_of(sockets):
    assert len(sockets.handshakes) == 1
    return {name.lower(): value for name, value in sockets.handshakes[0][1]}


def assert_echoes(seen, protocol, messages):
    assert seen["events"] == ["open", "close"] and seen["protocol"] == protocol and seen["messages"] == messages
    assert (seen["code"], seen["reason"], seen["clean"]) == (4000, "done", True)


@pytest.mark.parametrize("marker", ["bearer", "access_token"])
def test_a_token_after_a_marker_opens_and_the_protocol_is_the_marker(page, app, sockets, marker):
    token = mint()
    assert_echoes(page.run(SOCKET, "/ws", [marker, token], ["one", "two"]), marker, ["one", "two"])
    headers = headers_of(sockets)
    assert headers["x-user-id"] == "u-1" and headers["x-tenant-id"] == "t-1" and headers["origin"].startswith("http://127.0.0.1:")
    assert "sec-websocket-protocol" not in headers and sockets.messages == ["one", "two"]
    assert token not in received(app, sockets)


def test_the_apps_subprotocol_is_told_when_it_chooses_one(page, app, sockets):
    token = mint()
    assert_echoes(page.run(SOCKET, "/ws", ["bearer", token, "chat"], ["x"]), "chat", ["x"])
    assert headers_of(sockets)["sec-websocket-protocol"] == "chat"
    assert token not in received(app, sockets)


@pytest.mark.parametrize("form", ["{}", "bearer.{}"])
def test_a_token_as_a_subprotocol_opens_without_a_marker(page, app, sockets, form):
    token = mint()
    assert_echoes(page.run(SOCKET, "/ws", [form.format(token)], ["x"]), form.format(token), ["x"])
    assert token not in received(app, sockets)


def test_a_token_in_the_query_opens(page, app, sockets):
    token = mint()
    assert_echoes(page.run(SOCKET, "/ws/room?a=1&access_token=" + token, None, ["x"]), "", ["x"])
    assert sockets.handshakes[0][0] == "/ws/room?a=1" and headers_of(sockets)["x-user-id"] == "u-1"
    assert token not in received(app, sockets)


def test_compressed_and_large_messages_are_echoed(page, sockets):
    messages = ["\u00fc" * 100000, "", "x" * (3 << 20)]
    seen = page.run(SOCKET, "/ws", ["bearer", mint()], messages)
    assert_echoes(seen, "bearer", messages)
    assert "permessage-deflate" in seen["extensions"]


@pytest.mark.parametrize("target, offered, reason", [
    ("/ws", None, "Not authenticated"),
    ("/ws", ["chat"], "Not authenticated"),
    ("/ws", ["chat", "other"], "Not authenticated"),
    ("/ws", ["bearer", "{expired}"], "Token has expired"),
    ("/ws?access_token={expired}", None, "Token has expired"),
    ("/ws", ["{expired}"], "Token has expired"),
    ("/ws", ["bearer", "{forged}"], "Could not validate credentials"),
    ("/ws", ["bearer"], "Could not validate credentials"),
    ("/ws/admin", ["bearer", "{good}"], "Not enough permissions"),
    ("/ws/tenants/t-2", ["bearer", "{good}"], "Not enough permissions"),
    ("/ws?access_token={good}", ["bearer", "{other}"], "More than one credential"),
])
def test_a_refused_socket_closes_with_1008_and_the_reason(page, app, sockets, target, offered, reason):
    good = mint()
    made = {"good": good, "other": mint(sub="u-2"), "expired": mint(exp=int(time.time()) - 5), "forged": good[:-10] + "A" * 10}
    offered = offered and [each.format(**made) for each in offered]
    seen = page.run(SOCKET, target.format(**made), offered, None)
    # Browsers open such a socket first: only then may a close say why.
    assert seen["events"] == ["open", "close"] and seen["clean"] is True
    assert (seen["code"], seen["reason"]) == (1008, reason)
    assert seen["protocol"] == (offered[0] if offered else "")
    assert sockets.handshakes == [] and app.heads == []


def test_an_open_socket_closes_with_1008_when_its_token_expires(page, sockets):
    seen = page.run(SOCKET, "/ws", ["bearer", mint(exp=int(time.time()) + 5 * SLOWNESS)], None)
    assert (seen["events"], seen["code"], seen["reason"]) == (["open", "close"], 1008, "Token has expired")
    assert len(sockets.handshakes) == 1


def test_fetch_with_the_header_is_answered_by_the_app(page, app):
    token = mint()
    seen = page.run(FETCH, "/app/data?x=1", {"Authorization": "Bearer " + token, "X-User-Id": "root"})
    assert seen["status"] == 200 and json.loads(seen["body"])["target"] == "/app/data?x=1"
    assert app.last.all("X-User-Id") == ["u-1"] and app.last.get("Authorization") is None
    assert token not in app.last.raw_head.decode("latin-1")


def test_fetch_sees_status_body_and_challenge_of_a_refusal(page, app):
    seen = page.run(FETCH, "/app/data")
    assert (seen["status"], json.loads(seen["body"]), seen["challenge"]) == (401, {"detail": "Not authenticated"}, 'Bearer realm="bearward"')
    seen = page.run(FETCH, "/app/admin", {"Authorization": "Bearer " + mint()})
    assert (seen["status"], json.loads(seen["body"])) == (403, {"detail": "Not enough permissions"})
    assert app.heads == []


def test_a_form_with_a_file_is_uploaded(page, app):
    script = """
        const form = new FormData();
        form.append("file", new Blob([new Uint8Array(a)]), "zeros.bin");
        const answer = await fetch("/sink/upload", {method: "POST", body: form, headers: {Authorization: "Bearer " + b}});
        return {status: answer.status, body: await answer.text()};
    """
    seen = page.run(script, 5 << 20, mint())
    assert seen["status"] == 200 and json.loads(seen["body"])["body_length"] > 5 << 20
    assert app.last.get("Content-Type").startswith("multipart/form-data; boundary=")
