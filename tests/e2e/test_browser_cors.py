"""A real browser with pages of several origins: what they can ask, read and post, and what reaches the app of it."""

import json

import pytest
import upstreams
from browser import chromium
from conftest import SLOWNESS, bearward_process
from tokens import mint

CONFIGURATION = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, cookie: session}
defaults: {upstream: app, providers: [main], cors: off}
routes:
  - {prefix: /public, name: page, auth: none}
  - {prefix: /strict, name: strict, cors: &strict {allow_origins: ["@page@"], allow_methods: [GET, PUT], allow_headers: [Authorization], expose_headers: [X-Total], allow_credentials: true}}
  - {prefix: /strict/admin, name: strict_admin, require: {roles: [admin]}, cors: *strict}
  - {prefix: /dev, name: dev, cors: {allow_origins: ["@page@", "http://*.pages.test:@port@"], allow_methods: [GET, PUT], allow_headers: [Authorization], allow_credentials: true}}
  - {prefix: /any, name: any, cors: {allow_origins: ["*"], allow_methods: [GET], allow_headers: [Authorization]}}
  - {prefix: /none, name: none}
  - {prefix: /cookie, name: cookie, token_from: [header, cookie]}
  - {prefix: /shared, name: shared, token_from: [header, cookie], cookie_origins: ["@page@"], cors: {allow_origins: ["@page@"], allow_methods: [GET, POST, PUT], allow_credentials: true}}
"""
PAGE = b"<!doctype html><meta charset=utf-8><title>a page</title><p>it asks an API"
PATIENCE = 30 * SLOWNESS  # seconds for a script

# What a page sees of a request: null where the browser keeps the answer from it.
ASK = """
    try {
        const answer = await fetch(a, {credentials: "include", ...b});
        return {status: answer.status, body: await answer.text(), total: answer.headers.get("X-Total"), type: answer.type};
    } catch (error) {
        if (!(error instanceof TypeError))
            throw error;
        return null;
    }
"""
# Posts a form as a page that goes where it leads, and says what came.
POST = """
    const form = document.createElement("form");
    form.method = "POST";
    form.action = a;
    form.innerHTML = "<input name=amount value=1000>";
    document.body.append(form);
    form.submit();
"""


class page_server(upstreams.http_upstream):
    def __init__(self):
        super().__init__()
        self.on("/", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE))
        self.origin = "http://" + self.address


@pytest.fixture(scope="module")
def pages():
    """Two servers of pages: an accepted origin and another."""
    servers = page_server(), page_server()
    yield servers
    for each in servers:
        each.stop()


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream, pages):
    text = CONFIGURATION.replace("@page@", pages[0].origin).replace("@port@", str(pages[0].port))
    process = bearward_process(tmp_path_factory.mktemp("browser_cors"), text, http=http_upstream.address)
    yield process
    process.stop()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = chromium(tmp_path_factory.mktemp("browser"), start_timeout=60 * SLOWNESS, script_timeout=PATIENCE, local_names="*.pages.test")
    yield browser
    browser.stop()
    assert browser.processes() == []


class visit:
    """The browser at a page; what it asks goes to Bearward."""

    def __init__(self, browser, bearward, app):
        self.browser, self.bearward, self.app = browser, bearward, app
        app.on("/public/page", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE))

    def at(self, url):
        self.browser.open(url)
        assert self.browser.run("return document.title") == "a page"
        self.app.heads.clear()
        self.app.requests.clear()
        return self

    def at_home(self, cookie=None):
        """A page of Bearward's own origin."""
        self.at(self.bearward.url + "/public/page")
        self.browser.run("document.cookie = a; return 0", f"session={cookie or ''}; path=/" + ("" if cookie else "; max-age=0"))
        return self

    def ask(self, target, **init):
        return self.browser.run(ASK, self.bearward.url + target, init)

    def post_form(self, target):
        self.browser.run(POST, self.bearward.url + target)
        return self.browser.run("while (document.readyState !== 'complete') await new Promise(done => setTimeout(done, 20)); return document.body.innerText")


@pytest.fixture
def at(browser, bearward, app):
    made = visit(browser, bearward, app)
    yield made
    made.at_home()  # forgets the cookie


def authorization(**claims):
    return {"headers": {"Authorization": "Bearer " + mint(**claims)}}


def methods(app):
    return [head.method for head in app.heads]


async def answer_with_a_total(_, __, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nX-Total: 7\r\nAccess-Control-Allow-Origin: https://the.app\r\nContent-Length: 2\r\n\r\nok")
    await writer.drain()


@pytest.mark.parametrize("target", ["/strict/x", "/dev/x"])
def test_a_page_of_an_accepted_origin_works(at, pages, app, target):
    at.at(pages[0].origin + "/")
    seen = at.ask(target, **authorization())
    assert seen["status"] == 200 and json.loads(seen["body"])["target"] == target and seen["type"] == "cors"
    assert at.ask(target, method="PUT", **authorization())["status"] == 200
    assert methods(app) == ["GET", "PUT"], "the preflights were answered before it"
    assert app.last.get("X-User-Id") == "u-1" and app.last.get("Authorization") is None


def test_it_reads_what_is_exposed_and_the_apps_own_answer_is_replaced(at, pages, app):
    app.on("/strict/total", answer_with_a_total)
    at.at(pages[0].origin + "/")
    assert at.ask("/strict/total", **authorization())["total"] == "7"
    app.on("/dev/total", answer_with_a_total)
    assert at.ask("/dev/total", **authorization())["total"] is None


def test_it_reads_refusals(at, pages, app):
    at.at(pages[0].origin + "/")
    for target, init, status, detail in (
        ("/strict/x", {}, 401, "Not authenticated"),
        ("/strict/x", {"headers": {"Authorization": "Bearer x.y.z"}}, 401, "Could not validate credentials"),
        ("/strict/admin", authorization(), 403, "Not enough permissions"),
        ("/dev/x", {}, 401, "Not authenticated"),
    ):
        seen = at.ask(target, **init)
        assert seen is not None and (seen["status"], json.loads(seen["body"])) == (status, {"detail": detail}), target
    assert app.heads == []


@pytest.mark.parametrize("target", ["/strict/x", "/dev/x", "/none/x"])
def test_a_page_of_another_origin_reads_nothing_and_reaches_nothing(at, pages, app, target):
    at.at(pages[1].origin + "/")
    assert at.ask(target, **authorization()) is None
    assert at.ask(target, method="PUT", **authorization()) is None
    assert at.ask(target) is None, "not even why"
    assert app.heads == []


def test_a_method_or_header_that_is_not_listed_is_blocked(at, pages, app):
    at.at(pages[0].origin + "/")
    token = authorization()["headers"]
    assert at.ask("/strict/x", method="DELETE", headers=token) is None
    assert at.ask("/strict/x", headers={**token, "X-Other": "1"}) is None
    assert app.heads == []


def test_subdomains_of_a_development_setting(at, pages, app):
    for name in ("a.pages.test", "a.b.pages.test"):
        at.at(f"http://{name}:{pages[0].port}/")
        assert at.ask("/dev/x", **authorization())["status"] == 200, name
        assert at.ask("/strict/x", **authorization()) is None
    at.at(f"http://a.pages.test:{pages[1].port}/")
    assert at.ask("/dev/x", **authorization()) is None, "another port is another origin"


def test_any_origin_works_without_credentials_alone(at, pages, app):
    for server in pages:
        at.at(server.origin + "/")
        assert at.ask("/any/x", credentials="omit", **authorization())["status"] == 200
        assert at.ask("/any/x", credentials="omit")["status"] == 401
        assert at.ask("/any/x", credentials="include", **authorization()) is None
    assert methods(app) == ["GET"], "blocked before it was sent: the preflight allows no credentials"


def test_a_token_in_a_cookie_counts_for_its_own_origin(at, app):
    at.at_home(cookie=mint())
    for method in ("GET", "POST", "PUT"):
        assert at.ask("/cookie/x", method=method)["status"] == 200
        assert app.last.get("X-User-Id") == "u-1" and "session" not in (app.last.get("Cookie") or "")
    assert json.loads(at.post_form("/cookie/form"))["method"] == "POST"
    assert app.last.get("X-User-Id") == "u-1" and b"amount=1000" in app.last.body


def test_a_form_of_another_origin_is_refused(at, pages, app, bearward):
    at.at_home(cookie=mint())
    at.at(pages[1].origin + "/")
    for target in ("/cookie/form", "/shared/form"):
        assert json.loads(at.post_form(target)) == {"detail": "Not allowed"}
        assert app.heads == []
        at.at(pages[1].origin + "/")
    assert at.ask("/cookie/x", method="POST", mode="no-cors")["type"] == "opaque"
    assert at.ask("/cookie/x", method="POST", mode="no-cors", body="a=b")["type"] == "opaque"
    assert app.heads == []
    assert [record["reason"] for record in bearward.access_records() if record["path"].startswith(("/cookie/form", "/shared/form"))][-2:] == ["origin_denied"] * 2


def test_a_cookie_counts_for_the_origins_that_are_named(at, pages, app):
    at.at_home(cookie=mint())
    at.at(pages[0].origin + "/")
    assert at.ask("/shared/x", method="POST")["status"] == 200
    assert at.ask("/shared/x", method="PUT")["status"] == 200
    assert app.last.get("X-User-Id") == "u-1"
    assert json.loads(at.post_form("/shared/form"))["method"] == "POST"
    at.at(pages[1].origin + "/")
    assert at.ask("/shared/x", method="POST") is None and at.ask("/shared/x", method="PUT") is None
    assert at.ask("/shared/x") is None
    assert methods(app) == ["GET"], "what reads alone may be asked, and its answer is kept from the page"
