"""The example app's chat page in a real browser: logging in, joining, who hears whom, why a room is refused, and going on past the first token's end.

BEARWARD_SCREENSHOTS names a folder for pictures of it, such as deploy/examples/fastapi.
"""

import base64
import os
import pathlib
import signal
import time

import pytest
from conftest import ROOT, SLOWNESS
from fastapi_fixtures import *  # noqa: F403: the app and what is before it
from fastapi_process import example
from test_browser import browser  # noqa: F401: a fixture

LIFETIME = 6 * SLOWNESS  # of access tokens, in seconds, where they are short

LOG_IN = """
    const form = document.getElementById("login");
    form.elements.username.value = a + "@example.com";
    form.elements.password.value = b;
    form.requestSubmit();
"""
JOIN = """
    const form = document.getElementById("join");
    form.elements.room.value = a;
    form.requestSubmit();
"""
SAY = """
    const form = document.getElementById("talk");
    form.elements.text.value = a;
    form.requestSubmit();
"""
SEEN = """
    return {state: document.getElementById("state").textContent, kind: document.getElementById("state").className,
            lines: [...document.querySelectorAll("#lines li")].map(line => line.textContent),
            talking: !document.querySelector("#talk button").disabled};
"""


class tab:
    """A tab of the browser at the chat page."""

    def __init__(self, browser, bearward):  # noqa: F811
        self.browser = browser
        self.handle = self.ask("POST", "/window/new", {"type": "tab"})["handle"]
        self.bring_forward()
        browser.open(bearward.url + "/pages/chat.html")

    def ask(self, method, path, body=None):
        return self.browser.ask(method, f"/session/{self.browser.session}{path}", body)

    def bring_forward(self):
        self.ask("POST", "/window", {"handle": self.handle})

    def run(self, script, *arguments):
        self.bring_forward()
        return self.browser.run(script, *arguments)

    def seen(self):
        return self.run(SEEN)

    def until(self, fits, seconds=20):
        """What the page shows once it shows what fits."""
        deadline = time.monotonic() + seconds * SLOWNESS
        while not fits(seen := self.seen()):
            assert time.monotonic() < deadline, seen
            time.sleep(0.05)
        return seen

    def log_in(self, name, password=None):
        self.run(LOG_IN, name, f"{name}'s password" if password is None else password)
        return self.until(lambda seen: seen["state"].startswith(("Logged in", "Refused")))

    def join(self, room):
        self.run(JOIN, room)
        return self.until(lambda seen: seen["talking"] and "welcome" in seen["lines"] or seen["kind"] == "refused")

    def picture(self, name):
        if folder := os.environ.get("BEARWARD_SCREENSHOTS"):
            self.bring_forward()
            self.ask("POST", "/window/rect", {"width": 600, "height": 560})
            (pathlib.Path(folder).absolute() / name).write_bytes(base64.b64decode(self.ask("GET", "/screenshot")))

    def close(self):
        self.bring_forward()
        self.ask("DELETE", "/window")


@pytest.fixture
def open_tab(browser):  # noqa: F811
    signal.alarm(90 * SLOWNESS)
    first = browser.ask("GET", f"/session/{browser.session}/window")
    opened = []

    def open_one(bearward):
        opened.append(tab(browser, bearward))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()
    browser.ask("POST", f"/session/{browser.session}/window", {"handle": first})


def test_tabs_of_a_tenant_hear_each_other_and_no_other_tenant(open_tab, bearward, app):
    ann, amy, bob = (open_tab(bearward) for _ in range(3))
    for each, name in ((ann, "ann"), (amy, "amy"), (bob, "bob")):
        assert each.log_in(name)["state"] == f"Logged in as {name}@example.com"
        assert each.join("lobby") == {"state": "In lobby", "kind": "joined", "lines": ["welcome"], "talking": True}
    ann.run(SAY, "good morning")
    amy.until(lambda seen: "ann@example.com: good morning" in seen["lines"])
    amy.run(SAY, "<b>good</b> morning, ann")
    both = ["welcome", "ann@example.com: good morning", "amy@example.com: <b>good</b> morning, ann"]
    for each in (ann, amy):
        assert each.until(lambda seen: len(seen["lines"]) == 3)["lines"] == both
    bob.run(SAY, "is anyone here?")  # what he hears first is his own: nothing came before it
    assert bob.until(lambda seen: len(seen["lines"]) > 1)["lines"] == ["welcome", "bob@example.com: is anyone here?"]
    assert ann.seen()["lines"] == both
    ann.picture("chat_joined.png")
    sockets = [request for request in app.seen() if request["type"] == "websocket"]
    assert len(sockets) == 3 and all(request["subprotocols"] == [] for request in sockets)


def test_a_refusal_is_shown_with_its_reason(open_tab, bearward, app):
    page = open_tab(bearward)
    assert page.log_in("ann", "guess")["state"] == "Refused: Wrong name or password"
    page.log_in("ann")
    app.forget()
    assert page.join("admins") == {"state": "Refused: Not enough permissions (1008)", "kind": "refused", "lines": [], "talking": False}
    page.picture("chat_refused.png")
    time.sleep(1.5)  # it stays refused: nothing is tried again
    assert page.seen()["state"] == "Refused: Not enough permissions (1008)"
    assert app.seen() == []
    assert page.join("garden")["state"] == "In garden"


def test_it_goes_on_past_the_first_tokens_end(open_tab, start_app):
    app, bearward = start_app(ACCESS_SECONDS=str(LIFETIME))
    page = open_tab(bearward)
    page.log_in("ann")
    page.join("lobby")
    began = time.monotonic()
    shown = page.until(lambda seen: "token renewed 2 times" in seen["state"], 6 * LIFETIME)
    while time.monotonic() - began < LIFETIME + 2:
        time.sleep(0.1)
    page.run(SAY, "still here")
    seen = page.until(lambda seen: "ann@example.com: still here" in seen["lines"])
    assert seen["lines"] == ["welcome", "ann@example.com: still here"] and seen["kind"] == "joined", (shown, seen)
    page.picture("chat_renewed.png")
    assert len([request for request in app.seen() if request["type"] == "websocket"]) == 1
    assert len([request for request in app.seen() if request["path"] == "/refresh"]) >= 2


def test_without_renewal_its_socket_ends_with_the_token_and_comes_back(open_tab, start_app):
    sockets = "name: sockets, methods: [GET], websocket: {renewal: true}"
    app, bearward = start_app(example((sockets, sockets.replace("true", "false"))), ACCESS_SECONDS=str(LIFETIME))
    page = open_tab(bearward)
    page.log_in("ann")
    page.join("lobby")
    page.until(lambda seen: seen["lines"].count("welcome") >= 2, 6 * LIFETIME)
    assert len([request for request in app.seen() if request["type"] == "websocket"]) >= 2


def test_the_script_is_the_one_of_the_browser_folder(bearward):
    answer = bearward.fetch(target="/pages/bearward-socket.js")
    assert answer.status == 200 and answer.body == (ROOT / "deploy/browser/bearward-socket.js").read_bytes()
    assert answer.get("Content-Type").startswith("text/javascript")
