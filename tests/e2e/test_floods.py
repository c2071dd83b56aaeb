"""Floods of other addresses and other API keys: memory stays, limits hold, and honest clients are served as before.

BEARWARD_FLOOD: how many requests; BEARWARD_P99_MS: within which time honest clients must be served. tests/nightly.sh asks for 100,000 and 20 ms."""

import json
import os
import statistics
import subprocess
import sys
import time

import pytest
from conftest import SLOWNESS
from tokens import bearer, mint

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
trusted_proxies: [127.0.0.1]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}}
providers:
  main: {issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, required_claims: {tid: t-1}}
  partners: {type: api_keys, keys: [{id: a, hash: "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", user: partner, tenant: partners}]}
defaults: {upstream: app, providers: [main, partners]}
routes:
  - {prefix: /, name: everything, rate_limit: {per: user, rate: 1000/s}}
  - {prefix: /address, name: address, rate_limit: {per: address, rate: 2/h}}
log: {access: off}
"""
REQUESTS = int(os.environ.get("BEARWARD_FLOOD", 100_000 if SLOWNESS == 1 else 10_000))
# In milliseconds, where the machine is known to be quiet; else honest clients are compared with themselves.
LIMIT = float(os.environ["BEARWARD_P99_MS"]) if "BEARWARD_P99_MS" in os.environ else None
MOST_MEMORY = 24 << 20  # bytes more than before: the table of limits has 4 MiB, the rest are buffers and the allocator's
HERE = os.path.dirname(os.path.abspath(__file__))


@pytest.fixture(scope="module")
def bearward(tmp_path_factory, http_upstream):
    from conftest import bearward_process

    process = bearward_process(tmp_path_factory.mktemp("floods"), CONFIGURATION, http=http_upstream.address)
    yield process
    process.stop()


class honest_client:
    """One connection with a good token, a request every few milliseconds."""

    def __init__(self, bearward):
        self.wire = bearward.connect()
        fields = "".join(f"{name}: {value}\r\n" for name, value in bearer(mint()).items())
        self.request = f"GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\n{fields}\r\n".encode()

    def ask(self, goes_on):
        """The 99th percentile of the times while goes_on(), in milliseconds."""
        times = []
        while goes_on() or len(times) < 200:
            began = time.perf_counter()
            self.wire.send(self.request)
            assert self.wire.response().status == 200
            times.append((time.perf_counter() - began) * 1000)
            time.sleep(0.002)
        return statistics.quantiles(times, n=100)[98]


def bound(quiet):
    """What p99 may be during a flood. The floods' own processes take their turns on the same CPUs as the client."""
    return LIMIT if LIMIT is not None else max(20, 10 * quiet) * SLOWNESS


@pytest.mark.parametrize("kind, target, status", [("address", "/address", "401"), ("key", "/", "401")])
def test_a_flood_costs_bounded_memory_and_honest_clients_nothing(bearward, app, kind, target, status):
    asked = [bearward.fetch(target="/address", headers={"X-Forwarded-For": "198.51.100.9"}).status for _ in range(3)]
    assert asked[-1] == 429
    client = honest_client(bearward)
    ends = time.monotonic() + 1
    quiet = client.ask(lambda: time.monotonic() < ends)
    before = bearward.memory()
    flood = subprocess.Popen([sys.executable, os.path.join(HERE, "floods.py"), bearward.address, kind, str(REQUESTS), target], stdout=subprocess.PIPE, text=True)
    try:
        during = client.ask(lambda: flood.poll() is None)
        seen = json.loads(flood.communicate(timeout=10)[0])
    finally:
        flood.kill()
        flood.wait()
    assert seen == {status: REQUESTS}, "each is another, so that none is over its limit, and none reaches the app"
    assert {head.get("X-User-Id") for head in app.heads} == {"u-1"}
    grown = bearward.memory() - before
    print(f"{kind}: {REQUESTS} requests; p99 {quiet:.2f} ms, during the flood {during:.2f} ms; {grown / 1024:.0f} KiB more")
    assert grown < MOST_MEMORY
    assert during < bound(quiet)
    assert bearward.fetch(target="/address", headers={"X-Forwarded-For": "198.51.100.9"}).status == 429, "the flood pushed nobody out"
