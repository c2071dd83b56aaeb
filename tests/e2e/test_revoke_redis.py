"""Revocations that processes share through Redis: what is added there, or by POST /revoke, counts in each of them; what happens while Redis is away."""

import json
import socket
import threading
import time

import pytest
from certificates import authority
from conftest import SLOWNESS
from redis_server import free_port, redis_server, tls_options
from test_metrics import page
from test_revoke import revoke, status, statuses
from tokens import bearer, mint

KEY = "bearward:revocations"
CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, revocation: {redis: {@redis@}}}
  other: {type: jwt, issuer: https://other.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, revocation: {redis: {@other@}}}
  alone: {type: jwt, issuer: https://alone.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
routes:
  - {prefix: /main, name: main, upstream: app, providers: [main]}
  - {prefix: /other, name: other, upstream: app, providers: [other]}
  - {prefix: /alone, name: alone, upstream: app, providers: [alone]}
  - {prefix: /public, name: public, upstream: app, auth: none}
"""
JSON = {"Content-Type": "application/json"}


def configuration(redis, other=None):
    return CONFIGURATION.replace("@redis@", redis).replace("@other@", other or redis)


def eventually(holds, what="", seconds=10):
    deadline = time.monotonic() + seconds * SLOWNESS
    while not holds():
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.02)


def within_a_second(holds):
    began = time.monotonic()
    eventually(holds)
    assert time.monotonic() - began < 1 * SLOWNESS


def sources(process):
    return json.loads(process.admin("/status")[1])["revocation"]


def is_current(process):
    return all(each["current"] for each in sources(process)["redis"])


@pytest.fixture
def redis(request):
    server = redis_server()
    yield server
    server.stop()


@pytest.fixture
def serve(start):
    """Starts proxies and waits until they have read their Redis."""
    def serve_one(text):
        process = start(text)
        eventually(lambda: is_current(process), process.log)
        return process

    return serve_one


def settings(redis, fail="open", more=""):
    return f'address: "{redis.address}", fail: {fail}{more}'


def test_what_is_in_the_set_at_the_start_counts(redis, serve):
    now = int(time.time())
    for member, score in [("user:r-1", "+inf"), ("jti:t%202", now + 100), ("sid:s-3 provider:main", now + 100), ("tenant:t-4", now - 1),
                          (f"user:u-5 before:{now - 50}", now + 100), ("user:u-6 provider:nobody", now + 100)]:
        assert redis.ask("ZADD", KEY, score, member) == 1
    proxy = serve(configuration(settings(redis)))
    assert statuses(proxy, mint(sub="r-1")) == {401}
    assert status(proxy, mint(jti="t 2")) == 401
    assert status(proxy, mint(sid="s-3")) == 401
    assert status(proxy, mint(sid="s-3", iss="https://other.test/"), "/other") == 200
    assert status(proxy, mint(sub="x", tid="t-4")) == 200, "its time is over"
    assert status(proxy, mint(sub="u-5", iat=now - 60)) == 401
    assert status(proxy, mint(sub="u-5", iat=now - 40)) == 200
    assert status(proxy, mint(sub="u-6")) == 200
    assert status(proxy, mint(sub="r-1", iss="https://alone.test/"), "/alone") == 200, "its provider has no Redis"


def test_the_first_request_is_judged_by_what_was_read(redis, start):
    redis.ask("ZADD", KEY, "+inf", "user:r-1")
    assert status(start(configuration(settings(redis))), mint(sub="r-1")) == 401


def test_changes_are_heard_and_taken_back(redis, serve):
    proxy = serve(configuration(settings(redis, fail="closed")))
    token = mint(sub="r-1")
    assert statuses(proxy, token) == {200}
    until = int(time.time()) + 100
    redis.ask("ZADD", KEY, until, "user:r-1")
    redis.ask("PUBLISH", KEY, f"{until} user:r-1")
    within_a_second(lambda: statuses(proxy, token) == {401})
    redis.ask("ZREM", KEY, "user:r-1")
    redis.ask("PUBLISH", KEY, "0 user:r-1")
    within_a_second(lambda: statuses(proxy, token) == {200})
    soon = int(time.time()) + 3
    redis.ask("ZADD", KEY, soon, "user:r-1")
    redis.ask("PUBLISH", KEY, f"{soon} user:r-1")
    within_a_second(lambda: status(proxy, token) == 401)
    eventually(lambda: status(proxy, token) == 200)
    assert time.time() >= soon


def test_what_was_not_published_counts_at_the_next_reading(redis, serve):
    proxy = serve(configuration(settings(redis, more=", refresh: 1s")))
    token = mint(sub="r-1")
    redis.ask("ZADD", KEY, "+inf", "user:r-1")
    eventually(lambda: status(proxy, token) == 401)
    redis.ask("ZREM", KEY, "user:r-1")
    eventually(lambda: status(proxy, token) == 200)


def test_two_processes_share_what_either_is_told(redis, serve):
    first, second = serve(configuration(settings(redis))), serve(configuration(settings(redis, fail="closed")))
    token = mint(jti="t-shared")
    assert status(first, token) == 200 and status(second, token) == 200
    before = int(time.time())
    assert revoke(first, {"jti": "t-shared"})[0] == 204
    assert statuses(first, token) == {401}, "from the answer on"
    within_a_second(lambda: statuses(second, token) == {401})
    assert before + 86_400 <= int(redis.ask("ZSCORE", KEY, "jti:t-shared")) <= int(time.time()) + 86_401
    assert revoke(second, {"user": "a b%", "provider": "main", "until": "2099-01-01T00:00:00Z", "before": "2030-01-01T00:00:00Z"})[0] == 204
    assert redis.ask("ZSCORE", KEY, "user:a%20b%25 provider:main before:1893456000") == "4070908800"
    within_a_second(lambda: status(first, mint(sub="a b%")) == 401)
    assert status(first, mint(sub="a b%", iss="https://other.test/"), "/other") == 200


def test_of_the_same_one_the_longer_term_counts_and_what_has_run_out_goes(redis, serve):
    proxy = serve(configuration(settings(redis)))
    redis.ask("ZADD", KEY, 1000, "user:long-ago")
    assert revoke(proxy, {"user": "u", "until": "2099-01-01T00:00:00Z"})[0] == 204
    assert revoke(proxy, {"user": "u"})[0] == 204
    assert redis.ask("ZSCORE", KEY, "user:u") == "4070908800"
    assert redis.ask("ZSCORE", KEY, "user:long-ago") is None


def test_a_provider_without_redis_keeps_its_part_in_the_process(redis, serve):
    proxy = serve(configuration(settings(redis)))
    assert revoke(proxy, {"user": "r-1", "provider": "alone"})[0] == 204
    assert redis.ask("ZCARD", KEY) == 0
    assert status(proxy, mint(sub="r-1", iss="https://alone.test/"), "/alone") == 401
    assert status(proxy, mint(sub="r-1")) == 200
    assert revoke(proxy, {"user": "r-2"})[0] == 204
    assert redis.ask("ZCARD", KEY) == 1
    assert status(proxy, mint(sub="r-2", iss="https://alone.test/"), "/alone") == 401
    assert status(proxy, mint(sub="r-2")) == 401


def test_while_redis_is_away_the_last_state_counts_or_nobody_is_let_in(redis, serve):
    proxy = serve(configuration(settings(redis, "open"), settings(redis, "closed")))
    assert len(sources(proxy)["redis"]) == 1, "the same Redis is asked once for both"
    token, revoked = mint(), mint(sub="r-2")
    there, revoked_there = mint(iss="https://other.test/"), mint(sub="r-2", iss="https://other.test/")
    assert revoke(proxy, {"user": "r-2"})[0] == 204
    assert status(proxy, token) == 200 and status(proxy, there, "/other") == 200
    redis.kill()
    eventually(lambda: status(proxy, there, "/other") == 503, proxy.log, 5)
    refused = proxy.fetch(target="/other", headers=bearer(there))
    assert refused.status == 503 and refused.get("Retry-After") == "1"
    assert json.loads(refused.body) == {"detail": "Authentication is unavailable"}
    record = proxy.access_record(refused.get("X-Request-Id"))
    assert record["reason"] == "revocation_unavailable" and "'other'" in record["cause"]
    assert status(proxy, revoked_there, "/other") == 503
    assert statuses(proxy, token) == {200} and statuses(proxy, revoked) == {401}
    assert status(proxy, "x", "/other") == 401, "what is no token is refused as ever"
    assert proxy.fetch(target="/public").status == 200
    assert proxy.admin("/readyz")[0] == 200
    answer = revoke(proxy, {"user": "u-3"})
    assert answer[0] == 503 and "Redis" in answer[1]
    assert status(proxy, mint(sub="u-3")) == 200 and status(proxy, mint(sub="u-3", iss="https://alone.test/"), "/alone") == 200
    assert page(proxy).value("bearward_revocation_source_current", source=redis.address) == 0
    assert sources(proxy)["redis"][0]["last_error"]
    redis.start()
    eventually(lambda: status(proxy, there, "/other") == 200, proxy.log)
    assert page(proxy).value("bearward_revocation_source_current", source=redis.address) == 1
    eventually(lambda: status(proxy, revoked) == 200, "a Redis that forgets forgets revocations")
    assert revoke(proxy, {"user": "u-3"})[0] == 204
    assert statuses(proxy, mint(sub="u-3")) == {401}
    lines = [line for line in proxy.log().splitlines() if "Redis 127.0.0.1" in line]
    assert sum("trying again" in line for line in lines) == 1, "said once"


def test_a_redis_that_was_never_there(serve, start):
    port = free_port()
    proxy = start(configuration(f'address: "127.0.0.1:{port}", fail: open', f'address: "127.0.0.1:{port}", fail: closed'))
    assert statuses(proxy, mint()) == {200}
    assert statuses(proxy, mint(iss="https://other.test/"), "/other") == {503}
    assert proxy.admin("/readyz")[0] == 200
    assert revoke(proxy, {"user": "u"})[0] == 503
    assert revoke(proxy, {"user": "u", "provider": "alone"})[0] == 204
    server = redis_server(port=port)
    try:
        eventually(lambda: status(proxy, mint(iss="https://other.test/"), "/other") == 200, proxy.log)
    finally:
        server.stop()


def test_a_frozen_redis_is_noticed(redis, serve):
    proxy = serve(configuration(settings(redis, "closed")))
    assert status(proxy, mint()) == 200
    redis.freeze()
    eventually(lambda: status(proxy, mint()) == 503, proxy.log, 15)
    answer = revoke(proxy, {"user": "u"})
    assert answer[0] == 503
    redis.thaw()
    eventually(lambda: status(proxy, mint()) == 200, proxy.log)


def test_requests_go_on_while_redis_comes_and_goes(redis, serve):
    proxy = serve(configuration(settings(redis, "open"), settings(redis, "closed")))
    ended, wrong = threading.Event(), []

    def ask():
        good, there = mint(), mint(iss="https://other.test/")
        while not ended.is_set():
            seen = (status(proxy, good), status(proxy, there, "/other"))
            if seen[0] != 200 or seen[1] not in (200, 503):
                wrong.append(seen)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for _ in range(4):
        redis.kill()
        time.sleep(0.4)
        redis.start()
        eventually(lambda: is_current(proxy), proxy.log)
    ended.set()
    for each in threads:
        each.join()
    assert wrong == []


def test_a_short_interruption_lets_nobody_wait(redis, serve):
    proxy = serve(configuration(settings(redis, "closed")))
    before = redis.ask("INFO", "clients")
    assert "connected_clients:3" in before, "two of the proxy, and who asks"
    assert redis.ask("CLIENT", "KILL", "TYPE", "pubsub") == 1
    for _ in range(30):
        assert status(proxy, mint()) == 200
        time.sleep(0.02)
    redis.ask("ZADD", KEY, "+inf", "user:u-9")
    redis.ask("PUBLISH", KEY, "inf user:u-9")
    eventually(lambda: status(proxy, mint(sub="u-9")) == 401, proxy.log, 5)


def test_many_entries_are_read_in_pages_while_they_change(redis, serve):
    client = redis.client()
    for first in range(0, 50_000, 1000):
        client.ask("ZADD", KEY, *[word for number in range(first, first + 1000) for word in ("4070908800", f"jti:t-{number}")])
    ended = threading.Event()

    def churn():
        number = 0
        while not ended.is_set():
            number += 1
            for word in ("ZADD", "ZREM"):
                client.ask(word, KEY, *(("4070908800", f"jti:c-{number}") if word == "ZADD" else (f"jti:c-{number}",)))
            client.ask("ZREM", KEY, f"jti:t-{number}")
            client.ask("PUBLISH", KEY, f"0 jti:t-{number}")
        return number

    changing = threading.Thread(target=churn)
    changing.start()
    proxy = serve(configuration(settings(redis, more=", refresh: 1s")))
    time.sleep(2)
    ended.set()
    changing.join()
    assert client.ask("ZSCORE", KEY, "jti:t-49999") is not None
    for number in range(40_000, 50_000, 97):
        assert status(proxy, mint(jti=f"t-{number}")) == 401, number
    assert status(proxy, mint(jti="t-1")) == 200
    eventually(lambda: sources(proxy)["redis"][0]["entries"] == client.ask("ZCARD", KEY), lambda: str(sources(proxy)))
    client.close()


def test_malformed_members_are_left_out_and_counted(redis, serve):
    redis.ask("ZADD", KEY, "+inf", "user:good", "+inf", "role:admin", "+inf", "user:", "+inf", b"user:\xff", "+inf", "user:a b")
    proxy = serve(configuration(settings(redis)))
    assert status(proxy, mint(sub="good")) == 401
    redis.ask("PUBLISH", KEY, "soon user:x")
    redis.ask("PUBLISH", KEY, "nonsense")
    eventually(lambda: page(proxy).value("bearward_revocation_members_refused_total", source=redis.address) == 6)
    assert page(proxy).value("bearward_revocations", source=redis.address) == 1
    assert "role:admin" in proxy.log() and "it is left out" in proxy.log()
    assert status(proxy, mint(sub="x")) == 200


@pytest.fixture
def directory(tmp_path):
    """Of the first proxy, before it starts."""
    path = tmp_path / "proxy-0"
    path.mkdir()
    return path


def test_a_user_of_the_acl_with_a_password_that_changes(directory, start):
    rights = "~bearward:* &bearward:* -@all +zadd +zscore +publish +zremrangebyscore +zscan +subscribe +ping"
    server = redis_server(*f"--user bearward on >first-password {rights} --user admin on >root ~* &* +@all --user default off".split(),
                          auth=("admin", "root"))
    (directory / "password").write_text("first-password\n")
    try:
        proxy = start(configuration(settings(server, "closed", ", username: bearward, password: {file: password}")))
        eventually(lambda: is_current(proxy), proxy.log)
        assert revoke(proxy, {"user": "r-1"})[0] == 204
        assert status(proxy, mint(sub="r-1")) == 401 and status(proxy, mint()) == 200
        server.ask("ACL", "SETUSER", "bearward", "resetpass", ">second-password")
        server.ask("CLIENT", "KILL", "USER", "bearward")
        eventually(lambda: status(proxy, mint()) == 503, proxy.log)
        eventually(lambda: "WRONGPASS" in (sources(proxy)["redis"][0]["last_error"] or ""), lambda: str(sources(proxy)))
        assert "WRONGPASS" in revoke(proxy, {"user": "r-2"})[1]
        (directory / "password").write_text("second-password\n")
        eventually(lambda: status(proxy, mint()) == 200, proxy.log)
        assert status(proxy, mint(sub="r-1")) == 401
        assert not any(each in proxy.log() + proxy.admin("/config")[1] for each in ("first-password", "second-password"))
    finally:
        server.stop()


def test_a_password_of_the_default_user(directory, start):
    server = redis_server("--requirepass", "default-password", auth=("default-password",))
    (directory / "password").write_text("default-password")
    try:
        proxy = start(configuration(settings(server, "closed", ", password: {file: password}"), settings(server, "closed")))
        eventually(lambda: status(proxy, mint()) == 200, proxy.log)
        assert status(proxy, mint(iss="https://other.test/"), "/other") == 503
        assert sorted(each["current"] for each in sources(proxy)["redis"]) == [False, True]
        assert "NOAUTH" in proxy.log()
    finally:
        server.stop()


def test_tls_to_a_server_whose_certificate_is_verified(directory, start):
    vouching = authority(directory / "tls")
    vouching.issue("server", "redis.test")
    port = free_port()
    server = redis_server(*tls_options(vouching, port))

    def secure(more):
        return f'address: "127.0.0.1:{port}", fail: closed, tls: {{{more}}}'

    try:
        proxy = start(configuration(secure("ca: tls/ca.crt, server_name: redis.test"), secure("ca: tls/ca.crt")))
        eventually(lambda: status(proxy, mint()) == 200, proxy.log)
        assert revoke(proxy, {"user": "r-1", "provider": "main"})[0] == 204
        assert server.ask("ZSCORE", KEY, "user:r-1 provider:main")
        assert status(proxy, mint(sub="r-1")) == 401
        eventually(lambda: any("TLS" in (each["last_error"] or "") for each in sources(proxy)["redis"]), lambda: str(sources(proxy)))
        assert status(proxy, mint(iss="https://other.test/"), "/other") == 503, "the certificate has another name"
        assert revoke(proxy, {"user": "r-2"})[0] == 503
        stranger = start(configuration(secure("server_name: redis.test")))
        eventually(lambda: "TLS" in (sources(stranger)["redis"][0]["last_error"] or ""), lambda: str(sources(stranger)))
        assert status(stranger, mint()) == 503, "nobody vouches for it"
    finally:
        server.stop()


def test_a_unix_socket(tmp_path, serve):
    server = redis_server(unix=tmp_path / "redis.sock")
    try:
        proxy = serve(configuration(settings(server, "closed")))
        assert revoke(proxy, {"tenant": "t-7"})[0] == 204
        assert statuses(proxy, mint(tid="t-7")) == {401} and statuses(proxy, mint()) == {200}
    finally:
        server.stop()


def test_a_reload_keeps_the_connection_and_reads_another_redis_first(redis, serve):
    other = redis_server()
    try:
        other.ask("ZADD", KEY, "+inf", "user:u-other")
        redis.ask("ZADD", KEY, "+inf", "user:u-first")
        proxy = serve(configuration(settings(redis)))
        ids = redis.ask("CLIENT", "LIST", "TYPE", "pubsub")
        assert proxy.admin("/reload", "POST", JSON)[0] == 200
        assert statuses(proxy, mint(sub="u-first")) == {401}
        assert redis.ask("CLIENT", "LIST", "TYPE", "pubsub").split()[0] == ids.split()[0]
        proxy.configuration.write_text(proxy.configuration.read_text().replace(redis.address, other.address))
        eventually(lambda: sources(proxy)["redis"][0]["address"] == other.address, proxy.log)
        assert statuses(proxy, mint(sub="u-other")) == {401} and statuses(proxy, mint(sub="u-first")) == {200}
        eventually(lambda: redis.ask("CLIENT", "LIST", "TYPE", "pubsub") == "", "the old one is left")
    finally:
        other.stop()


def test_another_prefix_and_a_key_that_is_no_set(redis, serve, start):
    redis.ask("SET", KEY, "text")
    proxy = start(configuration(settings(redis, "closed"), settings(redis, "closed", ', key_prefix: "b:"')))
    eventually(lambda: status(proxy, mint(iss="https://other.test/"), "/other") == 200, proxy.log)
    assert status(proxy, mint()) == 503
    eventually(lambda: "WRONGTYPE" in proxy.log())
    assert revoke(proxy, {"user": "r-1", "provider": "other"})[0] == 204
    assert redis.ask("ZCARD", "b:revocations") == 1
    redis.ask("DEL", KEY)
    eventually(lambda: status(proxy, mint()) == 200, proxy.log)


class strange_server:
    """Answers every connection with the same bytes, again and again."""

    def __init__(self, answer):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.answer = answer
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                peer = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer:
            try:
                while peer.recv(65536):
                    peer.sendall(self.answer)
            except OSError:
                pass

    def stop(self):
        self.listener.close()


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 400 Bad Request\r\n\r\n", b"*2147483647\r\n", b"$9000000000\r\n", b"+OK\r\n", b"-ERR unknown command\r\n", b"*1\r\n" * 50,
    b"x" * 100_000, b"*3\r\n$9\r\nsubscribe\r\n$20\r\nbearward:revocations\r\n:1\r\n",
])
def test_what_is_no_redis_is_never_believed(start, answer):
    server = strange_server(answer)
    try:
        proxy = start(configuration(f'address: "{server.address}", fail: closed'))
        before = proxy.memory()
        eventually(lambda: sources(proxy)["redis"][0]["last_error"], proxy.log)
        assert status(proxy, mint()) == 503
        assert revoke(proxy, {"user": "u"})[0] == 503
        assert proxy.memory() < before + 30_000_000
    finally:
        server.stop()
