"""ws, socket.io, graphql-ws, SignalR's client and mqtt.js, each with a server of its own kind behind Bearward, permessage-deflate on.

Run by tests/with_packages.sh sockets, which brings the packages; where it can't, ctest shows the module as skipped with the reason.
"""

import json
import os
import pathlib
import subprocess
import time
import urllib.request

import peers
import pytest
from conftest import SLOWNESS, bearward_process
from tokens import mint, tampered

PACKAGES = os.environ.get("SOCKETS_PACKAGES")
PROGRAMS = pathlib.Path(__file__).parent / "peers/sockets"

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@app@"]}, uvicorn: {servers: ["@http@"]}, websockets: {servers: ["@websocket@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, clock_skew: 0s}
defaults: {upstream: app, providers: [main], token_from: [header, query], strip_prefix: true}
routes:
  - {prefix: /close, name: close}
  - {prefix: /http, name: http, websocket: {reject_with: http}}
  - {prefix: /coded, name: coded, websocket: {close_code: {401: 4401, expired: 4408}}}
  - {prefix: /forbidden, name: forbidden, websocket: {close_code: 4403}}
  - {prefix: /unauthorized, name: unauthorized, websocket: {close_code: 4401}}
  - {prefix: /uvicorn, upstream: uvicorn}
  - {prefix: /websockets, upstream: websockets}
"""
EXPIRED = {"code": 1008, "reason": "Token has expired"}


class app_process:
    """The app with a server of every library, and what reached it."""

    def __init__(self):
        assert PACKAGES, "run by tests/with_packages.sh sockets, which says where the packages are"
        self.process = subprocess.Popen(["node", PROGRAMS / "app.mjs", PACKAGES], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline() or 0)
        assert self.port, "the app did not start"
        self.address = f"127.0.0.1:{self.port}"

    def seen(self):
        """What came since the last time."""
        with urllib.request.urlopen(f"http://{self.address}/seen", timeout=10) as answer:
            return json.load(answer)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def app():
    started = app_process()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory, app, websocket_upstream):
    uvicorn, address = peers.start_uvicorn()
    try:
        process = bearward_process(
            tmp_path_factory.mktemp("bearward"), CONFIGURATION.replace("@app@", app.address), http=address, websocket=websocket_upstream.address)
        yield process
        process.stop()
    finally:
        uvicorn.kill()
        uvicorn.wait()


@pytest.fixture(autouse=True)
def nothing_seen(app):
    app.seen()


def talk(proxy, library, path, token=None, **options):
    """What came of a conversation: peers/sockets/client.mjs says how that looks."""
    options = {name: value for name, value in {"token": token, **options}.items() if value is not None}
    run = subprocess.run(
        ["node", PROGRAMS / "client.mjs", PACKAGES, library, f"ws://{proxy.address}{path}", json.dumps(options)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=30 * SLOWNESS)
    assert run.returncode == 0, run.stderr.decode()
    return json.loads(run.stdout)


def assert_seen_without_token(app, token, handshakes=1):
    """What reached the app has the identity and no trace of the token."""
    seen = app.seen()
    assert len([each for each in seen if each["upgrade"]]) == handshakes, seen
    for each in seen:
        assert each["headers"]["x-user-id"] == "u-1" and each["headers"]["x-tenant-id"] == "t-1"
        assert "authorization" not in each["headers"] and "access_token" not in each["url"]
    assert token not in json.dumps(seen) and token.rsplit(".", 1)[1] not in json.dumps(seen)
    return seen


def short_lived(seconds=2):
    """A token for at least so long: (token, when it ends)."""
    end = int(time.time()) + seconds + 1
    return mint(exp=end), end


def assert_ended_in_time(end):
    assert -0.1 <= time.time() - end < 5 * SLOWNESS


BAD_TOKENS = {"none": lambda: None, "tampered": lambda: tampered(mint(), roles=["admin"]), "expired": lambda: mint(exp=int(time.time()) - 10)}
DETAILS = {"none": "Not authenticated", "tampered": "Could not validate credentials", "expired": "Token has expired"}


@pytest.fixture(params=BAD_TOKENS)
def bad(request):
    """(the token, what is said of it)"""
    return BAD_TOKENS[request.param](), DETAILS[request.param]


# ws


@pytest.mark.parametrize("place", ["header", "query", "subprotocol"])
@pytest.mark.parametrize("compress", [True, False], ids=["compressed", "plain"])
def test_ws(proxy, app, place, compress):
    token = mint()
    result = talk(proxy, "web_socket", "/close/ws", token, place=place, compress=compress)
    assert result == {
        "opened": True, "answer": True, "protocol": "bearer" if place == "subprotocol" else "",
        "extensions": "permessage-deflate" if compress else "", "closed": {"code": 4000, "reason": "done"}}
    assert_seen_without_token(app, token)


@pytest.mark.parametrize("server", ["uvicorn", "websockets"])
def test_ws_with_a_server_in_python(proxy, server):
    result = talk(proxy, "web_socket", f"/{server}/ws", mint())
    assert result == {"opened": True, "answer": True, "protocol": "", "extensions": "permessage-deflate", "closed": {"code": 4000, "reason": "done"}}


def test_ws_is_refused(proxy, app, bad):
    token, detail = bad
    result = talk(proxy, "web_socket", "/close/ws", token)
    assert result["closed"] == {"code": 1008, "reason": detail} and not result.get("answer")
    assert talk(proxy, "web_socket", "/coded/ws", token, place="query")["closed"] == {"code": 4408 if "expired" in detail else 4401, "reason": detail}
    result = talk(proxy, "web_socket", "/http/ws", token, place="subprotocol")
    assert not result["opened"] and result["refused"] == "Unexpected server response: 401"
    assert app.seen() == []


@pytest.mark.parametrize("route, code", [("close", 1008), ("http", 1008), ("coded", 4408)])
def test_ws_hears_of_the_expiry(proxy, route, code):
    token, end = short_lived()
    result = talk(proxy, "web_socket", f"/{route}/ws", token, stay=True)
    assert result["answer"] and result["closed"] == {"code": code, "reason": "Token has expired"}
    assert_ended_in_time(end)


# socket.io


@pytest.mark.parametrize("place", ["header", "query"])
@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]], ids="+".join)
def test_socket_io(proxy, app, place, transports):
    token = mint()
    result = talk(proxy, "socket_io", "/close/io", token, place=place, transports=transports)
    assert result["answer"] == {"who": "u-1", "echoed": True} and result["transport"] == transports[-1]
    seen = assert_seen_without_token(app, token, handshakes=1 if "websocket" in transports else 0)
    assert bool([each for each in seen if not each["upgrade"]]) == ("polling" in transports)


def test_socket_io_is_refused(proxy, app, bad):
    token, detail = bad
    result = talk(proxy, "socket_io", "/close/io", token, transports=["polling"])
    assert not result["opened"] and result["refused"]["description"] == 401
    result = talk(proxy, "socket_io", "/http/io", token, transports=["websocket"])
    assert not result["opened"] and result["refused"]["message"] == "websocket error"
    result = talk(proxy, "socket_io", "/close/io", token, transports=["websocket"])
    assert not result["opened"] and (result["refused"]["code"], result["refused"]["reason"]) == (1008, detail)
    assert app.seen() == []


def test_socket_io_takes_a_close_before_its_first_packet_for_silence(proxy, app):
    for route, said in (("close", "timeout"), ("http", "websocket error")):
        result = talk(proxy, "socket_io", f"/{route}/io", transports=["websocket"], timeout=1000)
        assert not result["opened"] and result["refused"]["message"] == said
    assert app.seen() == []


def test_socket_io_hears_of_the_expiry(proxy):
    token, end = short_lived()
    result = talk(proxy, "socket_io", "/close/io", token, transports=["polling", "websocket"], stay=True)
    assert result["answer"]["who"] == "u-1"
    assert result["closed"] == {"message": "transport close", "code": 1008, "reason": "Token has expired", "status": None}
    assert_ended_in_time(end)


def test_socket_io_polls_no_longer_than_its_token_lives(proxy):
    token, end = short_lived()
    result = talk(proxy, "socket_io", "/close/io", token, transports=["polling"], stay=True)
    assert result["answer"]["who"] == "u-1" and result["closed"]["message"] == "transport error" and result["closed"]["status"] == 401
    assert_ended_in_time(end)


# graphql-ws


@pytest.mark.parametrize("place", ["header", "query", "subprotocol"])
def test_graphql_ws(proxy, app, place):
    token = mint()
    result = talk(proxy, "graphql", "/close/graphql", token, place=place)
    # The client closes what it has no operation on: one connection for the query, one for the subscription.
    assert result == {"opened": True, "answer": {"who": "u-1", "counts": [0, 1, 2, 3, 4]}, "protocol": "graphql-transport-ws"}
    for each in assert_seen_without_token(app, token, handshakes=2):
        assert each["headers"]["sec-websocket-protocol"] == "graphql-transport-ws"


def test_graphql_ws_is_refused(proxy, app, bad):
    token, detail = bad
    assert talk(proxy, "graphql", "/close/graphql", token)["closed"] == {"code": 1008, "reason": detail}
    result = talk(proxy, "graphql", "/http/graphql", token, place="query")
    assert not result["opened"]
    assert app.seen() == []


def test_graphql_ws_hears_of_the_expiry(proxy):
    token, end = short_lived()
    result = talk(proxy, "graphql", "/close/graphql", token, place="subprotocol", stay=True)
    assert result["answer"]["who"] == "u-1" and result["closed"] == EXPIRED and result["ended"] == "Token has expired"
    assert_ended_in_time(end)


@pytest.mark.parametrize("route, code", [("coded", 4408), ("forbidden", 4403)])
def test_graphql_ws_subscribes_anew_with_a_fresh_token(proxy, app, route, code):
    token, _ = short_lived()
    result = talk(proxy, "graphql", f"/{route}/graphql", token, place="subprotocol" if route == "coded" else "query", fresh=mint())
    assert result["closed"] == {"code": code, "reason": "Token has expired"}, result
    before = len(result["ticks"]) - 4
    assert before > 3 and result["ticks"] == [*range(before), *range(4)]
    assert_seen_without_token(app, token, handshakes=result["connections"])


@pytest.mark.parametrize("route, code", [("close", 1008), ("unauthorized", 4401)])
def test_graphql_ws_takes_some_codes_as_final(proxy, app, route, code):
    token, _ = short_lived()
    result = talk(proxy, "graphql", f"/{route}/graphql", token, fresh=mint())
    assert result["closed"] == {"code": code, "reason": "Token has expired"} and result["refused"] == "Token has expired"
    assert len(app.seen()) == result["connections"] == 3  # a query, a subscription, and the one that was open


# SignalR


@pytest.mark.parametrize("place", ["header", "query"])
def test_signalr(proxy, app, place):
    token = mint()
    result = talk(proxy, "signalr", "/close/hub", token, place=place)
    assert result["opened"], result
    failed = result["answer"].pop("failed")
    assert "as asked" in failed
    assert result["answer"] == {"who": "u-1", "sum": 6, "told": "something", "items": [0, 1, 2, 3]} and result["closed"] is None
    seen = assert_seen_without_token(app, token)
    assert [each["url"].split("?")[0] for each in seen] == ["/hub/negotiate", "/hub"]


def test_signalr_is_refused(proxy, app, bad):
    token, _ = bad
    for route in ("close", "http"):
        result = talk(proxy, "signalr", f"/{route}/hub", token)
        assert not result["opened"] and "401" in result["refused"]
    assert app.seen() == []


@pytest.mark.parametrize("place", ["header", "query"])
def test_signalr_hears_of_the_expiry(proxy, place):
    token, end = short_lived()
    result = talk(proxy, "signalr", "/close/hub", token, place=place, stay=True)
    assert result["opened"] and result["answer"]["who"] == "u-1"
    assert "1008" in result["closed"] and "Token has expired" in result["closed"]
    assert_ended_in_time(end)


# MQTT


@pytest.mark.parametrize("place", ["header", "query", "subprotocol"])
def test_mqtt(proxy, app, place):
    token = mint()
    result = talk(proxy, "mqtt", "/close/mqtt", token, place=place)
    assert result["opened"] and result["answer"] == ["one", "two", "three"] and result["protocol"] == "mqtt"
    seen = assert_seen_without_token(app, token)
    assert seen[0]["headers"]["sec-websocket-protocol"] == "mqtt"


def test_mqtt_is_refused(proxy, app, bad):
    token, detail = bad
    result = talk(proxy, "mqtt", "/close/mqtt", token)
    assert not result["opened"] and result["closed"] == {"code": 1008, "reason": detail}
    result = talk(proxy, "mqtt", "/http/mqtt", token, place="query")
    assert not result["opened"] and result["refused"] == "Unexpected server response: 401"
    assert app.seen() == []


def test_mqtt_hears_of_the_expiry(proxy):
    token, end = short_lived()
    result = talk(proxy, "mqtt", "/close/mqtt", token, stay=True)
    assert result["answer"] == ["one", "two", "three"] and result["closed"] == EXPIRED
    assert_ended_in_time(end)
