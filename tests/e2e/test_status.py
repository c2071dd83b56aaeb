"""/status: which configuration is in force, how the last reload went, providers, upstreams and counts."""

import json
import re
import time

from conftest import CONFIGURATION, SLOWNESS
from frames import handshake
from tokens import bearer, mint

POST = {"Content-Type": "application/json"}


def status(process):
    return json.loads(process.admin("/status")[1])


def test_it_says_which_configuration_is_in_force_and_how_the_last_reload_went(start):
    process = start()
    first = status(process)
    assert re.fullmatch("[0-9a-f]{64}", first["configuration"]["hash"]) and first["configuration"]["current"] is True
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", first["configuration"]["loaded"]) and first["last_reload"] is None
    good = process.configuration.read_text()
    process.configuration.write_text(good + "colour: red\n")
    assert process.admin("/reload", "POST", POST)[0] == 422
    refused = status(process)
    assert refused["configuration"] == {**first["configuration"], "current": False}
    assert refused["last_reload"]["result"] == "failure" and "colour" in refused["last_reload"]["errors"][0]
    process.configuration.write_text(good + "# the same\n")
    assert process.admin("/reload", "POST", POST)[0] == 200
    after = status(process)
    assert after["last_reload"]["result"] == "success" and after["last_reload"]["errors"] == []
    assert after["configuration"]["current"] is True and after["configuration"]["hash"] != first["configuration"]["hash"]


def test_a_changed_key_file_is_no_longer_current_until_it_is_read(start):
    process = start()
    process.admin("/reload", "POST", POST)
    (process.directory / "secret").write_text("another secret of thirty-two bytes or more")
    deadline = time.monotonic() + 10 * SLOWNESS
    before = status(process)["configuration"]["hash"]
    while status(process)["configuration"]["hash"] == before or not status(process)["configuration"]["current"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_tells_of_providers_upstreams_and_counts(start, sockets):
    process = start()
    assert process.fetch(target="/down", headers=bearer(mint())).status == 502
    with process.connect() as wire:
        wire.send(handshake("/ws", bearer(mint()).items()))
        assert wire.response().status == 101
        deadline = time.monotonic() + 10 * SLOWNESS
        while (told := status(process))["sockets"] != 1:  # counted just behind the 101
            assert time.monotonic() < deadline, told
            time.sleep(0.02)
        assert told["connections"] >= 1
    main = told["providers"]["main"]
    assert main["keys"] == 1 and main["age_seconds"] >= 0
    assert (main["next_refresh_seconds"], main["last_error"], main["skipped"]) == (None, None, [])
    [server] = told["upstreams"]["down"]["servers"]
    assert server["healthy"] is None and "Connection refused" in server["last_error"]
    assert told["upstreams"]["app"]["servers"][0]["last_error"] is None


def test_it_names_the_keys_that_are_skipped(start):
    process = start()
    path = process.directory / "jwks.json"
    keys = json.loads(path.read_text())
    keys["keys"].append({"kty": "RSA", "kid": "broken"})
    path.write_text(json.dumps(keys))
    assert process.admin("/reload", "POST", POST)[0] == 200
    skipped = status(process)["providers"]["set"]["skipped"]
    assert [each["kid"] for each in skipped] == ["broken"] and skipped[0]["reason"]
