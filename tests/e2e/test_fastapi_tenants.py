"""Two tenants at the example app's database at the same time: neither ever sees a row of the other, however few connections they share."""

import json
import os
import signal
import threading
import time

import pytest
import wire
from conftest import SLOWNESS
from fastapi_fixtures import *  # noqa: F403: the app and what is before it
from fastapi_process import JSON, mint
from tokens import bearer

HAMMER_SECONDS = float(os.environ.get("BEARWARD_HAMMER_SECONDS", "2"))  # in each of four ways; 30 in the nightly run
TENANTS = ("acme", "globex")


@pytest.fixture(autouse=True)
def rows(database):
    database.fill(acme=["anvil"] * 20, globex=["lever"] * 20)


class client(threading.Thread):
    """Asks again and again on one connection, as one tenant, and keeps what it sees of others."""

    def __init__(self, bearward, tenant, user, until):
        super().__init__()
        self.address, self.tenant, self.user, self.until = bearward.address, tenant, user, until
        self.token = mint(sub=user, tid=tenant)
        self.lists = self.made = 0
        self.foreign, self.unexpected = [], []

    def ask(self, connection, method, target, body=b""):
        connection.send(wire.request(method, target, {**JSON, **bearer(self.token)}, body))
        return connection.response()

    def look(self, rows):
        self.foreign += [row for row in rows if row["tenant"] != self.tenant]

    def run(self):
        try:
            with wire.connection(self.address, timeout=30 * SLOWNESS) as connection:
                while time.monotonic() < self.until:
                    made = self.ask(connection, "POST", "/widgets", json.dumps({"name": self.user}).encode())
                    assert made.status == 201, made
                    row = json.loads(made.body)
                    self.made += 1
                    self.foreign += [row] if (row["tenant"], row["made_by"]) != (self.tenant, self.user) else []
                    for _ in range(3):
                        listed = self.ask(connection, "GET", "/widgets")
                        assert listed.status == 200, listed
                        rows = json.loads(listed.body)
                        assert row in rows, "its own row is missing"
                        self.look(rows)
                        self.lists += 1
                    gone = self.ask(connection, "DELETE", f"/widgets/{row['id']}")
                    assert gone.status == 204, gone
        except Exception as error:
            self.unexpected.append(repr(error))


class impatient(threading.Thread):
    """Leaves before the answer. Then it waits for another one: the app goes on with what was left, and is not to be flooded."""

    def __init__(self, bearward, tenant, until):
        super().__init__()
        self.address, self.until, self.token = bearward.address, until, mint(sub="impatient", tid=tenant)

    def run(self):
        while time.monotonic() < self.until:
            with wire.connection(self.address) as connection:
                connection.send(wire.request("GET", "/widgets", bearer(self.token)))
                time.sleep(0.005)
            wire.fetch(self.address, target="/widgets", headers=bearer(self.token))


def hammer(bearward, seconds):
    """What clients of two tenants saw who asked at the same time for so long."""
    signal.alarm(int((40 + 2 * seconds) * SLOWNESS))
    until = time.monotonic() + seconds
    clients = [client(bearward, tenant, f"{tenant} {number}", until) for number in range(3) for tenant in TENANTS]
    others = [impatient(bearward, tenant, until) for tenant in TENANTS]
    for each in (*clients, *others):
        each.start()
    for each in (*clients, *others):
        each.join()
    return clients


@pytest.mark.parametrize("pool", ["1", "5"], ids=lambda size: "pool_of_" + size)
@pytest.mark.parametrize("verify", ["on", "off"], ids=lambda value: "verification_" + value)
def test_03_two_tenants_at_once_never_see_each_others_rows(start_app, database, pool, verify):
    _, bearward = start_app(DATABASE_VERIFY=verify, DATABASE_POOL_SIZE=pool)
    clients = hammer(bearward, HAMMER_SECONDS)
    assert [each.unexpected for each in clients] == [[]] * len(clients)
    assert [each.foreign for each in clients] == [[]] * len(clients)
    assert all(each.lists for each in clients), "all of them had their turn"
    assert database.run("SELECT tenant_id, count(*) FROM widgets GROUP BY 1 ORDER BY 1") == [["acme", "20"], ["globex", "20"]]


def test_an_app_that_policies_do_not_bind_is_noticed(start_app, database):
    """The same clients before an app whose role sees all."""
    _, bearward = start_app(DATABASE_VERIFY="off", DATABASE_URL=database.owners_url)
    assert any(each.foreign for each in hammer(bearward, 1))
