"""Opaque tokens: their issuer is asked, once for everybody who waits, and trouble of its is never the client's."""

import base64
import concurrent.futures
import json
import re
import socket
import threading
import time
import urllib.parse

import pytest
from conftest import SLOWNESS, bearward_process
from frames import handshake, read_frame
from tokens import assemble, bearer, hs256, mint

SECRET = "s:3cret/+ é"
CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
limits: {max_token: 1KiB}
upstreams:
  app: {servers: ["@http@"]}
  sockets: {servers: ["@websocket@"]}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, allow_warnings: [shared-identity]}
  opaque:
    type: introspection
    url: http://ISSUER/introspect?tenant=1
    client_id: "bear ward"
    client_secret: {file: client_secret}
    timeout: 1s
    audiences: [widgets]
    revocation: {file: revoked.txt}
    cache: {ttl: 2s, negative_ttl: 1s}
  posted:
    type: introspection
    url: http://ISSUER/posted
    client_id: bearward
    client_secret: {file: client_secret}
    client_authentication: post
    audiences: [widgets]
    issuer: https://id.test/
    cache: {ttl: 0s, negative_ttl: 0s, max_bytes: 0}
  down: {type: introspection, url: "http://127.0.0.1:1/", client_id: a, client_secret: {file: client_secret}, audiences: [widgets]}
defaults: {upstream: app, providers: [opaque]}
routes:
  - {prefix: /, name: all}
  - {prefix: /mixed, name: mixed, providers: [main, opaque]}
  - {prefix: /posted, name: posted, providers: [posted]}
  - {prefix: /down, name: down, providers: [down]}
  - {prefix: /admin, name: admin, require: {roles: [admin]}}
  - {prefix: /ws, name: ws, upstream: sockets}
tests:
  - {request: {path: /mixed}, identity: {provider: opaque, user: u}, expect: {status: 200, headers: {X-User-Id: u}}}
  - {request: {path: /mixed}, identity: {provider: main, user: u}, expect: {status: 200}}
  - {request: {path: /admin}, identity: {user: u}, expect: {status: 403, reason: role_missing}}
"""


def said(**changes):
    return json.dumps({"active": True, "sub": "u-1", "tid": "t-1", "aud": "widgets", **changes}).encode()


def ok(body, **headers):
    fields = {"Content-Type": "application/json", "Content-Length": len(body), **headers}
    return b"HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n" + body


class Issuer:
    """An introspection endpoint. What it answers stands in the token's name, up to a dash."""

    ANSWERS = {
        "inactive": ok(b'{"active": false}'),
        "broken": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 15\r\n\r\n" + said()[:15],
        "forbidden": b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        "created": b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(said()) + said(),
        "redirect": b"HTTP/1.1 302 Found\r\nLocation: /introspect\r\nContent-Length: 0\r\n\r\n",
        "garbage": b"garbage\r\n\r\n",
        "half": ok(said(), **{"Content-Length": 500}),
        "html": ok(b"<html>"),
        "text": ok(b'{"active": "true", "sub": "u-1", "aud": "widgets"}'),
        "twice": ok(b'{"active": false, "active": true, "sub": "u-1", "aud": "widgets"}'),
        "nothing": ok(b"{}"),
        "huge": ok(said(x="x" * 70_000)),
        "closed": b"",
        "elsewhere": ok(said(aud="gadgets")),
        "bound": ok(said(cnf={"jkt": "x"})),
        "nameless": ok(b'{"active": true, "aud": "widgets"}'),
        "admin": ok(said(roles=["admin"])),
        "revoked": ok(said(sub="revoked-user")),
    }

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.asked = []  # (head, form)
        self.gate = threading.Event()  # for tokens that begin with `slow`
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.answer(connection)
        finally:
            with self.lock:
                self.at_once -= 1

    def answer(self, connection):
        with connection:
            connection.settimeout(10 * SLOWNESS)
            data = b""
            while b"\r\n\r\n" not in data:
                data += connection.recv(65536)
            head, _, body = data.partition(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            while len(body) < length:
                body += connection.recv(65536)
            form = urllib.parse.parse_qs(body.decode(), keep_blank_values=True)
            self.asked.append((head.decode(), form))
            kind = form["token"][0].split("-")[0]
            if kind == "stall":
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                connection.recv(1)  # until the other side gives up
                return
            if kind == "slow":
                self.gate.wait(10 * SLOWNESS)
            if kind == "expiring":
                connection.sendall(ok(said(exp=int(time.time()) + 1)))
                return
            connection.sendall(self.ANSWERS.get(kind, ok(said())))

    def tokens(self):
        return [form["token"][0] for _, form in self.asked]

    def close(self):
        self.gate.set()
        self.listener.close()


@pytest.fixture(scope="module")
def issuer():
    made = Issuer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream, websocket_upstream, issuer):
    directory = tmp_path_factory.mktemp("introspection")
    (directory / "client_secret").write_text(SECRET)
    (directory / "revoked.txt").write_text("user:revoked-user\n")
    text = CONFIGURATION.replace("ISSUER", issuer.address)
    process = bearward_process(directory, text, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()
    for token in set(issuer.tokens()):
        assert token not in process.log(), "a token in the log"
    assert SECRET not in process.log()


def outcome(bearward, token, target="/x"):
    """(status, reason)"""
    answer = bearward.fetch(target=target, headers=bearer(token))
    return answer.status, bearward.access_record(answer.get("X-Request-Id"))["reason"]


def test_an_active_token_is_forwarded_as_whose_the_issuer_says(bearward, app, issuer):
    assert bearward.fetch(target="/x", headers=bearer("good-1~+/==")).status == 200
    head = app.last
    assert (head.get("X-User-Id"), head.get("X-Tenant-Id"), head.get("Authorization")) == ("u-1", "t-1", None)
    asked, form = issuer.asked[-1]
    assert asked.startswith("POST /introspect?tenant=1 HTTP/1.1\r\n")
    assert form == {"token": ["good-1~+/=="], "token_type_hint": ["access_token"]}
    basic = base64.b64encode(f"bear+ward:{urllib.parse.quote_plus(SECRET)}".encode()).decode()
    assert f"\r\nAuthorization: Basic {basic}" in asked and "\r\nContent-Type: application/x-www-form-urlencoded" in asked


def test_the_client_may_be_named_in_the_body(bearward, app, issuer):
    assert outcome(bearward, "good-posted", "/posted/x") == (401, "issuer_mismatch")  # it says no iss
    asked, form = issuer.asked[-1]
    assert "Authorization:" not in asked
    assert (form["client_id"], form["client_secret"]) == (["bearward"], [SECRET])


def test_answers_are_remembered_for_their_time(bearward, app, issuer):
    for token, expected in (("good-remembered", (200, "ok")), ("inactive-remembered", (401, "token_inactive"))):
        for _ in range(5):
            assert outcome(bearward, token) == expected
        assert issuer.tokens().count(token) == 1
    time.sleep(2.1)
    for token in ("good-remembered", "inactive-remembered"):
        outcome(bearward, token)
        assert issuer.tokens().count(token) == 2
    for _ in range(3):
        outcome(bearward, "good-forgotten", "/posted")
    assert issuer.tokens().count("good-forgotten") == 3


def test_an_answer_does_not_outlive_the_token(bearward, app, issuer):
    assert outcome(bearward, "expiring-1")[0] == 200
    time.sleep(1.2)
    outcome(bearward, "expiring-1")
    assert issuer.tokens().count("expiring-1") == 2


@pytest.mark.parametrize("token, reason", [("inactive-a", "token_inactive"), ("elsewhere-a", "audience_mismatch"), ("nameless-a", "claim_missing"),
                                           ("bound-a", "binding_unverified"), ("revoked-a", "token_revoked")])
def test_what_the_issuer_says_may_refuse_it(bearward, app, token, reason):
    assert outcome(bearward, token) == (401, reason)
    assert app.requests == []


def test_requirements_are_judged(bearward, app):
    assert outcome(bearward, "admin-a", "/admin/x") == (200, "ok")
    assert outcome(bearward, "good-a", "/admin/x") == (403, "role_missing")


@pytest.mark.parametrize("kind", ["broken", "forbidden", "created", "redirect", "garbage", "half", "html", "text", "twice", "nothing", "huge",
                                  "closed", "stall"])
def test_trouble_of_the_issuers_is_503_and_not_remembered(bearward, app, issuer, kind):
    token = f"{kind}-{time.monotonic()}"
    for count in (1, 2):
        answer = bearward.fetch(target="/x", headers=bearer(token))
        assert answer.status == 503 and json.loads(answer.body) == {"detail": "Authentication is unavailable"}
        assert answer.get("Retry-After") == "1" and answer.get("WWW-Authenticate") is None
        record = bearward.access_record(answer.get("X-Request-Id"))
        assert record["reason"] == "introspection_unavailable" and record["cause"].startswith("provider 'opaque': ")
        assert issuer.tokens().count(token) == count
    assert app.requests == []
    assert outcome(bearward, f"good-after-{kind}") == (200, "ok")


def test_an_issuer_that_is_not_there(bearward, app):
    assert outcome(bearward, "good-nobody", "/down") == (503, "introspection_unavailable")
    assert json.loads(bearward.admin("/status")[1])["providers"]["down"]["last_error"].startswith("connect 127.0.0.1:1: ")
    assert bearward.admin("/readyz")[0] == 200


def test_a_hundred_at_once_ask_once(bearward, app, issuer):
    issuer.gate.clear()
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        answers = [pool.submit(bearward.fetch, target="/x", headers=bearer("slow-many")) for _ in range(100)]
        time.sleep(0.5)
        issuer.gate.set()
        assert {each.result().status for each in answers} == {200}
    assert issuer.tokens().count("slow-many") == 1


def test_no_more_than_64_questions_are_under_way(bearward, app, issuer):
    issuer.gate.clear()
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        answers = [pool.submit(bearward.fetch, target="/x", headers=bearer(f"slow-turn-{number}")) for number in range(100)]
        time.sleep(0.4)
        assert issuer.most_at_once <= 64
        issuer.gate.set()
        assert {each.result().status for each in answers} <= {200, 503}  # a slow machine may not get to all within 1 s
    assert issuer.most_at_once <= 64
    assert outcome(bearward, "good-after-many") == (200, "ok")


def test_who_leaves_does_not_end_the_question(bearward, app, issuer):
    issuer.gate.clear()
    with bearward.connect() as wire:
        wire.send(b"GET /x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer slow-left\r\n\r\n")
        deadline = time.monotonic() + 5 * SLOWNESS
        while "slow-left" not in issuer.tokens():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        other = pool.submit(bearward.fetch, target="/x", headers=bearer("slow-left"))
        time.sleep(0.2)
        issuer.gate.set()
        assert other.result().status == 200
    assert issuer.tokens().count("slow-left") == 1


def test_a_jwt_is_not_asked_about_where_there_are_keys_for_it(bearward, app, issuer):
    token = mint()
    assert outcome(bearward, token, "/mixed") == (200, "ok")
    assert outcome(bearward, "good-mixed", "/mixed") == (200, "ok")
    assert token not in issuer.tokens() and "good-mixed" in issuer.tokens()
    assert outcome(bearward, token, "/x") == (200, "ok") and token in issuer.tokens()


def test_what_is_too_long_or_no_token_is_not_asked_about(bearward, app, issuer):
    assert outcome(bearward, "good-" + "x" * 1100) == (401, "token_malformed")
    assert outcome(bearward, "good bad") == (401, "token_malformed")
    assert not [token for token in issuer.tokens() if "bad" in token or len(token) > 1024]


def test_a_token_about_events_is_no_credential_and_not_asked_about(bearward, app, issuer):
    for header, claims in [({"typ": "logout+jwt"}, {}), ({"typ": "secevent+jwt"}, {}), ({}, {"events": {"x": {}}})]:
        token = assemble({"alg": "HS256", **header}, {"sub": "good-e", **claims}, hs256())
        assert outcome(bearward, token) == (401, "type_mismatch")
        assert token not in issuer.tokens()
    assert app.requests == []


def test_handshakes_wait_too(bearward, issuer):
    with bearward.connect() as wire:
        wire.send(handshake("/ws", [("Sec-WebSocket-Protocol", "bearer, good-socket")]))
        assert b" 101 " in wire.until(b"\r\n\r\n").split(b"\r\n")[0]
    with bearward.connect() as wire:
        wire.send(handshake("/ws", [("Authorization", "Bearer inactive-socket")]))
        assert b" 101 " in wire.until(b"\r\n\r\n").split(b"\r\n")[0]
        assert read_frame(wire)[0] == 8


def test_look_ups_are_counted(bearward, app):
    def counts():
        text = bearward.admin("/metrics")[1]
        return {result: float(count) for result, count in
                re.findall(r'bearward_token_cache_total\{provider="opaque",result="(\w+)"\} (\S+)', text)}

    before = counts()
    for token in ("good-counted", "good-counted", "inactive-counted", "inactive-counted"):
        outcome(bearward, token)
    after = counts()
    assert {name: after[name] - before.get(name, 0) for name in after} == {"hit": 1, "miss": 2, "negative_hit": 1}


def test_commands_ask_nobody(bearward, issuer):
    import subprocess

    from conftest import BINARY

    def command(*arguments):
        return subprocess.run([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30 * SLOWNESS)

    asked = len(issuer.asked)
    assert command("check", "--strict", bearward.configuration).returncode == 0
    run = command("test", bearward.configuration)
    assert run.returncode == 0, run.stdout
    run = command("explain", bearward.configuration, "--path", "/x", "--header", "Authorization: Bearer good-explained")
    assert run.returncode == 3 and "introspection_unavailable" in run.stdout and "good-explained" not in run.stdout
    assert len(issuer.asked) == asked
    shown = json.loads(bearward.admin("/config")[1])["providers"]["opaque"]
    assert shown["client_secret"] == "********" and shown["cache"]["ttl"] == "2s" and "require_expiry" not in shown


def test_a_reload_asks_anew_and_goes_on(bearward, app, issuer):
    assert outcome(bearward, "good-reloaded") == (200, "ok")
    assert bearward.admin("/reload", "POST", {"Content-Type": "application/json"})[0] == 200
    assert outcome(bearward, "good-reloaded") == (200, "ok")
    assert issuer.tokens().count("good-reloaded") == 2
