"""The example app's database sessions: PostgreSQL shows each request its own tenant's rows, and the settings that say so end with the request."""

import json
import os
import subprocess
import sys

import pytest
from conftest import SLOWNESS
from fastapi_fixtures import *  # noqa: F403: the app and what is before it
from fastapi_process import EXAMPLE, JSON, log_in, mint
from tokens import bearer

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
