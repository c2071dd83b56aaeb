"""Back-channel logout: what the issuer says has ended counts no longer; everything else that it or others send there is refused."""

import contextlib
import json
import subprocess
import threading
import time
import urllib.parse
import uuid

import jwt
import pytest
from conftest import BINARY, SLOWNESS, bearward_process
from key_server import key_server, key_set, ok
from redis_server import free_port, redis_client, redis_server
from test_metrics import page
from tokens import EC, RSA, assemble, bearer, claims, hs256, key_pair, mint
from wire import fetch

EVENT = "http://schemas.openid.net/event/backchannel-logout"
FORM = "application/x-www-form-urlencoded"
PATH = "/.bearward/logout/main"
CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}, {address: 127.0.0.1:0, name: second}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
limits: {request_body_timeout: 1s}
providers:
  main:
    issuer: https://id.test/
    audiences: [widgets]
    algorithms: [HS256]
    keys: {secret: {file: secret}}
    claims: {user: email}
    require_user: false
    max_lifetime: 1h
    revocation: {back_channel_logout: {audience: app}}
    allow_warnings: [revocation-local]
  other:
    issuer: https://other.test/
    audiences: [widgets]
    algorithms: [HS256]
    keys: {secret: {file: secret}}
    revocation: {back_channel_logout: {audience: app, path: /logout/other, hold: 2s}}
    allow_warnings: [revocation-local, revocation-forgets]
  set:
    issuer: https://set.test/
    audiences: [widgets]
    algorithms: [RS256, ES256]
    keys: {jwks_file: jwks.json}
    revocation: {back_channel_logout: {audience: app}}
    allow_warnings: [revocation-local, revocation-forgets]
  template:
    issuer: ["https://login.test/{tid}/v2", "https://old.test/{tid}/"]
    audiences: [widgets]
    algorithms: [HS256]
    keys: {secret: {file: secret}}
    required_claims: {tid: {present: true}}
    revocation: {back_channel_logout: {audience: app}}
    allow_warnings: [revocation-local, revocation-forgets]
routes:
  - {prefix: /main, name: main, upstream: app, providers: [main]}
  - {prefix: /other, name: other, upstream: app, providers: [other]}
  - {prefix: /set, name: set, upstream: app, providers: [set]}
  - {prefix: /template, name: template, upstream: app, providers: [template]}
  - {prefix: /logout, name: decoy, upstream: app, auth: none}
"""


def logout_claims(**changes):
    now = int(time.time())
    made = {"iss": "https://id.test/", "aud": "app", "iat": now, "exp": now + 120, "jti": uuid.uuid4().hex, "sub": "u-1", "events": {EVENT: {}}}
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


def sign_with(pair):
    """By a key pair, whatever the header says."""
    return lambda signing_input: jwt.algorithms.get_default_algorithms()[pair.algorithm].sign(signing_input, pair.private)


def logout_token(header=None, sign=None, **changes):
    return assemble({"alg": "HS256", "typ": "logout+jwt", **(header or {})}, logout_claims(**changes), sign or hs256())


def post(process, token, path=PATH, body=None, headers=None, **more):
    body = urllib.parse.urlencode({"logout_token": token}).encode() if body is None else body
    return process.fetch("POST", path, headers={"Content-Type": FORM, **(headers or {})}, body=body, **more)


def status(process, token, target="/main"):
    return process.fetch(target=target, headers=bearer(token)).status


def ago(seconds, **changes):
    """A token that was issued before the issuer says anything."""
    return mint(**{"iat": int(time.time()) - seconds, **changes})


def rest():
    """Until no refused request counts any more."""
    time.sleep(1.05)


def assert_refused(answer):
    assert answer.status == 400
    assert json.loads(answer.body) == {"error": "invalid_request"}
    assert answer.get("Content-Type") == "application/json" and answer.get("Cache-Control") == "no-store"
    assert answer.get("WWW-Authenticate") is None


def test_all_of_a_user_that_was_issued_before_counts_no_longer(bearward):
    user = uuid.uuid4().hex
    token, neighbour = ago(5, sub=user), ago(5, sub="n-" + user, email=user)
    assert status(bearward, token) == status(bearward, neighbour) == 200
    answer = post(bearward, logout_token(sub=user))
    assert answer.status == 200 and answer.body == b""
    assert answer.get("Cache-Control") == "no-store" and answer.get("Content-Length") == "0"
    assert {status(bearward, token) for _ in range(8)} == {401}, "by every worker, also from its cache"
    assert status(bearward, ago(5, sub=user, jti="fresh")) == 401, "one that nobody has seen yet"
    assert status(bearward, neighbour) == 200, "`user:` is the identity's user, and not what the issuer means"
    assert status(bearward, mint(sub=user, iat=int(time.time()) + 2)) == 200, "a new login"
    assert status(bearward, ago(5, sub=user, iss="https://other.test/"), "/other") == 200, "another provider's"
    refused = bearward.fetch(target="/main", headers=bearer(token))
    record = bearward.access_record(refused.get("X-Request-Id"))
    assert record["reason"] == "token_revoked" and record["cause"] == f"sub '{user}' is revoked"


def test_with_a_session_that_alone_counts_no_longer(bearward):
    user, session = uuid.uuid4().hex, uuid.uuid4().hex
    here, elsewhere = ago(5, sub=user, sid=session), ago(5, sub=user, sid="other-" + session)
    assert post(bearward, logout_token(sub=user, sid=session)).status == 200
    assert status(bearward, here) == 401 and status(bearward, elsewhere) == 200
    assert post(bearward, logout_token(sub=None, sid="other-" + session)).status == 200
    assert status(bearward, elsewhere) == 401


def test_of_several_issuers_of_a_provider_each_speaks_of_its_own(bearward):
    user = uuid.uuid4().hex
    one = {"iss": "https://login.test/t-1/v2", "tid": "t-1"}
    mine, old = ago(5, sub=user, **one), ago(5, sub=user, iss="https://old.test/t-1/", tid="t-1")
    foreign = ago(5, sub=user, iss="https://login.test/t-2/v2", tid="t-2")
    assert_refused(post(bearward, logout_token(sub=user, iss="https://login.test/t-1/v2", tid="t-2"), "/.bearward/logout/template"))
    assert post(bearward, logout_token(sub=user, **one), "/.bearward/logout/template").status == 200
    assert status(bearward, mine, "/template") == status(bearward, old, "/template") == 401
    assert status(bearward, foreign, "/template") == 200


def test_it_holds_for_a_while(bearward):
    user = uuid.uuid4().hex
    token = ago(5, sub=user, iss="https://other.test/")
    assert post(bearward, logout_token(sub=user, iss="https://other.test/"), "/logout/other").status == 200
    assert status(bearward, token, "/other") == 401
    time.sleep(3.1)
    assert status(bearward, token, "/other") == 200


BAD = {
    "none": lambda: logout_token({"alg": "none"}, lambda _: b""),
    "another secret": lambda: logout_token(sign=hs256(b"another secret of more than thirty-two bytes")),
    "another algorithm": lambda: logout_token({"alg": "RS256", "kid": "rsa-1"}, sign_with(RSA)),
    "an access token": lambda: mint(aud="app", jti="a"),
    "an access token of that type": lambda: assemble({"alg": "HS256", "typ": "logout+jwt"}, claims(aud="app", jti="a"), hs256()),
    "of another type": lambda: logout_token({"typ": "at+jwt"}),
    "a security event": lambda: logout_token({"typ": "secevent+jwt"}),
    "no issuer": lambda: logout_token(iss=None),
    "another issuer": lambda: logout_token(iss="https://other.test/"),
    "no audience": lambda: logout_token(aud=None),
    "the API's audience": lambda: logout_token(aud="widgets"),
    "no iat": lambda: logout_token(iat=None),
    "an old iat": lambda: logout_token(iat=int(time.time()) - 400),
    "a future iat": lambda: logout_token(iat=int(time.time()) + 90),
    "no exp": lambda: logout_token(exp=None),
    "expired": lambda: logout_token(exp=int(time.time()) - 60),
    "no jti": lambda: logout_token(jti=None),
    "no events": lambda: logout_token(events=None),
    "another event": lambda: logout_token(events={"https://schemas.openid.net/event/backchannel-logout": {}}),
    "an event that is no object": lambda: logout_token(events={EVENT: True}),
    "events as a list": lambda: logout_token(events=[EVENT]),
    "a nonce": lambda: logout_token(nonce="n"),
    "neither sub nor sid": lambda: logout_token(sub=None),
    "a sub that is no text": lambda: logout_token(sub=7),
    "an empty sid": lambda: logout_token(sid=""),
    "crit": lambda: logout_token({"crit": ["x"], "x": 1}),
    "no token": lambda: "",
    "no JWS": lambda: "a.b",
}


@pytest.mark.parametrize("names", [list(BAD)[at:at + 9] for at in range(0, len(BAD), 9)], ids=["1", "2", "3", "4"])
def test_anything_else_is_refused_and_revokes_nothing(bearward, names):
    rest()
    for name in names:
        answer = post(bearward, BAD[name]())
        assert answer.status == 400, name
        assert_refused(answer)
    rest()
    assert status(bearward, ago(5)) == 200


def test_why_is_in_the_log_alone(bearward):
    rest()
    answer = post(bearward, logout_token(aud="widgets"))
    record = bearward.access_record(answer.get("X-Request-Id"))
    assert record["status"] == 400 and record["reason"] == "audience_mismatch" and record["cause"] == "aud is 'widgets'"
    assert record["path"] == PATH and record["route"] is None and record["user"] is None
    good = post(bearward, logout_token(sub=uuid.uuid4().hex))
    record = bearward.access_record(good.get("X-Request-Id"))
    assert record["status"] == 200 and record["reason"] == "ok" and record["route"] is None
    counted = page(bearward)
    assert counted.value("bearward_decisions_total", route="none", reason="audience_mismatch", mode="enforce") >= 1
    assert counted.value("bearward_requests_total", route="none", method="POST", code="200") >= 1


def test_a_logout_token_counts_once_and_is_no_credential(bearward):
    rest()
    token = logout_token(sub=uuid.uuid4().hex, aud=["app", "widgets"])
    assert post(bearward, token).status == 200
    assert_refused(post(bearward, token))
    answer = bearward.fetch(target="/main", headers=bearer(token))
    assert answer.status == 401 and bearward.access_record(answer.get("X-Request-Id"))["reason"] == "type_mismatch"


@pytest.mark.parametrize("path", ["//.bearward//logout/./main", "/x/../.bearward/logout/main", "/%2Ebearward/logout/%6Dain", PATH + "?x=1"])
def test_the_path_is_compared_canonically_on_every_host_and_listener(bearward, path):
    rest()
    assert post(bearward, logout_token(sub=uuid.uuid4().hex), path, host="any.test").status == 200
    second = bearward.addresses["second"]
    body = urllib.parse.urlencode({"logout_token": logout_token(sub=uuid.uuid4().hex)}).encode()
    assert fetch(second, "POST", path, headers={"Content-Type": FORM}, body=body, host="another.test:1").status == 200


def test_other_paths_are_not_taken(bearward, app):
    for path in (PATH + "/", PATH + "x", "/.bearward/logout", "/.Bearward/logout/main"):
        assert post(bearward, logout_token(), path).status == 404, path
    assert post(bearward, logout_token(), "/logout/others").status == 200, "a route's"
    assert app.requests[-1].target == "/logout/others"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS", "DELETE", "TRACE"])
def test_only_post(bearward, method):
    rest()
    answer = bearward.fetch(method, PATH)
    assert answer.status == 405 and answer.get("Allow") == "POST"


def test_a_browser_gets_nothing_out_of_it(bearward):
    rest()
    answer = bearward.fetch("OPTIONS", PATH, headers={"Origin": "https://evil.test", "Access-Control-Request-Method": "POST"})
    assert answer.status == 405 and answer.get("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize("headers, body", [
    ({"Content-Type": "application/json"}, None),
    ({"Content-Type": "application/logout+jwt"}, None),
    ({"Content-Encoding": "gzip"}, None),
    ({}, b"logout_token=a.b.c&logout_token=a.b.c"),
    ({}, b"token=a.b.c"),
    ({}, b""),
    ({}, b"logout_token=%zz"),
])
def test_one_token_in_a_form(bearward, headers, body):
    rest()
    assert_refused(post(bearward, logout_token(), body=body, headers=headers))


def test_a_body_may_come_in_chunks_late_and_beside_other_parameters(bearward):
    rest()
    user = uuid.uuid4().hex
    body = b"x=1&logout_token=" + logout_token(sub=user).encode() + b"&y"
    with bearward.connect() as peer:
        peer.send(f"POST {PATH} HTTP/1.1\r\nHost: api.test\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for at in range(0, len(body), 50):
            piece = body[at:at + 50]
            peer.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        peer.send(b"0\r\n\r\nGET /main HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer " + ago(5, sub=user).encode() + b"\r\n\r\n")
        assert peer.response().status == 200
        assert peer.response().status == 401, "the next request of the connection, by then refused"


def test_who_waits_to_be_asked_is_asked(bearward):
    rest()
    body = b"logout_token=" + logout_token(sub=uuid.uuid4().hex).encode()
    with bearward.connect() as peer:
        peer.send(f"POST {PATH} HTTP/1.1\r\nHost: api.test\r\nContent-Type: {FORM}\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        assert peer.head().status == 100
        peer.send(body)
        assert peer.response().status == 200


def test_a_body_is_bounded_in_size_and_time(bearward):
    rest()
    assert_refused(post(bearward, "", body=b"x=" + b"a" * 65_535))
    with bearward.connect() as peer:
        peer.send(f"POST {PATH} HTTP/1.1\r\nHost: api.test\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        peer.send(b"10001\r\n" + b"a" * 65_537)
        answer = peer.response()
        assert_refused(answer)
        assert answer.get("Connection") == "close"
    with bearward.connect() as peer:
        peer.send(f"POST {PATH} HTTP/1.1\r\nHost: api.test\r\nContent-Type: {FORM}\r\nContent-Length: 10\r\n\r\nx".encode())
        assert peer.response().status == 408
    assert_refused(post(bearward, "", body=b"x=" + b"a" * 65_534))


def test_an_address_is_refused_ten_times_a_second(bearward):
    rest()
    bad = logout_token(aud="widgets")
    answers = [post(bearward, bad) for _ in range(14)]
    assert {answer.status for answer in answers[:10]} == {400}
    assert 429 in {answer.status for answer in answers[10:]}
    if SLOWNESS == 1:
        assert answers[-1].status == 429 and answers[-1].get("Retry-After") == "1"
        assert bearward.access_record(answers[-1].get("X-Request-Id"))["reason"] == "rate_limited"
    rest()
    assert post(bearward, logout_token(sub=uuid.uuid4().hex)).status == 200


def test_who_holds_bodies_back_gets_no_more_of_them_judged(bearward):
    rest()
    body = b"logout_token=" + logout_token(aud="widgets").encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: api.test\r\nContent-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(bearward.connect()) for _ in range(60)]
        for peer in peers:
            peer.send(head + body[:-1])
        time.sleep(0.2 * SLOWNESS)
        for peer in peers:
            peer.send(body[-1:])
        statuses = [peer.response().status for peer in peers]
    assert set(statuses) <= {400, 429}
    if SLOWNESS == 1:
        assert 10 <= statuses.count(400) <= 11, "two workers may judge at the same time"
    rest()


def test_good_ones_are_not_counted(bearward):
    rest()
    assert {post(bearward, logout_token(sub=uuid.uuid4().hex)).status for _ in range(30)} == {200}


def test_the_issuers_key_set_verifies(bearward):
    rest()
    user = uuid.uuid4().hex
    good = logout_token({"alg": "ES256", "kid": "ec-1"}, sign_with(EC), iss="https://set.test/", sub=user)
    assert post(bearward, good, "/.bearward/logout/set").status == 200
    foreign = logout_token({"alg": "ES256", "kid": "ec-1"}, sign_with(key_pair("ES256", "ec-1")), iss="https://set.test/", sub=user)
    assert_refused(post(bearward, foreign, "/.bearward/logout/set"))
    public = logout_token({"alg": "HS256", "kid": "rsa-1"}, hs256(RSA.public_pem), iss="https://set.test/", sub=user)
    assert_refused(post(bearward, public, "/.bearward/logout/set"))


FETCHED = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main:
    issuer: https://id.test/
    audiences: [widgets]
    algorithms: [ES256]
    keys: {jwks_url: "@keys@"}
    jwks: {min_refresh: 1s, timeout: 1s}
    revocation: {back_channel_logout: {audience: app}@redis@}
    allow_warnings: [revocation-local, revocation-forgets]
routes: [{prefix: /main, name: main, upstream: app, providers: [main]}]
"""


def test_a_key_that_is_new_is_fetched_and_what_can_not_be_fetched_is_our_trouble(start):
    first, second, third = (key_pair("ES256", name) for name in ("k-1", "k-2", "k-3"))
    server = key_server(keys=ok(key_set(first)))
    try:
        process = start(FETCHED.replace("@keys@", server.url()).replace("@redis@", ""))
        time.sleep(1.1)
        server.answers["/keys"] = ok(key_set(first, second))
        assert post(process, logout_token({"alg": "ES256", "kid": "k-2"}, sign_with(second))).status == 200
        time.sleep(1.1)
        assert_refused(post(process, logout_token({"alg": "ES256", "kid": "k-3"}, sign_with(third))))
        time.sleep(1.1)
        server.close()
        answer = post(process, logout_token({"alg": "ES256", "kid": "k-3"}, sign_with(third)))
        assert answer.status == 503 and answer.get("Retry-After") == "1"
        assert process.access_record(answer.get("X-Request-Id"))["reason"] == "keys_unavailable"
        assert post(process, logout_token({"alg": "ES256", "kid": "k-2"}, sign_with(second))).status == 200
    finally:
        server.stop()


def test_what_redis_keeps_counts_in_every_process_and_without_it_nothing_is_promised(start):
    key = key_pair("ES256", "k-1")
    server = key_server(keys=ok(key_set(key)))
    port = free_port()
    redis = redis_server(port=port)
    try:
        settings = FETCHED.replace("@keys@", server.url()).replace("@redis@", f', redis: {{address: "127.0.0.1:{port}", fail: open}}')
        one, other = start(settings), start(settings)
        user = uuid.uuid4().hex
        said = logout_token({"alg": "ES256", "kid": "k-1"}, sign_with(key), sub=user)
        now = int(time.time())
        assert post(one, said).status == 200
        held = assemble({"alg": "ES256", "kid": "k-1"}, claims(sub=user, iat=now - 5), sign_with(key))
        deadline = time.monotonic() + 1 * SLOWNESS
        while status(other, held) != 401:
            assert time.monotonic() < deadline
        assert status(one, held) == 401
        client = redis_client(port)
        member, score = client.ask("ZRANGE", "bearward:revocations", "0", "-1", "WITHSCORES")
        assert member.startswith(f"sub:{user} provider:main before:") and abs(int(member.rsplit(":", 1)[1]) - now) <= 2
        assert abs(int(score) - now - 86_400) <= 3
        client.close()
        redis.stop()
        later = logout_token({"alg": "ES256", "kid": "k-1"}, sign_with(key), sub="u-9")
        answer = post(one, later)
        assert answer.status == 503 and answer.get("Retry-After") == "1"
        assert one.access_record(answer.get("X-Request-Id"))["reason"] == "revocation_unavailable"
        redis = redis_server(port=port)
        deadline = time.monotonic() + 10 * SLOWNESS
        while post(one, later).status != 200:
            assert time.monotonic() < deadline, "the same one counts once it can be kept"
            time.sleep(0.1)
    finally:
        redis.stop()
        server.stop()


def test_many_at_a_time(bearward):
    """From several connections at once, to both workers, while requests are judged."""
    rest()
    users = [uuid.uuid4().hex for _ in range(40)]
    held = {user: ago(5, sub=user) for user in users}
    answers = []

    def send(some):
        answers.extend(post(bearward, logout_token(sub=user)).status for user in some)

    threads = [threading.Thread(target=send, args=(users[at::4],)) for at in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == [200] * 40
    assert {status(bearward, token) for token in held.values()} == {401}


def test_kept_through_a_reload(bearward):
    user = uuid.uuid4().hex
    assert post(bearward, logout_token(sub=user)).status == 200
    connection_status, _ = bearward.admin("/reload", "POST", {"Content-Type": "application/json"})
    assert connection_status == 200
    assert status(bearward, ago(5, sub=user)) == 401


def test_a_reload_may_take_the_receiver_away(start):
    process = start(CONFIGURATION)
    assert isinstance(process, bearward_process)
    text = process.configuration.read_text().replace("revocation: {back_channel_logout: {audience: app}}", "", 1)
    process.configuration.write_text(text.replace("allow_warnings: [revocation-local]\n", "\n", 1))
    assert process.admin("/reload", "POST", {"Content-Type": "application/json"})[0] == 200
    assert post(process, logout_token()).status == 404


@pytest.mark.parametrize("method, status, reason", [("POST", 400, "bad_request"), ("GET", 405, "method_not_allowed")])
def test_explain_knows_the_receivers(bearward, method, status, reason):
    said = subprocess.run([BINARY, "explain", "-c", bearward.configuration, "--method", method, "--path", PATH, "--json"], capture_output=True, text=True, timeout=30 * SLOWNESS)
    told = json.loads(said.stdout)
    assert said.returncode == 3 and told["status"] == status and told["reason"] == reason and told["route"] is None
    assert bearward.fetch(method, PATH).status == status
