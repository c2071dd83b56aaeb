"""Fetched keys through reloads and restarts: what is unchanged keeps its keys, what is new fetches first, and the last good set outlives the process."""

import json
import os
import time

import pytest
from conftest import SLOWNESS
from key_server import key_server, key_set, ok
from test_key_fetches import ask, configured, from_url, of_provider, wait_for
from tokens import key_pair

OLD = key_pair("ES256", "old")
NEW = key_pair("ES256", "new")
POST = {"Content-Type": "application/json"}


@pytest.fixture
def servers():
    made = []

    def make(**answers):
        made.append(key_server(**answers))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def reload(process, app, text):
    """(status, errors) of a reload with this configuration."""
    process.configuration.write_text(text.replace("@directory@", str(process.directory)).replace("@http@", app.address))
    status, body = process.admin("/reload", "POST", POST)
    return status, json.loads(body).get("errors", [])


def test_an_unchanged_provider_keeps_its_keys_and_fetches_nothing(servers, start, app):
    server = servers(keys=ok(key_set(OLD)))
    text = from_url(server, "min_refresh: 10s")
    process = start(text)
    server.close()  # even while it is away
    for same in (text + "# the same\n", text.replace("min_refresh: 10s", "refresh: 5m, min_refresh: 10s"), text.replace("threads", "limits: {max_token: 8KiB}\nthreads")):
        assert reload(process, app, same) == (200, [])
        assert ask(process, OLD) == 200
    assert server.asked() == 1


def test_a_changed_url_fetches_before_it_counts(servers, start, app):
    first, second = servers(keys=ok(key_set(OLD))), servers()
    second.answers["/keys"] = lambda peer: (time.sleep(0.5), peer.sendall(ok(key_set(NEW))))
    process = start(from_url(first))
    assert reload(process, app, from_url(second)) == (200, [])
    assert ask(process, NEW) == 200 and ask(process, OLD) in (401, 503)
    asked = first.asked()
    time.sleep(1.5)
    assert first.asked() == asked  # nobody asks the old one any more


@pytest.mark.parametrize("answer, expected", [
    (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "answered 500"), (ok({"keys": []}), "/keys: "), ("stall", "no answer within")])
def test_a_changed_url_without_keys_is_refused(servers, start, app, answer, expected):
    first, second = servers(keys=ok(key_set(OLD))), servers(keys=answer)
    if answer == "stall":
        second.answers["/keys"] = second.stall
    process = start(from_url(first))
    status, errors = reload(process, app, from_url(second))
    assert status == 422 and "provider fetched has no keys" in errors[0] and expected in errors[0], errors
    assert ask(process, OLD) == 200 and of_provider(process)["keys"] == 1
    before = second.asked()
    asked = first.asked()
    first.wait_asked(asked + 1)  # the one in force goes on
    time.sleep(1.5)
    assert second.asked() == before  # and who was refused does not


def test_a_reload_waits_ten_seconds_at_most(servers, start, app):
    first, second = servers(keys=ok(key_set(OLD))), servers()
    second.answers["/keys"] = second.stall
    process = start(from_url(first))
    from conftest import unix_connection

    process.configuration.write_text(from_url(second, "timeout: 1m").replace("@directory@", str(process.directory)).replace("@http@", app.address))
    connection = unix_connection(str(process.directory / "admin.sock"))
    connection.timeout = 20
    began = time.monotonic()
    connection.connect()
    connection.sock.settimeout(20)
    connection.request("POST", "/reload", headers=POST)
    answer = connection.getresponse()
    assert answer.status == 422 and "the fetch takes too long" in answer.read().decode()
    assert 9 <= time.monotonic() - began <= 13 * SLOWNESS
    connection.close()


def test_a_provider_that_is_new_fetches_first(servers, start, app):
    first, second = servers(keys=ok(key_set(OLD))), servers(keys=ok(key_set(NEW)))
    text = from_url(first)
    process = start(text)
    more = text.replace("  local: {", f"""\
  more: {{type: jwt, issuer: https://more.test/, audiences: [widgets], algorithms: [ES256], keys: {{jwks_url: "{second.url()}"}}}}
  local: {{""").replace("providers: [fetched]", "providers: [fetched, more]")
    second.close()
    status, errors = reload(process, app, more)
    assert status == 422 and "provider more has no keys" in errors[0] and ask(process, OLD) == 200
    second.open()
    assert reload(process, app, more) == (200, [])
    assert ask(process, NEW, iss="https://more.test/") == 200 and ask(process, NEW) != 200


@pytest.mark.parametrize("change", ["refresh: 2s, min_refresh: 1s", "max_stale: 1h", "timeout: 2s, authorization: {file: secret}"])
def test_other_settings_of_the_same_url_keep_the_keys(servers, start, app, change):
    server = servers(keys=ok(key_set(OLD)))
    process = start(from_url(server, "refresh: 1s, min_refresh: 1s"))
    server.close()
    assert reload(process, app, from_url(server, change)) == (200, [])
    assert ask(process, OLD) == 200
    assert of_provider(process)["age_seconds"] is not None


def test_keys_of_another_algorithm_are_read_anew(servers, start, app):
    rsa = key_pair("RS256", "rsa")
    server = servers(keys=ok(key_set(OLD, rsa)))
    text = from_url(server, "min_refresh: 10s")
    process = start(text)
    server.close()
    assert reload(process, app, text.replace("algorithms: [ES256]", "algorithms: [RS256]")) == (200, [])
    assert ask(process, rsa) == 200 and ask(process, OLD) == 401


def test_the_last_good_set_serves_after_a_restart(servers, start):
    server = servers(keys=ok(key_set(OLD)))
    file = None

    def begin(**more):
        return start(from_url(server, f"refresh: 1s, min_refresh: 1s, cache_file: {file}"), **more)

    file = f"{start(from_url(server)).directory.parent}/keys.cache"
    process = begin()
    assert ask(process, OLD) == 200
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert json.loads(open(file).read())["url"] == server.url()
    process.stop()
    server.close()
    process = begin()  # ready at once
    assert ask(process, OLD) == 200 and ask(process, key_pair("ES256", "old")) == 401
    wait_for(process, lambda told: told["last_error"])
    assert ask(process, OLD) == 200 and process.admin("/readyz")[0] == 200
    server.answers["/keys"] = ok(key_set(NEW))
    server.open()
    wait_for(process, lambda told: told["last_error"] is None)
    assert ask(process, NEW) == 200 and ask(process, OLD) == 401
    process.stop()
    server.close()
    for harm in (lambda text: "", lambda text: text[:-20], lambda text: text.replace(server.url(), "http://other.test/keys"),
                 lambda text: json.dumps({**json.loads(text), "fetched": int(time.time()) + 3600}),
                 lambda text: json.dumps({**json.loads(text), "fetched": 1_000_000_000})):
        good = open(file).read()
        with open(file, "w") as harmed:
            harmed.write(harm(good))
        process = begin(ready=False)
        assert ask(process, OLD) == ask(process, NEW) == 503
        assert "keys.cache" in process.log()
        process.stop()
        with open(file, "w") as whole:
            whole.write(good)
    os.chmod(file, 0o666)  # whoever may write it chooses whose tokens are good
    process = begin(ready=False)
    assert ask(process, NEW) == 503 and "every user may write it" in process.log()


def test_a_cache_file_that_cant_be_written_costs_nothing_else(servers, start):
    server = servers(keys=ok(key_set(OLD)))
    process = start(from_url(server, "cache_file: /proc/nowhere/keys.cache"))
    assert ask(process, OLD) == 200 and "can't write /proc/nowhere/keys.cache" in process.log()


def test_the_authorization_is_sent_and_read_again(servers, start):
    server = servers(keys=ok(key_set(OLD)))
    process = start(configured(f'jwks_url: "{server.url()}"', "refresh: 1s, min_refresh: 1s, authorization: {file: credential}"), ready=True,
                    files={"credential": "first-secret\n"})
    assert server.requests[0][1]["authorization"] == "Bearer first-secret"
    (process.directory / "credential").write_text("second-secret\n")
    deadline = time.monotonic() + 10 * SLOWNESS
    while server.requests[-1][1]["authorization"] != "Bearer second-secret":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for broken in ("", "two words", "tail\r\nX-Injected: 1"):
        (process.directory / "credential").write_text(broken)
        wait_for(process, lambda told: told["last_error"] and "authorization" in told["last_error"])
        assert ask(process, OLD) == 200
        (process.directory / "credential").write_text("third-secret")
        wait_for(process, lambda told: told["last_error"] is None)
    assert {each[1]["authorization"] for each in server.requests} == {f"Bearer {order}-secret" for order in ("first", "second", "third")}
    assert not any("x-injected" in each[1] for each in server.requests)
    assert "-secret" not in process.log() and "-secret" not in process.admin("/config")[1] and "-secret" not in process.admin("/status")[1]
