"""Identity headers of the client's own making: however they are written and wherever they stand, none of them arrives."""

import itertools
import re
import struct

import pytest
import wire
from frames import frame, handshake, read_frame
from tokens import bearer, mint

# Of the registry of HTTP methods (RFC 9110 section 16.1), and one that is in none.
METHODS = """ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE
    OPTIONS ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH PUT REBIND REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL
    BREW""".split()
CONFIGURATION = """
version: 1
threads: 1
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"]}
  sockets: {servers: ["@websocket@"]}
providers: {main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}}
defaults: {upstream: app, providers: [main]}
identity_headers: {X-User-Id: user, X-Tenant-Id: tenant, X-User-Roles: roles, X-User-Scopes: scopes, Remote_User: user, X-Department: claims.department}
routes:
  - {prefix: /app, name: app}
  - {prefix: /app/admin, name: admin, require: {roles: [admin]}}
  - {prefix: /observed, name: observed, require: {roles: [admin]}, mode: observe}
  - {prefix: /optional, name: optional, auth: optional}
  - {prefix: /public, name: public, auth: none}
  - {prefix: /ws, name: ws, upstream: sockets}
  - {prefix: /ws/observed, name: ws_observed, upstream: sockets, require: {roles: [admin]}, mode: observe}
  - {prefix: /ws/optional, name: ws_optional, upstream: sockets, auth: optional}
  - {prefix: /ws/open, name: ws_open, upstream: sockets, auth: none}
"""
UNUSUAL_ALLOWED = CONFIGURATION + "headers: {unusual_names: allow}\n"
NAMES = ["X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes", "Remote_User", "X-Department"]
PLACES = {  # target, with a token, what of the identity arrives
    "app": ("/app", True), "optional": ("/optional", True), "anonymous": ("/optional", False), "public": ("/public", False), "public_with_token": ("/public", True),
    "observed": ("/observed", True),
}
SOCKETS = {"ws": ("/ws", True), "observed": ("/ws/observed", True), "optional": ("/ws/optional", True), "anonymous": ("/ws/optional", False), "public": ("/ws/open", False)}
IDENTITY = {"x-user-id": "u-1", "x-tenant-id": "t-1", "x-user-roles": "reader", "x-user-scopes": "widgets:read", "remote-user": "u-1"}


def spellings(name):
    """Every mix of - and _, each in several cases."""
    parts = name.replace("_", "-").split("-")
    found = set()
    for joints in itertools.product("-_", repeat=len(parts) - 1):
        written = parts[0] + "".join(joint + part for joint, part in zip(joints, parts[1:]))
        found |= {written, written.lower(), written.upper(), written.swapcase(), "".join(letter.upper() if index % 2 else letter.lower()
                                                                                       for index, letter in enumerate(written))}
    return sorted(found)


ALL = [spelling for name in NAMES for spelling in spellings(name)]


#: Bytes that a name may have and that CGI, WSGI and PHP take for the same as `-`.
ODD = [re.sub("[-_]", byte, name) for byte in ".!~^|'`+$&*#%" for name in NAMES]


def normal(name):
    return re.sub("[^a-z0-9]", "-", name.lower())


def identity_of(headers):
    """What an app that folds - and _ would take for the identity: normalised name -> values."""
    found = {}
    for name, value in headers:
        if normal(name) in map(normal, NAMES):
            found.setdefault(normal(name), []).append(value)
    return found


def expected(with_identity):
    return {normal(name): [value] for name, value in IDENTITY.items()} if with_identity else {}


@pytest.fixture(scope="module", params=["drop", "allow"])
def proxy(request, tmp_path_factory, http_upstream, websocket_upstream):
    """With unusual header names dropped, and with them passed."""
    from conftest import bearward_process

    text = UNUSUAL_ALLOWED if request.param == "allow" else CONFIGURATION
    process = bearward_process(tmp_path_factory.mktemp("spoofs"), text, http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


def test_there_are_many_spellings():
    assert len(ALL) > 80 and "x_uSER_iD" in ALL and "REMOTE-USER" in ALL


@pytest.mark.parametrize("place", PLACES)
def test_one_spelling_at_a_time(proxy, app, place):
    target, with_token = PLACES[place]
    token = bearer(mint()).items() if with_token else []
    with proxy.connect() as link:
        for spelling in ALL:
            link.send(wire.request("GET", target, [(spelling, "spoof"), *token]))
            assert link.response().status == 200, spelling
            assert b"spoof" not in app.last.raw_head, spelling
            assert identity_of(app.last.headers) == expected(with_token and "public" not in place), spelling


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize("place", PLACES)
def test_odd_spellings_with_every_method(proxy, app, place, method):
    target, with_token = PLACES[place]
    headers = [*((name, "spoof") for name in ODD), *(bearer(mint()).items() if with_token else [])]
    assert proxy.fetch(method, target, headers=headers).status == 200
    assert app.last.method == method and b"spoof" not in app.last.raw_head
    assert identity_of(app.last.headers) == expected(with_token and "public" not in place)


@pytest.mark.parametrize("place", PLACES)
def test_every_method(proxy, app, place):
    target, with_token = PLACES[place]
    headers = [*((name, "spoof") for name in NAMES), *(bearer(mint()).items() if with_token else [])]
    preflight = [("Origin", "https://app.test"), ("Access-Control-Request-Method", "POST")]
    for method in METHODS:
        for more in ([], preflight):
            app.forget()
            answer = proxy.fetch(method, target, headers=headers + more)
            assert answer.status == 200 or (method == "PRI" and answer.status in (400, 405)), (method, answer)
            for head in app.heads:
                assert head.method == method and b"spoof" not in head.raw_head
                assert identity_of(head.headers) == expected(with_token and "public" not in place), method


@pytest.mark.parametrize("method, statuses", [("TRACE", {405}), ("CONNECT", {400, 405, 501})])
def test_methods_that_are_not_forwarded(proxy, app, method, statuses):
    for target, _ in PLACES.values():
        assert proxy.fetch(method, target, headers=[*((name, "spoof") for name in NAMES), *bearer(mint()).items()]).status in statuses
    assert app.heads == []


def test_observed_requirements_judge_the_token_and_not_the_headers(proxy, app):
    spoofed = [("X-User-Roles", "admin"), ("x_user_roles", "admin"), ("X-User-Id", "root")]
    answer = proxy.fetch(target="/observed", headers=[*spoofed, *bearer(mint()).items()])
    assert answer.status == 200 and app.last.get("X-User-Roles") == "reader" and app.last.get("X-User-Id") == "u-1"
    assert proxy.access_record(answer.get("X-Request-Id"))["reason"] == "role_missing"
    app.forget()
    assert proxy.fetch(target="/observed", headers=spoofed).status == 401
    assert app.heads == []


@pytest.mark.parametrize("place", PLACES)
def test_all_spellings_at_once_before_and_after_the_token(proxy, app, place):
    target, with_token = PLACES[place]
    half = len(ALL) // 2
    headers = [(name, "spoof") for name in ALL[:half]] + (list(bearer(mint()).items()) if with_token else []) + [(name, "") for name in ALL[half:]]
    assert proxy.fetch(target=target, headers=headers).status == 200
    assert b"spoof" not in app.last.raw_head
    assert identity_of(app.last.headers) == expected(with_token and "public" not in place)


@pytest.mark.parametrize("place", PLACES)
def test_connection_names_them(proxy, app, place):
    """A proxy that adds first and removes what Connection names afterwards would forward a request without its identity."""
    target, with_token = PLACES[place]
    for named in (", ".join(NAMES), ", ".join(ALL), "close, X-User-Id", "x-user-id", "X_User_Id,,keep-alive"):
        headers = [("Connection", named), ("X-User-Id", "spoof"), *(bearer(mint()).items() if with_token else [])]
        assert proxy.fetch(target=target, headers=headers).status == 200
        assert b"spoof" not in app.last.raw_head and not {normal(name) for name in NAMES} & {
            normal(entry.strip()) for value in app.last.all("Connection") for entry in value.split(",")}
        assert identity_of(app.last.headers) == expected(with_token and "public" not in place), named


@pytest.mark.parametrize("place", PLACES)
def test_trailers_carry_none(proxy, app, place):
    target, with_token = PLACES[place]
    trailers = "".join(f"{name}: spoof\r\n" for name in NAMES)
    headers = [("Transfer-Encoding", "chunked"), ("Trailer", ", ".join(NAMES)), ("TE", "trailers"), *(bearer(mint()).items() if with_token else [])]
    start = sum(map(len, app.bytes))
    assert proxy.fetch("POST", target, headers=headers, body=b"5\r\nhello\r\n0\r\n" + trailers.encode() + b"\r\n").status == 200
    assert app.last.body == b"hello" and app.last.trailers == b"" and sum(map(len, app.bytes)) == start
    assert b"spoof" not in app.last.raw_head and identity_of(app.last.headers) == expected(with_token and "public" not in place)


@pytest.mark.parametrize("target, token, status", [
    ("/app", None, 401), ("/app", "garbage", 401), ("/app/admin", "good", 403), ("/optional", "garbage", 401), ("/nowhere", "good", 404), ("/app/..;/x", "good", 400),
])
def test_a_rejected_request_gains_nothing_by_them(proxy, app, target, token, status):
    headers = [*((name, "admin") for name in ALL[:100]), *(bearer(mint() if token == "good" else token).items() if token else [])]
    answer = proxy.fetch(target=target, headers=headers)
    assert answer.status == status and app.heads == []
    assert not identity_of(answer.headers) and b"admin" not in answer.body


@pytest.mark.parametrize("place", SOCKETS)
def test_a_socket_carries_none(proxy, sockets, place):
    target, with_token = SOCKETS[place]
    token = list(bearer(mint()).items()) if with_token else []
    for extra in ([(name, "spoof") for name in ALL[:90]], [(name, "spoof") for name in ALL[-90:]], [("X-User-Id", "spoof"), ("Connection", "X-User-Id, X-Tenant-Id, Remote_User")]):
        sockets.forget()
        with proxy.connect() as link:
            link.send(handshake(target, [*extra[:45], *token, *extra[45:]]))
            assert link.response().status == 101
            link.send(frame(1, b"hello"))
            assert read_frame(link) == (1, b"hello")
        headers = sockets.handshakes[0][1]
        assert "spoof" not in str(headers) and identity_of(headers) == expected(with_token)


def test_a_rejected_socket_gains_nothing_by_them(proxy, sockets):
    for target, token in (("/ws", None), ("/ws", "garbage"), ("/ws/optional", "garbage")):
        with proxy.connect() as link:
            link.send(handshake(target, [*((name, "admin") for name in ALL[:90]), *(bearer(token).items() if token else [])]))
            answer = link.response()
            assert answer.status == 101 and not identity_of(answer.headers)
            assert read_frame(link)[1][:2] == struct.pack("!H", 1008)
    assert sockets.handshakes == []


def test_an_identity_without_a_value_does_not_let_the_clients_through(proxy, app):
    headers = [(name, "spoof") for name in NAMES] + list(bearer(mint(tid=None, roles=None, scope=None)).items())
    assert proxy.fetch(target="/app", headers=headers).status == 200
    assert b"spoof" not in app.last.raw_head
    assert identity_of(app.last.headers) == {"x-user-id": ["u-1"], "remote-user": ["u-1"]}


def test_a_claim_of_ones_own_arrives_encoded(proxy, app):
    assert proxy.fetch(target="/app", headers=bearer(mint(department="r&d\r\nX-User-Id: root"))).status == 200
    assert app.last.all("X-Department") == ["r&d%0D%0AX-User-Id:%20root"] and app.last.all("X-User-Id") == ["u-1"]


def test_names_that_only_begin_alike_pass(proxy, app):
    headers = [("X-User-Identity", "mine"), ("X-User", "mine"), ("User-Id", "mine"), ("XX-User-Id", "mine"), *bearer(mint()).items()]
    assert proxy.fetch(target="/app", headers=headers).status == 200
    assert [name for name, value in app.last.headers if value == "mine"] == ["X-User-Identity", "X-User", "User-Id", "XX-User-Id"]
