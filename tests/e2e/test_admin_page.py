"""The admin listener's page: what it shows and answers, in a browser that runs no scripts too, and that nothing shown becomes markup.

BEARWARD_UPDATE_SCREENSHOT=1 takes the picture of the README anew.
"""

import http.client
import json
import os
import pathlib
import time
import urllib.parse

import pytest
from browser import chromium
from conftest import CONFIGURATION as USUAL, SLOWNESS, bearward_process
from frames import handshake
from redis_server import free_port
from tokens import bearer, mint

PATIENCE = 30 * SLOWNESS
HOSTILE = "<img src=x onerror=\"document.title='ran'\"></td><script>document.title='ran'</script>"
SCREENSHOT = pathlib.Path(__file__).parents[2] / "deploy" / "admin_page.png"
POST = {"Content-Type": "application/json"}


class page:
    """The admin listener of a proxy, over TCP."""

    def __init__(self, start, configuration=USUAL):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.proxy = start(configuration.replace("unix:@directory@/admin.sock", f"127.0.0.1:{self.port}"), admin=("127.0.0.1", self.port))

    def ask(self, how="GET", headers=None, **question):
        """The answer, with its body as text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20 * SLOWNESS)
        try:
            connection.request(how, "/" + ("?" + urllib.parse.urlencode(question) if question else ""), headers=headers or {})
            answer = connection.getresponse()
            answer.text = answer.read().decode()
            return answer
        finally:
            connection.close()


@pytest.fixture
def admin(start):
    return page(start)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, http_upstream, websocket_upstream):
    """One for tests that change nothing."""
    made = []

    def start(configuration, **named):
        made.append(bearward_process(tmp_path_factory.mktemp("page"), configuration, http=http_upstream.address, websocket=websocket_upstream.address, **named))
        return made[-1]

    yield page(start)
    for each in made:
        each.stop()


@pytest.fixture(scope="module", params=[True, False], ids=["scripts", "no_scripts"])
def browser(request, tmp_path_factory):
    browser = chromium(tmp_path_factory.mktemp("browser"), start_timeout=60 * SLOWNESS, script_timeout=PATIENCE, scripts=request.param)
    browser.scripts = request.param
    yield browser
    browser.stop()
    assert browser.processes() == []


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_it_has_the_headers_of_a_page_that_lets_nothing_in(admin):
    answer = admin.ask()
    assert answer.status == 200 and answer.getheader("Content-Type") == "text/html; charset=utf-8"
    policy = answer.getheader("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "script-src" not in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy and "base-uri 'none'" in policy
    assert answer.getheader("Cache-Control") == "no-store" and answer.getheader("X-Content-Type-Options") == "nosniff"
    assert answer.getheader("Referrer-Policy") == "no-referrer"
    for what in ("<script", "<link", "<img", "http://", "https://", "url(", "@import"):
        assert what not in answer.text


def test_it_stands_behind_the_same_rules_as_other_endpoints(admin):
    assert admin.ask(headers={"Host": "evil.test"}).status == 403
    assert admin.ask(headers={"Host": "localhost:9901"}).status == 200
    posted = admin.ask("POST", headers=POST)
    assert posted.status == 405 and posted.getheader("Allow") == "GET, HEAD"
    head = admin.ask("HEAD")
    assert head.status == 200 and head.text == "" and int(head.getheader("Content-Length")) > 1000


def test_the_listener_for_probes_has_no_page(start):
    port = free_port()
    start(USUAL.replace('admin: {address: "unix:@directory@/admin.sock"}', f'admin: {{address: "unix:@directory@/admin.sock", probes: "127.0.0.1:{port}"}}'))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20 * SLOWNESS)
    connection.request("GET", "/")
    assert connection.getresponse().status == 404
    connection.close()


def test_it_shows_routes_keys_upstreams_sockets_and_reloads(admin, sockets):
    proxy = admin.proxy
    assert proxy.fetch(target="/app/x").status == 401
    assert proxy.fetch(target="/down", headers=bearer(mint())).status == 502
    assert proxy.fetch(target="/nowhere", headers=bearer(mint())).status == 404
    good = proxy.configuration.read_text()
    proxy.configuration.write_text(good + "colour: <red>\n")
    assert proxy.admin("/reload", "POST", POST)[0] == 422
    with proxy.connect() as wire:
        wire.send(handshake("/ws", bearer(mint(sub="u-7")).items()))
        assert wire.response().status == 101
        text = wait_for(lambda: "u-7" in (shown := admin.ask().text) and shown)
    for row in ("<td>token_missing 1</td>", "<td>no_route 1</td>", "<code>127.0.0.1:1</code>", "Connection refused", "<td>WebSocket</td><td>ws</td><td>main</td><td>u-7</td>",
                "<code>prefix /tenants/{tenant_id}</code>", "the files say something else by now", "<span class=\"bad\">failure</span>"):
        assert row in text, row
    assert text.count("<tr><td>set</td>") == 2  # the route, and the provider with its keys
    assert "colour" in text and "<red>" not in text


@pytest.mark.parametrize("asked, told", [
    ({"path": "/app/x"}, "denial: token_missing"),
    ({"path": "/public/x"}, "permit: public"),
    ({"path": "/app/x", "user": "u-1"}, "permit: ok"),
    ({"path": "/app/admin", "user": "u-1"}, "denial: role_missing"),
    ({"path": "/app/admin", "user": "u-1", "roles": "editor, admin"}, "permit: ok"),
    ({"path": "/tenants/t-2", "user": "u-1", "tenant": "t-1"}, "denial: tenant_mismatch"),
    ({"path": "/tenants/t-1", "user": "u-1", "tenant": "t-1"}, "permit: ok"),
    ({"path": "/only-get", "method": "POST", "user": "u-1"}, "denial: method_not_allowed"),
    ({"path": "/ws/off", "websocket": "on", "user": "u-1"}, "denial: websocket_denied"),
    ({"path": "/app/%2e%2e/x", "user": "u-1"}, "denial: no_route"),
    ({"path": "/app/%2", "user": "u-1"}, "denial: bad_request"),
    ({"path": "/set/x", "user": "u-1", "provider": "main"}, "denial: signature_invalid"),
    ({"path": "/app/x", "user": "u-1", "host": "a b"}, "denial: bad_request"),
])
def test_it_says_what_would_happen_and_no_request_is_made(shared, app, asked, told):
    text = shared.ask(**asked).text
    assert f">{told}</p>" in text, text[text.find("</form>"):][:3000]
    assert app.heads == [] and shared.ask().text.find("token_missing") == -1  # nothing was counted


@pytest.mark.parametrize("asked, told", [
    ({"path": "app"}, "No request can have this"),
    ({"path": "/app\r\nX-Roles: admin"}, "No request can have this"),
    ({"path": "/", "host": "a\r\nX-User-Id: root"}, "No request can have this"),
    ({"path": "/", "provider": "nobody"}, "There is no provider of this name"),
])
def test_what_no_request_can_have_is_told(shared, asked, told):
    assert f'<p class="bad">{told}' in shared.ask(**asked).text


def test_a_token_is_refused_and_shown_nowhere(shared):
    token = mint()
    for asked in ({"path": "/app?access_token=" + token}, {"user": token}, {"token": token}):
        answer = shared.ask(**asked)
        assert answer.status == 400 and token.split(".")[2] not in answer.text
        assert answer.getheader("Content-Type") == "application/json" and json.loads(answer.text)["detail"]


def test_the_rules_in_force_answer_after_a_reload_too(admin):
    assert ">permit: ok</p>" in admin.ask(path="/app/x", user="u-1").text
    text = admin.proxy.configuration.read_text()
    admin.proxy.configuration.write_text(text.replace("{prefix: /app, name: app, upstream: app, providers: [main]}",
                                                      "{prefix: /app, name: app, upstream: app, providers: [main], require: {roles: [new]}}"))
    assert admin.proxy.admin("/reload", "POST", POST)[0] == 200
    assert ">denial: role_missing</p>" in admin.ask(path="/app/x", user="u-1").text


def test_a_browser_shows_it_and_its_form_works(browser, admin):
    if not browser.scripts:  # that this is so
        browser.open("data:text/html,<title>still</title><script>document.title='ran'</script>")
        assert browser.title() == "still"
    browser.open(admin.url)
    assert browser.title() == "Bearward"
    # The style is in force: its hash is the one of the policy.
    assert browser.of_element("table", "css/border-collapse") == "collapse"
    browser.type("input[name=path]", "/tenants/t-2/widgets?a=b&c=d e".replace(" ", "%20"))
    browser.type("input[name=user]", 'J\u00f6rg "the boss" & co')
    browser.type("input[name=tenant]", "t-1")
    browser.click("button")
    wait_for(lambda: "tenant=t-1" in browser.address())
    assert browser.of_element("#answer", "text") == "denial: tenant_mismatch"
    assert "tenant_mismatch" in browser.of_element("pre", "text")
    assert browser.of_element("input[name=user]", "property/value") == 'J\u00f6rg "the boss" & co'  # what was asked stays
    browser.type("input[name=tenant]", "t-2")
    browser.click("input[name=websocket]")
    browser.click("button")
    wait_for(lambda: "tenant=t-2" in browser.address())
    assert browser.of_element("#answer", "text") == "permit: ok"
    assert browser.of_element("input[name=websocket]", "property/checked") is True


def test_nothing_that_is_shown_becomes_markup(browser, start, sockets):
    quoted = json.dumps(HOSTILE)
    hostile = page(start, USUAL.replace("name: only_get", f"name: {quoted}"))
    assert hostile.proxy.fetch(target="/only-get").status == 401
    with hostile.proxy.connect() as wire:
        wire.send(handshake("/ws", bearer(mint(sub=HOSTILE)).items()))
        assert wire.response().status == 101
        wait_for(lambda: hostile.ask().text.count("&lt;img src=x") == 2)  # the route and the user
        browser.open(hostile.url + "?" + urllib.parse.urlencode({"path": "/only-get/" + HOSTILE.replace(" ", "+"), "user": HOSTILE, "roles": HOSTILE, "host": '"><script>document.title="ran"</script>'}))
    assert browser.title() == "Bearward"
    assert browser.of_element("input[name=user]", "property/value") == HOSTILE
    for selector in ("script", "img", "[onerror]"):
        with pytest.raises(AssertionError, match="no such element"):
            browser.element(selector)


def test_the_picture_of_the_readme(browser, admin, sockets, tmp_path):
    proxy = admin.proxy
    for _ in range(3):
        assert proxy.fetch(target="/app/x", headers=bearer(mint())).status == 200
    proxy.fetch(target="/app/x")
    proxy.fetch(target="/down", headers=bearer(mint()))
    with proxy.connect() as wire:
        wire.send(handshake("/ws", bearer(mint()).items()))
        assert wire.response().status == 101
        browser.resize(1100, 1650)
        browser.open(admin.url + "?path=/tenants/t-2/widgets&user=u-1&tenant=t-1")
        picture = browser.screenshot()
    assert picture.startswith(b"\x89PNG") and len(picture) < 300_000
    if os.environ.get("BEARWARD_UPDATE_SCREENSHOT") and browser.scripts:
        SCREENSHOT.write_bytes(picture)
    assert SCREENSHOT.read_bytes().startswith(b"\x89PNG")
