"""Security event tokens of the Shared Signals Framework, pushed (RFC 8935): what they say counts no longer; everything else is refused in their words."""

import json
import time
import uuid

import pytest
from conftest import SLOWNESS
from key_server import key_server, key_set, ok
from redis_server import free_port, redis_server
from test_logout import ago, logout_token, rest, sign_with
from test_metrics import page
from tokens import EC, RSA, assemble, bearer, hs256, key_pair, mint

CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
REVOKED = CAEP + "session-revoked"
DISABLED = "https://schemas.openid.net/secevent/risc/event-type/account-disabled"
VERIFICATION = "https://schemas.openid.net/secevent/ssf/event-type/verification"
MEDIA = "application/secevent+jwt"
PATH = "/.bearward/events/main"
CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main:
    issuer: https://id.test/
    audiences: [widgets]
    algorithms: [HS256]
    keys: {secret: {file: secret}}
    claims: {tenant: tid}
    revocation: {events: {audience: [app, https://app.test/]}, back_channel_logout: {audience: app}}
    allow_warnings: [revocation-local, revocation-forgets]
  told:
    issuer: https://told.test/
    audiences: [widgets]
    algorithms: [HS256]
    keys: {secret: {file: secret}}
    revocation:
      events: {audience: app, issuer: https://ssf.test/, keys: {jwks_file: jwks.json}, path: /ssf, authorization: {value: "Bearer of-the-stream"}}
    allow_warnings: [revocation-local, revocation-forgets, inline-secret]
  opaque:
    type: introspection
    url: http://127.0.0.1:1/
    client_id: b
    client_secret: {file: secret}
    issuer: https://id.test/
    audiences: [widgets]
    revocation: {events: {audience: app, keys: {jwks_file: jwks.json}}}
    allow_warnings: [revocation-local]
  tenants:
    issuer: "https://login.test/{tid}"
    audiences: [widgets]
    algorithms: [HS256]
    keys: {secret: {file: secret}}
    claims: {tenant: tid}
    required_claims: {tid: {present: true}}
    revocation: {events: {audience: app}}
    allow_warnings: [revocation-local, revocation-forgets]
routes:
  - {prefix: /main, name: main, upstream: app, providers: [main]}
  - {prefix: /told, name: told, upstream: app, providers: [told]}
  - {prefix: /tenants, name: tenants, upstream: app, providers: [tenants]}
"""


def event(name=REVOKED, subject=None, header=None, sign=None, **changes):
    subject = {"format": "opaque", "id": "u-1"} if subject is None else subject
    made = {"iss": "https://id.test/", "aud": "app", "iat": int(time.time()), "jti": uuid.uuid4().hex, "sub_id": subject, "events": {name: {}}}
    made.update(changes)
    made = {name: value for name, value in made.items() if value is not None}
    return assemble({"alg": "HS256", "typ": "secevent+jwt", **(header or {})}, made, sign or hs256())


def push(process, token, path=PATH, headers=None):
    return process.fetch("POST", path, headers={"Content-Type": MEDIA, "Accept": "application/json", **(headers or {})}, body=token.encode())


def status(process, token, target="/main"):
    return process.fetch(target=target, headers=bearer(token)).status


def assert_refused(answer, word, code=400):
    assert answer.status == code, answer
    body = json.loads(answer.body)
    assert body["err"] == word and set(body) == {"err", "description"} and body["description"]
    assert answer.get("Content-Type") == "application/json" and answer.get("Content-Language") == "en"
    assert answer.get("Cache-Control") == "no-store"


def opaque(name):
    return {"format": "opaque", "id": name}


def iss_sub(name, issuer="https://id.test/"):
    return {"format": "iss_sub", "iss": issuer, "sub": name}


@pytest.mark.parametrize("name", [REVOKED, CAEP + "token-claims-change", DISABLED])
@pytest.mark.parametrize("form", [opaque, iss_sub])
def test_what_is_said_of_a_user_counts(bearward, name, form):
    user = uuid.uuid4().hex
    token, neighbour = ago(5, sub=user), ago(5, sub="n-" + user)
    assert status(bearward, token) == status(bearward, neighbour) == 200
    answer = push(bearward, event(name, form(user)))
    assert answer.status == 202 and answer.body == b"" and answer.get("Content-Length") == "0" and answer.get("Cache-Control") == "no-store"
    assert {status(bearward, token) for _ in range(8)} == {401}
    assert status(bearward, neighbour) == 200
    assert status(bearward, mint(sub=user, iat=int(time.time()) + 2)) == 200


def test_of_a_complex_subject_the_session_or_the_user_or_the_tenant(bearward):
    user, session, tenant = (uuid.uuid4().hex for _ in range(3))
    here, elsewhere = ago(5, sub=user, sid=session), ago(5, sub=user, sid="other")
    both = {"format": "complex", "user": iss_sub(user), "session": opaque(session)}
    assert push(bearward, event(subject=both)).status == 202
    assert status(bearward, here) == 401 and status(bearward, elsewhere) == 200
    assert push(bearward, event(DISABLED, both)).status == 202
    assert status(bearward, elsewhere) == 401, "an account is more than a session"
    member = ago(5, sub="m-" + user, tid=tenant)
    assert push(bearward, event(subject={"format": "complex", "device": opaque("d"), "tenant": opaque(tenant)})).status == 202
    assert status(bearward, member) == 200, "not all of the tenant is meant"
    assert push(bearward, event(subject={"format": "complex", "tenant": opaque(tenant)})).status == 202
    assert status(bearward, member) == 401


def test_the_issuer_of_a_tenant_revokes_nothing_of_anothers(bearward):
    one, other, user = (uuid.uuid4().hex for _ in range(3))
    here, there = f"https://login.test/{one}", f"https://login.test/{other}"
    mine, theirs = ago(5, sub=user, iss=here, tid=one), ago(5, sub=user, iss=there, tid=other)
    subjects = [iss_sub(user, there), {"format": "complex", "user": iss_sub(user, there)}, {"format": "complex", "tenant": opaque(other)}]
    for subject in subjects:
        assert push(bearward, event(subject=subject, iss=here, tid=one), "/.bearward/events/tenants").status == 202
    assert status(bearward, theirs, "/tenants") == status(bearward, mine, "/tenants") == 200
    assert push(bearward, event(subject={"format": "complex", "tenant": opaque(one)}, iss=here, tid=one), "/.bearward/events/tenants").status == 202
    assert status(bearward, theirs, "/tenants") == 200 and status(bearward, mine, "/tenants") == 401
    assert push(bearward, event(subject=iss_sub(user, there), iss=there, tid=other), "/.bearward/events/tenants").status == 202
    assert status(bearward, theirs, "/tenants") == 401


def test_of_somebody_elses_user_no_session_is_revoked(bearward):
    session = uuid.uuid4().hex
    held = ago(5, sid=session, sub=session)
    subject = {"format": "complex", "user": iss_sub("z", "https://elsewhere.test/"), "session": opaque(session)}
    for name in (DISABLED, REVOKED):
        assert push(bearward, event(name, subject)).status == 202
    assert status(bearward, held) == 200


def test_what_is_not_acted_on_is_accepted_logged_and_counted(bearward):
    def ignored():
        return page(bearward).value("bearward_issuer_notices_total", provider="main", receiver="events", result="ignored")

    user = uuid.uuid4().hex
    before = ignored()
    others = [event(CAEP + "credential-change", opaque(user)), event(subject={"format": "email", "email": "u@x.test"}),
              event(subject=iss_sub(user, "https://elsewhere.test/")), event(VERIFICATION, opaque("stream"))]
    assert {push(bearward, each).status for each in others} == {202}
    assert status(bearward, ago(5, sub=user)) == 200
    assert ignored() == before + len(others)
    assert "its issuer tells: verification" in bearward.log() and "an event that is not acted on" in bearward.log()


def test_what_was_sent_before_is_answered_as_it_was_then(bearward):
    token = event(subject=opaque(uuid.uuid4().hex))
    assert {push(bearward, token).status for _ in range(15)} == {202}


def test_a_delayed_one_counts_for_what_was_issued_until_it(bearward):
    user = uuid.uuid4().hex
    assert push(bearward, event(subject=opaque(user), iat=int(time.time()) - 3600)).status == 202
    assert status(bearward, mint(sub=user, iat=int(time.time()) - 3700)) == 401
    assert status(bearward, ago(5, sub=user)) == 200


def test_one_that_is_older_than_hold_revokes_nothing(bearward):
    user = uuid.uuid4().hex
    held = mint(sub=user, iat=None)
    before = status(bearward, held)
    assert push(bearward, event(subject=opaque(user), iat=int(time.time()) - 3 * 365 * 86_400)).status == 202
    assert before == status(bearward, held) == 200
    assert push(bearward, event(subject=opaque(user))).status == 202
    assert status(bearward, held) == 401


BAD = {
    "none": ("invalid_key", lambda: event(header={"alg": "none"}, sign=lambda _: b"x")),
    "another secret": ("invalid_key", lambda: event(sign=hs256(b"another secret of more than thirty-two bytes"))),
    "another algorithm": ("invalid_key", lambda: event(header={"alg": "ES256", "kid": "ec-1"}, sign=sign_with(EC))),
    "another issuer": ("invalid_issuer", lambda: event(iss="https://other.test/")),
    "no issuer": ("invalid_issuer", lambda: event(iss=None)),
    "another audience": ("invalid_audience", lambda: event(aud="widgets")),
    "no audience": ("invalid_audience", lambda: event(aud=None)),
    "no type": ("invalid_request", lambda: event(header={"typ": None})),
    "another type": ("invalid_request", lambda: event(header={"typ": "JWT"})),
    "a logout token": ("invalid_request", lambda: logout_token()),
    "an access token": ("invalid_request", lambda: mint(aud="app", jti="a")),
    "no jti": ("invalid_request", lambda: event(jti=None)),
    "no iat": ("invalid_request", lambda: event(iat=None)),
    "a future iat": ("invalid_request", lambda: event(iat=int(time.time()) + 90)),
    "no events": ("invalid_request", lambda: event(events=None)),
    "empty events": ("invalid_request", lambda: event(events={})),
    "no subject": ("invalid_request", lambda: event(sub_id=None)),
    "a subject without format": ("invalid_request", lambda: event(subject={"id": "u-1"})),
    "no JWS": ("invalid_request", lambda: "a.b"),
}


@pytest.mark.parametrize("names", [list(BAD)[at:at + 9] for at in range(0, len(BAD), 9)], ids=["1", "2", "3"])
def test_anything_else_is_refused_in_the_words_of_the_delivery(bearward, names):
    rest()
    for name in names:
        word, make = BAD[name]
        assert_refused(push(bearward, make()), word)
    rest()
    assert status(bearward, ago(5)) == 200


def test_it_comes_as_what_it_is(bearward):
    rest()
    answer = bearward.fetch("POST", PATH, headers={"Content-Type": "application/jwt"}, body=event().encode())
    assert_refused(answer, "invalid_request")
    assert_refused(bearward.fetch("POST", PATH, headers={"Content-Type": MEDIA}), "invalid_request")
    answer = bearward.fetch("GET", PATH)
    assert answer.status == 405 and answer.get("Allow") == "POST"
    rest()
    logout = bearward.fetch("POST", "/.bearward/logout/main", headers={"Content-Type": "application/x-www-form-urlencoded"}, body=b"logout_token=" + event().encode())
    assert logout.status == 400 and json.loads(logout.body) == {"error": "invalid_request"}


def test_an_event_is_no_credential(bearward):
    answer = bearward.fetch(target="/main", headers=bearer(event(aud="widgets", exp=int(time.time()) + 60, sub="u-1")))
    assert answer.status == 401 and bearward.access_record(answer.get("X-Request-Id"))["reason"] == "type_mismatch"


def test_who_tells_may_be_another_one_with_keys_of_its_own_and_a_secret(bearward):
    rest()
    user = uuid.uuid4().hex
    secret = {"Authorization": "Bearer of-the-stream"}
    held = ago(5, sub=user, iss="https://told.test/")

    def told(pair=RSA, **changes):
        return event(header={"alg": pair.algorithm, "kid": pair.kid}, sign=sign_with(pair), **{"iss": "https://ssf.test/", "subject": opaque(user), **changes})

    assert_refused(push(bearward, told(), "/ssf"), "authentication_failed", 401)
    refused = push(bearward, told(), "/ssf", {"Authorization": "Bearer of-the-streams"})
    assert_refused(refused, "authentication_failed", 401)
    assert refused.get("WWW-Authenticate") == "Bearer"
    assert_refused(push(bearward, event(subject=opaque(user), iss="https://ssf.test/"), "/ssf", secret), "invalid_key")
    assert_refused(push(bearward, told(iss="https://told.test/"), "/ssf", secret), "invalid_issuer")
    assert_refused(push(bearward, told(key_pair("RS256", "rsa-1")), "/ssf", secret), "invalid_key")
    assert status(bearward, held, "/told") == 200
    rest()
    assert push(bearward, told(), "/ssf", secret).status == 202
    assert status(bearward, held, "/told") == 401
    other = ago(5, sub="i-" + user, iss="https://told.test/")
    assert push(bearward, told(EC, subject=iss_sub("i-" + user, "https://told.test/")), "/ssf", secret).status == 202
    assert status(bearward, other, "/told") == 401
    assert "of-the-stream" not in bearward.log() and "of-the-stream" not in bearward.admin("/config")[1]


def test_a_body_over_64_kib_is_refused_in_the_words_of_the_delivery(bearward):
    rest()
    assert_refused(push(bearward, "x" * 65_537), "invalid_request")
    with bearward.connect() as peer:
        peer.send(f"POST {PATH} HTTP/1.1\r\nHost: api.test\r\nContent-Type: {MEDIA}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        peer.send(b"10001\r\n" + b"a" * 65_537)
        answer = peer.response()
        assert_refused(answer, "invalid_request")
        assert answer.get("Connection") == "close"
    with bearward.connect() as peer:
        peer.send(f"POST {PATH} HTTP/1.1\r\nHost: api.test\r\nContent-Type: {MEDIA}\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n".encode())
        assert_refused(peer.response(), "invalid_request")
    rest()


def test_strangers_dont_keep_out_who_has_the_secret(bearward):
    rest()
    said = event(header={"alg": RSA.algorithm, "kid": RSA.kid}, sign=sign_with(RSA), iss="https://ssf.test/", subject=opaque(uuid.uuid4().hex))
    assert {push(bearward, said, "/ssf").status for _ in range(20)} <= {401, 429}
    assert push(bearward, said, "/ssf", {"Authorization": "Bearer of-the-stream"}).status == 202
    rest()


def test_what_could_not_be_kept_is_not_taken_for_known(start):
    port = free_port()
    redis = redis_server(port=port)
    try:
        process = start(FETCHED.replace(", issuer: https://ssf.test/, keys: {jwks_url: \"@keys@\"}}", "}" + f', redis: {{address: "127.0.0.1:{port}", fail: open}}'))
        user = uuid.uuid4().hex
        said = event(subject=opaque(user))
        redis.stop()
        assert {push(process, said).status for _ in range(4)} == {503}
        redis = redis_server(port=port)
        deadline = time.monotonic() + 10 * SLOWNESS
        while push(process, said).status != 202:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert status(process, ago(5, sub=user)) == 401
    finally:
        redis.stop()


def test_an_address_is_refused_ten_times_a_second(bearward):
    rest()
    answers = [push(bearward, "a.b.c") for _ in range(14)]
    assert {answer.status for answer in answers[:10]} == {400}
    if SLOWNESS == 1:
        assert answers[-1].status == 429 and answers[-1].get("Retry-After") == "1"


FETCHED = """
version: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main:
    issuer: https://id.test/
    audiences: [widgets]
    algorithms: [HS256]
    keys: {secret: {file: secret}}
    revocation: {events: {audience: app, issuer: https://ssf.test/, keys: {jwks_url: "@keys@"}}}
    allow_warnings: [revocation-local, revocation-forgets]
routes: [{prefix: /main, name: main, upstream: app, providers: [main]}]
"""


def test_keys_of_its_own_may_be_fetched_and_hold_nobody_up_meanwhile(start):
    key = key_pair("ES256", "k-1")
    server = key_server(keys=b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
    try:
        process = start(FETCHED.replace("@keys@", server.url()))
        assert status(process, ago(5)) == 200, "and it was ready"
        token = event(iss="https://ssf.test/", header={"alg": "ES256", "kid": "k-1"}, sign=sign_with(key))
        answer = push(process, token)
        assert answer.status == 503 and answer.get("Retry-After") == "1"
        server.answers["/keys"] = ok(key_set(key))
        deadline = time.monotonic() + 15 * SLOWNESS
        while (answer := push(process, token)).status != 202:
            assert answer.status in (503, 429) and time.monotonic() < deadline, answer
            time.sleep(0.2)
        assert status(process, ago(5)) == 401
    finally:
        server.stop()
