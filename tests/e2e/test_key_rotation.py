"""Keys change while requests come: unknown kids fetch, once for all and not often; no wrong verdict; what is too old counts no longer."""

import json
import threading
import time

import pytest
from conftest import SLOWNESS
from key_server import key_server, key_set, ok
from test_key_fetches import CONFIGURATION, ask, from_url, of_provider, wait_for
from tokens import bearer, key_pair, mint_with
from wire import request

KEYS = [key_pair("ES256", f"k-{number}") for number in range(4)]
FORGED = [key_pair("ES256", pair.kid) for pair in KEYS]


@pytest.fixture
def server():
    made = key_server(keys=ok(key_set(KEYS[0])))
    yield made
    made.stop()


def metric(process, name):
    """The value of a line of /metrics; None: there is none."""
    lines = [line for line in process.admin("/metrics")[1].splitlines() if line.startswith(name + " ")]
    return float(lines[0].rsplit(" ", 1)[1]) if lines else None


def many(count, work):
    """work(number) on a thread each; what they returned."""
    results = [None] * count

    def run(number):
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return results


def test_keys_rotate_under_load_without_a_wrong_answer(server, start):
    process = start(from_url(server, "refresh: 5m, min_refresh: 1s"))
    published = {0: 0.0}  # number of a key -> from when its tokens must pass
    good = [mint_with(pair) for pair in KEYS]
    bad = [mint_with(pair) for pair in FORGED]
    over = threading.Event()
    wrong, passed = [], [0] * len(KEYS)

    def load(_):
        with process.connect() as wire:
            while not over.is_set():
                for number, token in enumerate(good):
                    must = number in published and time.monotonic() >= published[number]
                    wire.send(request("GET", "/fetched", bearer(token)))
                    status = wire.response().status
                    passed[number] += status == 200
                    if status != 200 and must or status not in (200, 401):
                        wrong.append((number, status, must))
                    wire.send(request("GET", "/fetched", bearer(bad[number])))
                    if (status := wire.response().status) != 401:
                        wrong.append((number, status, "forged"))

    def rotate(number):
        if number == 3:  # the load
            return many(3, load)
        time.sleep(0.5 + 2.5 * number)
        server.answers["/keys"] = ok(key_set(*KEYS[:number + 2]))
        published[number + 1] = time.monotonic() + 1.3  # min_refresh, and the fetch
        if number == 2:
            time.sleep(3)
            over.set()
        return None

    many(4, rotate)
    assert not wrong, wrong[:10]
    assert min(passed) > 50, passed
    assert 4 <= server.asked() <= 12
    with process.connect() as wire:  # and a key that is gone is gone with the next fetch
        server.answers["/keys"] = ok(key_set(*KEYS[2:]))
        deadline = time.monotonic() + 10 * SLOWNESS
        while of_provider(process)["keys"] != 2:
            assert time.monotonic() < deadline
            ask(process, key_pair("ES256", "unknown"))
            time.sleep(0.1)
        wire.send(request("GET", "/fetched", bearer(good[0])))
        assert wire.response().status == 401


def test_a_thousand_unknown_kids_in_five_seconds_cost_two_fetches_at_most(server, start):
    process = start(from_url(server, "min_refresh: 5s"))
    server.wait_asked(1)
    time.sleep(5.1)  # the next unknown kid fetches
    stranger = key_pair("ES256", "unknown")
    tokens = []
    for number in range(1000):
        stranger.kid = f"kid-{number}"
        tokens.append(mint_with(stranger))
    began = time.monotonic()

    def flood(part):
        statuses = set()
        with process.connect() as wire:
            for step, token in enumerate(tokens[part::4]):
                time.sleep(max(0, began + 4.9 * step / 250 - time.monotonic()))
                wire.send(request("GET", "/fetched", bearer(token)))
                statuses.add(wire.response().status)
        return statuses

    assert set.union(*many(4, flood)) == {401}
    assert time.monotonic() - began < 7 * SLOWNESS
    assert 2 <= server.asked() <= 3  # the one at the start among them


def test_two_hundred_requests_with_one_new_kid_are_one_fetch(server, start):
    process = start(from_url(server, "min_refresh: 1s, timeout: 10s"))
    time.sleep(1.2)
    everybody = threading.Event()

    def answer(peer):
        everybody.wait(20)
        time.sleep(0.3)
        peer.sendall(ok(key_set(*KEYS[:2])))

    server.answers["/keys"] = answer
    token = mint_with(KEYS[1])
    clients = [process.connect() for _ in range(200)]
    for client in clients:
        client.send(request("GET", "/fetched", bearer(token)))
    time.sleep(0.5)
    for client in clients[:20]:  # who leaves ends nothing for the others
        client.socket.close()
    everybody.set()
    assert {client.response().status for client in clients[20:]} == {200}
    assert server.asked() == 2  # with the one at the start
    for client in clients[20:]:
        client.socket.close()


def test_who_waits_for_a_fetch_waits_no_longer_than_its_time(server, start):
    process = start(from_url(server, "min_refresh: 1s, timeout: 1s"))
    time.sleep(1.2)
    server.answers["/keys"] = server.stall
    began = time.monotonic()
    assert ask(process, KEYS[1]) == 503
    assert 0.9 <= time.monotonic() - began <= 2.5 * SLOWNESS
    assert ask(process, KEYS[0]) == 200
    began = time.monotonic()
    assert ask(process, KEYS[1], target="/fetched") == 503 and time.monotonic() - began <= 2.5 * SLOWNESS


def test_a_token_without_kid_fetches_too(server, start):
    server.answers["/keys"] = ok({"keys": [{name: value for name, value in KEYS[0].jwk.items() if name != "kid"}]})
    process = start(from_url(server, "min_refresh: 1s"))
    assert process.fetch(target="/fetched", headers=bearer(mint_with(KEYS[0], kid=False))).status == 200
    time.sleep(1.2)
    server.answers["/keys"] = ok({"keys": [{name: value for name, value in KEYS[1].jwk.items() if name != "kid"}]})
    assert process.fetch(target="/fetched", headers=bearer(mint_with(KEYS[1], kid=False))).status == 200
    assert process.fetch(target="/fetched", headers=bearer(mint_with(KEYS[0], kid=False))).status == 401
    assert server.asked() == 2


def test_a_known_kid_with_a_bad_signature_fetches_nothing(server, start):
    process = start(from_url(server, "min_refresh: 1s"))
    time.sleep(1.2)
    assert [ask(process, FORGED[0]) for _ in range(5)] == [401] * 5
    assert server.asked() == 1


def test_new_keys_of_one_provider_leave_the_others_cache(server, start):
    other = key_server(keys=ok(key_set(KEYS[2])))
    try:
        text = CONFIGURATION.replace("threads: 2", "threads: 1").replace("  local: {", f"""\
  other: {{type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [ES256], keys: {{jwks_url: "{other.url()}"}}}}
  local: {{""").replace("routes:", "routes:\n  - {prefix: /other, name: other, upstream: app, providers: [other]}")
        process = start(text.replace("@keys@", f'jwks_url: "{server.url()}"').replace("@jwks@", "min_refresh: 1s"))
        token, kept = mint_with(KEYS[0]), mint_with(KEYS[2])

        def lookups(provider, target, of):
            assert process.fetch(target=target, headers=bearer(of)).status == 200
            return tuple(metric(process, f'bearward_token_cache_total{{provider="{provider}",result="{result}"}}') or 0 for result in ("hit", "miss"))

        assert lookups("other", "/other", kept) == (0, 1) and lookups("fetched", "/fetched", token) == (0, 1)
        assert lookups("other", "/other", kept) == (1, 1) and lookups("fetched", "/fetched", token) == (1, 1)
        time.sleep(1.2)
        server.answers["/keys"] = ok(key_set(*KEYS[:2]))
        assert ask(process, KEYS[1]) == 200
        before = metric(process, 'bearward_token_cache_total{provider="fetched",result="miss"}')
        assert lookups("other", "/other", kept) == (2, 1)
        assert lookups("fetched", "/fetched", token) == (1, before + 1)
    finally:
        other.stop()


def test_keys_that_are_the_same_leave_the_cache(server, start):
    process = start(from_url(server, "refresh: 1s, min_refresh: 1s").replace("threads: 2", "threads: 1"))
    token = mint_with(KEYS[0])
    process.fetch(target="/fetched", headers=bearer(token))
    server.wait_asked(3)
    process.fetch(target="/fetched", headers=bearer(token))
    assert metric(process, 'bearward_token_cache_total{provider="fetched",result="hit"}') == 1


def test_cache_control_brings_the_next_fetch_forward(server, start):
    server.answers["/keys"] = ok(key_set(KEYS[0]), "Cache-Control: public, max-age=2")
    process = start(from_url(server, "refresh: 1h, min_refresh: 1s"))
    assert of_provider(process)["next_refresh_seconds"] <= 2
    server.wait_asked(2)
    server.answers["/keys"] = ok(key_set(KEYS[0]), "Cache-Control: max-age=86400")
    server.wait_asked(3)
    wait_for(process, lambda told: 3100 <= told["next_refresh_seconds"] <= 3600)  # refresh is the longest


def test_cache_control_brings_no_flood(server, start):
    server.answers["/keys"] = ok(key_set(KEYS[0]), "Cache-Control: max-age=1", "Age: 100")
    process = start(from_url(server, "refresh: 1h, min_refresh: 30s"))
    assert 25 <= of_provider(process)["next_refresh_seconds"] <= 30


def test_keys_count_until_max_stale(server, start):
    process = start(from_url(server, "refresh: 1s, min_refresh: 1s, timeout: 500ms, max_stale: 4s"))
    server.close()
    told = wait_for(process, lambda told: told["last_error"])
    assert "Connection refused" in told["last_error"] and told["keys"] == 1
    assert ask(process, KEYS[0]) == 200 and process.admin("/readyz")[0] == 200
    assert metric(process, 'bearward_keys_age_seconds{provider="fetched"}') > 0
    told = wait_for(process, lambda told: told["keys"] == 0)
    assert told["age_seconds"] is None
    status, why = process.admin("/readyz")
    assert status == 503 and "provider fetched has no keys" in why
    assert ask(process, KEYS[0]) == 503
    assert metric(process, 'bearward_keys_age_seconds{provider="fetched"}') is None
    assert "older than jwks.max_stale" in process.log()
    server.open()
    process.wait_ready()
    assert ask(process, KEYS[0]) == 200 and of_provider(process)["last_error"] is None


def test_a_max_stale_below_refresh_ends_no_keys_while_the_server_answers(server, start):
    process = start(from_url(server, "refresh: 5m, min_refresh: 1s, max_stale: 2s"))
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        assert ask(process, KEYS[0]) == 200
        time.sleep(0.05)


def test_fetches_are_counted_and_skipped_keys_named(server, start):
    unusable = {**KEYS[1].jwk, "crv": "P-999"}
    server.answers["/keys"] = ok({"keys": [KEYS[0].jwk, unusable, {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}]})
    process = start(from_url(server, "refresh: 1s, min_refresh: 1s, timeout: 500ms"))
    told = of_provider(process)
    assert told["keys"] == 1 and {each["kid"] for each in told["skipped"]} == {"k-1", "shared"} and all(each["reason"] for each in told["skipped"])
    name = 'bearward_key_fetches_total{provider="fetched",result="%s"}'
    assert metric(process, name % "success") >= 1 and metric(process, name % "failure") == 0
    assert 0 <= metric(process, 'bearward_keys_age_seconds{provider="fetched"}') < 5
    assert "provider=\"local\"" not in "".join(line for line in process.admin("/metrics")[1].splitlines() if "bearward_key" in line)
    server.answers["/keys"] = server.reset
    wait_for(process, lambda told: told["last_error"])
    assert metric(process, name % "failure") >= 1
    warnings = [line for line in process.log().splitlines() if "k-1" in line]
    assert len(warnings) == 1, warnings  # not again with each fetch
    failures = [line for line in process.log().splitlines() if "no keys fetched" in line]
    assert len(failures) == 1 and "stay in use" in json.loads(failures[0])["message"]
