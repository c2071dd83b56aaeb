"""The example app's database sessions: PostgreSQL shows each request its own tenant's rows, and the settings that say so end with the request."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import wire
from conftest import SLOWNESS
from fastapi_fixtures import *  # noqa: F403: the app and what is before it
from fastapi_process import EXAMPLE, JSON, log_in, mint
from tokens import SECRET, bearer

HAMMER_SECONDS = float(os.environ.get("BEARWARD_HAMMER_SECONDS", "2"))  # in each of four ways; 30 in the nightly run
SOURCES = {"acme": ["anvil", "rocket"], "globex": ["lever"]}
VERIFICATION = pytest.mark.parametrize("verify", ["on", "off"], ids=lambda value: "verification_" + value)


@pytest.fixture(autouse=True)
def rows(database):
    database.fill(**SOURCES)


def widgets(bearward, token, target="/widgets", **headers):
    answer = bearward.fetch(target=target, headers={**bearer(token), **headers})
    assert answer.status == 200, answer
    return json.loads(answer.body)


def names(found):
    return [widget["name"] for widget in found]


@VERIFICATION
def test_03_a_tenant_scoped_database_session(start_app, database, verify):
    app, bearward = start_app(DATABASE_VERIFY=verify, DATABASE_POOL_SIZE="1")
    ann, bob = log_in(bearward, "ann")[0], log_in(bearward, "bob")[0]
    assert names(widgets(bearward, ann)) == SOURCES["acme"] and names(widgets(bearward, bob)) == SOURCES["globex"]
    # The settings are of the token, whatever a client says.
    assert names(widgets(bearward, ann, **{"X-Tenant-Id": "globex", "X-User-Id": "bob@example.com"})) == SOURCES["acme"]
    # A row gets its tenant and its author from the settings.
    made = bearward.fetch("POST", "/widgets", headers={**JSON, **bearer(ann)}, body=b'{"name": "spring", "tenant_id": "globex", "tenant": "globex"}')
    assert made.status == 201 and {**json.loads(made.body), "id": 0} == {"id": 0, "tenant": "acme", "made_by": "ann@example.com", "name": "spring"}
    assert database.run("SELECT tenant_id, made_by FROM widgets WHERE name = 'spring'") == [["acme", "ann@example.com"]]
    # Another tenant's row is as one that isn't there.
    lever = widgets(bearward, bob)[0]["id"]
    assert bearward.fetch("DELETE", f"/widgets/{lever}", headers=bearer(ann)).status == 404
    assert names(widgets(bearward, bob)) == ["lever"]
    assert bearward.fetch("DELETE", f"/widgets/{lever}", headers=bearer(bob)).status == 204
    assert widgets(bearward, bob) == []
    # The tenant in the path is compared by Bearward: the app gets only what fits.
    assert names(widgets(bearward, ann, "/tenants/acme/widgets")) == [*SOURCES["acme"], "spring"]
    app.forget()
    assert bearward.fetch(target="/tenants/acme/widgets", headers=bearer(bob)).status == 403
    assert bearward.fetch(target="/widgets").status == 401
    assert app.seen() == []
    # Without a tenant there is no session; and names that look like SQL are names.
    assert bearward.fetch(target="/widgets", headers=bearer(mint(tid=None))).status == 403
    for tenant in ("acme' OR '1'='1", "acme'; SET app.tenant_id = 'acme", "zo\u00eb 100%", "*"):
        assert widgets(bearward, mint(tid=tenant)) == []


# In the app's own process: the same connection before, within and after sessions that end in different ways.
SETTINGS = """
import asyncio, json, os
import database
from identity import Caller
from sqlalchemy import text

async def settings(connection):
    query = "SELECT pg_backend_pid(), coalesce(current_setting('app.tenant_id', true), ''), coalesce(current_setting('app.user_id', true), '')"
    return list((await connection.execute(text(query))).one())

async def left():
    async with database.engine.connect() as connection:
        return await settings(connection)

async def main():
    seen = [await left()]
    of = database.TenantDatabase(Caller("ann", "acme", []))
    async with of.session() as session:
        seen.append(await settings(session))
        await session.commit()
        seen.append(await settings(session))
    seen.append(await left())
    for broken in ("SELECT 1/0", None):
        try:
            async with of.session() as session:
                if broken:
                    await session.execute(text(broken))
                raise ValueError
        except Exception:
            pass
        seen.append(await left())
    async def hang():
        async with of.session() as session:
            await session.execute(text("SELECT pg_sleep(600)"))
    task = asyncio.create_task(hang())
    await asyncio.sleep(0.3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    seen.append(await left())
    print(json.dumps(seen))
    await database.engine.dispose()

asyncio.run(main())
"""


@VERIFICATION
def test_03_settings_end_with_the_request_however_it_ends(database, verify):
    environment = {**os.environ, "DATABASE_URL": database.url, "DATABASE_VERIFY": verify, "DATABASE_POOL_SIZE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", SETTINGS], cwd=EXAMPLE, env=environment, capture_output=True, text=True, timeout=30 * SLOWNESS)
    assert done.returncode == 0, done.stderr
    before, within, after_a_commit, *after = json.loads(done.stdout)
    assert before[1:] == ["", ""]
    assert within[1:] == after_a_commit[1:] == ["acme", "ann"]
    assert [each[1:] for each in after] == [["", ""]] * 4  # done, an error of SQL, one of the app, a cancelled request
    # All but the last, whose query was torn off, are on one and the same connection.
    assert len({each[0] for each in (before, within, after_a_commit, *after[:3])}) == 1


@pytest.fixture
def leftover(database):
    """Every new connection of the app's role comes with another tenant's setting."""
    database.run("ALTER ROLE widgets_app SET app.tenant_id = 'globex'")
    yield
    database.run("ALTER ROLE widgets_app RESET app.tenant_id")


@VERIFICATION
def test_03_verification_refuses_a_connection_with_a_leftover_setting(start_app, leftover, verify):
    app, bearward = start_app(DATABASE_VERIFY=verify)
    answer = bearward.fetch(target="/widgets", headers=bearer(mint()))
    if verify == "on":
        assert (answer.status, json.loads(answer.body)) == (500, {"detail": "Internal Server Error"})
        assert app.log_line("WrongSettings: before: app.tenant_id and app.user_id are ['globex', ''], not ['', '']")
    else:  # within the transaction the request's own tenant counts
        assert names(json.loads(answer.body)) == SOURCES["acme"]


@VERIFICATION
def test_03_verification_refuses_a_role_that_policies_do_not_bind(start_app, database, verify):
    app, bearward = start_app(DATABASE_VERIFY=verify, DATABASE_URL=database.owners_url)
    answer = bearward.fetch(target="/widgets", headers=bearer(mint()))
    if verify == "on":
        assert (answer.status, json.loads(answer.body)) == (500, {"detail": "Internal Server Error"})
        assert app.log_line("the role bypasses policies: True")
    else:  # what verification is for
        assert names(json.loads(answer.body)) == ["anvil", "rocket", "lever"]


def test_the_apps_role_can_neither_see_all_nor_change_the_policy(database):
    assert database.run("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = 'widgets_app'") == [["f", "f", "f"]]
    assert database.run("SELECT relrowsecurity, relforcerowsecurity, relowner::regrole FROM pg_class WHERE relname = 'widgets'") == [["t", "t", "owner"]]
    assert database.run("SET ROLE widgets_app; SELECT count(*) FROM widgets") == [["0"]]
    assert database.run("SET ROLE widgets_app; SET app.tenant_id = ''; SELECT count(*) FROM widgets") == [["0"]]


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
    clients = [client(bearward, tenant, f"{tenant} {number}", until) for number in range(3) for tenant in SOURCES]
    others = [impatient(bearward, tenant, until) for tenant in SOURCES]
    for each in (*clients, *others):
        each.start()
    for each in (*clients, *others):
        each.join()
    return clients


@pytest.mark.parametrize("pool", ["1", "5"], ids=lambda size: "pool_of_" + size)
@VERIFICATION
def test_03_two_tenants_at_once_never_see_each_others_rows(start_app, database, pool, verify):
    database.fill(acme=["anvil"] * 20, globex=["lever"] * 20)
    _, bearward = start_app(DATABASE_VERIFY=verify, DATABASE_POOL_SIZE=pool)
    clients = hammer(bearward, HAMMER_SECONDS)
    assert [each.unexpected for each in clients] == [[]] * len(clients)
    assert [each.foreign for each in clients] == [[]] * len(clients)
    assert all(each.lists for each in clients), "all of them had their turn"
    assert database.run("SELECT tenant_id, count(*) FROM widgets GROUP BY 1 ORDER BY 1") == [["acme", "20"], ["globex", "20"]]


def test_a_session_without_policies_would_be_noticed(start_app, database):
    """The same clients before an app whose role sees all."""
    _, bearward = start_app(DATABASE_VERIFY="off", DATABASE_URL=database.owners_url)
    assert any(each.foreign for each in hammer(bearward, 1))
