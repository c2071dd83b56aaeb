"""A person logs out at a real issuer that nobody here wrote: oidc-provider tells Bearward by back channel, and what that session had open ends.

Run by tests/with_packages.sh issuer.
"""

import asyncio
import threading
import time
import urllib.parse

import pytest
from conftest import SLOWNESS, bearward_process
from issuer import issuer_process, person
from redis_server import free_port, redis_server
from test_logout import FORM, assert_refused
from test_open_sockets import open_socket
from test_streams import EVENT, ask, stream
from tokens import bearer, minted
from wire import fetch

PATH = "/.bearward/logout/main"
REVOKED = (1008, "Token has been revoked")
CONFIGURATION = """
version: 1
threads: 2
listen: [{address: "127.0.0.1:@port@", name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}, sockets: {servers: ["@websocket@"]}}
providers:
  main:
    issuer: @issuer@
    audiences: ["https://widgets.test/ES256"]
    algorithms: [ES256, RS256]
    keys: {discovery_url: "@issuer@/.well-known/openid-configuration"}
    max_lifetime: 1h
    revocation: {back_channel_logout: {audience: app}@redis@}
    allow_warnings: [revocation-local]
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /app, name: app}
  - {prefix: /ws, name: ws, upstream: sockets}
"""


class place:
    """An issuer and the proxies that believe it; it tells the first of them, or `heard_at`, of logouts."""

    def __init__(self, directory, http_upstream, websocket_upstream, count=1, with_session=True, heard_at=None, redis=None):
        ports = [free_port() for _ in range(count)]
        self.proxies = []
        directory.mkdir(exist_ok=True)
        self.issuer = issuer_process(directory, {
            "backchannel_logout_uri": heard_at or f"http://127.0.0.1:{ports[0]}{PATH}", "backchannel_logout_session_required": with_session})
        try:
            self.issuer.start("first")
            text = CONFIGURATION.replace("@issuer@", self.issuer.url).replace("@redis@", f", redis: {{address: \"{redis.address}\", fail: closed}}" if redis else "")
            for port in ports:
                self.proxies.append(bearward_process(
                    directory / str(port), text.replace("@port@", str(port)), http=http_upstream.address, websocket=websocket_upstream.address))
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.issuer.stop()
        for proxy in self.proxies:
            proxy.stop()


@pytest.fixture
def at(tmp_path, http_upstream, websocket_upstream):
    """A function that makes a place."""
    return lambda **more: place(tmp_path / "place", http_upstream, websocket_upstream, **more)


@pytest.fixture(scope="module")
def usual(tmp_path_factory, http_upstream, websocket_upstream):
    with place(tmp_path_factory.mktemp("usual"), http_upstream, websocket_upstream) as made:
        yield made


def access_token(browser):
    return browser.log_in()["access_token"]


def status(process, token):
    answer = process.fetch(target="/app", headers=bearer(token))
    return answer.status, process.access_record(answer.get("X-Request-Id"))["reason"]


def assert_closed_within_a_second(sockets, began):
    assert [socket.close() for socket in sockets] == [REVOKED] * len(sockets)
    assert time.monotonic() - began < 1 * SLOWNESS


def test_what_the_session_had_open_ends_within_a_second_and_the_next_login_works(usual, app):
    process = usual.proxies[0]
    app.on("/app/events", stream())
    with person(usual.issuer, "ada") as ada, person(usual.issuer, "grace") as grace:
        token, others = access_token(ada), access_token(grace)
        with open_socket(process, "/ws", token) as mine, open_socket(process, "/ws", others) as hers, process.connect() as events, process.connect() as her_events:
            ask(events, "/app/events", token)
            ask(her_events, "/app/events", others)
            assert events.head().status == her_events.head().status == 200
            assert events.chunk() == her_events.chunk() == EVENT
            assert mine.echoes() and hers.echoes()
            ada.log_out()
            began = time.monotonic()
            assert mine.close() == REVOKED
            while events.chunk():
                pass
            assert events.trailers() == []
            assert time.monotonic() - began < 1 * SLOWNESS
            assert {status(process, token) for _ in range(8)} == {(401, "token_revoked")}
            fresh = access_token(ada)
            assert {status(process, fresh) for _ in range(8)} == {(200, "ok")}
            with open_socket(process, "/ws", fresh) as mine_again:
                assert mine_again.echoes() and hers.echoes()
            for _ in range(10):
                assert her_events.chunk() == EVENT
            assert status(process, others) == (200, "ok")


def test_a_session_that_ends_takes_no_other_of_the_same_person_along(usual):
    process = usual.proxies[0]
    with person(usual.issuer, "lin") as desk, person(usual.issuer, "lin") as telephone:
        first, second, elsewhere = access_token(desk), access_token(desk), access_token(telephone)
        with open_socket(process, "/ws", first) as one, open_socket(process, "/ws", second) as two, open_socket(process, "/ws", elsewhere) as third:
            desk.log_out()
            assert_closed_within_a_second([one, two], time.monotonic())
            assert third.echoes()
            assert status(process, elsewhere) == (200, "ok")


def test_an_issuer_that_names_no_session_ends_all_of_the_person(at):
    with at(with_session=False) as made, person(made.issuer, "lin") as desk, person(made.issuer, "lin") as telephone, person(made.issuer, "ada") as ada:
        process = made.proxies[0]
        first, elsewhere, others = access_token(desk), access_token(telephone), access_token(ada)
        with open_socket(process, "/ws", first) as one, open_socket(process, "/ws", elsewhere) as two, open_socket(process, "/ws", others) as three:
            desk.log_out()
            assert_closed_within_a_second([one, two], time.monotonic())
            assert three.echoes()
        assert status(process, elsewhere) == (401, "token_revoked")
        time.sleep(1.1)  # `iat` is in whole seconds: one of the same second may be from before
        assert status(process, access_token(desk)) == (200, "ok")


class relay:
    """Where the issuer sends logout tokens: they are kept, and sent on."""

    def __init__(self):
        self.process = None
        self.bodies = []
        self.answers = []

    async def __call__(self, request, _, writer):
        self.bodies.append(request.body)
        minted.update(urllib.parse.parse_qs(request.body.decode())["logout_token"])
        answer = await asyncio.to_thread(post, self.process, request.body)
        self.answers.append(answer)
        writer.write(b"HTTP/1.1 %d Relayed\r\nContent-Length: 0\r\n\r\n" % answer.status)
        await writer.drain()


def post(process, body, path=PATH):
    return fetch(process.address, "POST", path, headers={"Content-Type": FORM}, body=body)


def test_a_logout_token_of_its_counts_once(at, http_upstream):
    between = relay()
    http_upstream.on("/relay", between)
    with at(heard_at=f"http://{http_upstream.address}/relay") as made, person(made.issuer, "ada") as ada:
        between.process = process = made.proxies[0]
        old = access_token(ada)
        with open_socket(process, "/ws", old) as mine:
            ada.log_out()
            assert_closed_within_a_second([mine], time.monotonic())
        assert [answer.status for answer in between.answers] == [200]
        fresh = access_token(ada)
        for _ in range(3):
            assert_refused(post(process, between.bodies[0]))
        logout_token = urllib.parse.parse_qs(between.bodies[0].decode())["logout_token"][0]
        assert status(process, logout_token) == (401, "audience_mismatch")
        assert status(process, old) == (401, "token_revoked") and status(process, fresh) == (200, "ok")
    assert "AssertionError" not in (made.issuer.directory / "issuer.log").read_text()


def test_another_issuers_logout_of_the_same_person_ends_nothing(usual, at, http_upstream):
    """The same software with the same client's name and person: its logout tokens are not of this issuer."""
    between = relay()
    between.process = process = usual.proxies[0]
    http_upstream.on("/relay", between)
    with person(usual.issuer, "ada") as ada, at(heard_at=f"http://{http_upstream.address}/relay", with_session=False) as other:
        token = access_token(ada)
        with open_socket(process, "/ws", token) as mine, person(other.issuer, "ada") as impostor:
            impostor.log_in()
            impostor.log_out()
            assert [answer.status for answer in between.answers] == [400]
            time.sleep(1.1)
            assert mine.echoes() and status(process, token) == (200, "ok")


def test_a_logout_that_one_replica_hears_of_counts_at_the_others(at):
    redis = redis_server()
    try:
        with at(count=2, redis=redis) as made, person(made.issuer, "ada") as ada, person(made.issuer, "grace") as grace:
            token, others = access_token(ada), access_token(grace)
            here, there = made.proxies
            with open_socket(here, "/ws", token) as one, open_socket(there, "/ws", token) as two, open_socket(there, "/ws", others) as hers:
                assert one.echoes() and two.echoes()
                ada.log_out()
                assert_closed_within_a_second([one, two], time.monotonic())
                assert hers.echoes()
            assert [status(process, token) for process in made.proxies] == [(401, "token_revoked")] * 2
            fresh = access_token(ada)
            assert [status(process, fresh) for process in made.proxies] == [(200, "ok")] * 2
            with open_socket(there, "/ws", fresh) as again:
                assert again.echoes() and status(there, others) == (200, "ok")
    finally:
        redis.stop()


def test_sockets_of_many_people_and_one_logs_out(usual):
    process = usual.proxies[0]
    browsers = [person(usual.issuer, f"crowd-{number}") for number in range(4)]
    tokens = [access_token(browser) for browser in browsers]
    opened = [[open_socket(process, "/ws", token) for _ in range(10)] for token in tokens]
    loggings_out = [threading.Thread(target=browser.log_out) for browser in browsers[:2]]
    try:
        for each in loggings_out:
            each.start()
        for each in loggings_out:
            each.join(20)
        assert_closed_within_a_second(opened[0] + opened[1], time.monotonic())
        assert all(socket.echoes() for socket in opened[2] + opened[3])
    finally:
        for each in browsers:
            each.browser.close()
        for each in sum(opened, []):
            each.wire.socket.close()
