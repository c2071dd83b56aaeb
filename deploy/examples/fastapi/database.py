"""Sessions that see one tenant's rows.

The caller's tenant and user become PostgreSQL settings for one transaction, and the policies of schema.sql compare rows with them. PostgreSQL takes the
settings back at the transaction's end, whatever ends it, so that a pooled connection carries nothing over to the next request.
"""

import os
from contextlib import asynccontextmanager

from fastapi import Depends, HTTPException
from identity import Caller, current_caller
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

# Verification costs five round trips a session, of which three are a transaction after it. It shows a setting that another connection user, the role or the database has left behind, and a role
# that policies don't bind.
VERIFY = os.environ.get("DATABASE_VERIFY", "on") != "off"

engine = create_async_engine(
    os.environ.get("DATABASE_URL", "postgresql+asyncpg://widgets_app@127.0.0.1/widgets"),
    pool_size=int(os.environ.get("DATABASE_POOL_SIZE", "5")), max_overflow=0)

SET = text("SELECT set_config('app.tenant_id', :tenant, true), set_config('app.user_id', :user, true)")
SHOW = text("""
    SELECT coalesce(current_setting('app.tenant_id', true), ''), coalesce(current_setting('app.user_id', true), ''),
           (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)""")


class WrongSettings(RuntimeError):
    pass


async def verify(connection, when, tenant, user):
    """The settings are these and the role is bound by policies, or the connection is thrown away."""
    *found, above_policies = (await connection.execute(SHOW)).one()
    if found != [tenant, user] or above_policies:
        await connection.invalidate()
        raise WrongSettings(f"{when}: app.tenant_id and app.user_id are {found}, not {[tenant, user]}; the role bypasses policies: {above_policies}")


class TenantDatabase:
    """A dependency: `async with database.session() as session` is a transaction of the caller's tenant."""

    def __init__(self, caller: Caller = Depends(current_caller)):
        self.caller = caller

    @asynccontextmanager
    async def session(self):
        tenant, user = self.caller.tenant, self.caller.user
        if not tenant:
            raise HTTPException(403, "The caller has no tenant")
        async with engine.connect() as connection:
            async with connection.begin():
                if VERIFY:
                    await verify(connection, "before", "", "")
                await connection.execute(SET, {"tenant": tenant, "user": user})
                if VERIFY:
                    await verify(connection, "within", tenant, user)
                # It joins the transaction: a commit() on it does not end the settings.
                async with AsyncSession(bind=connection, expire_on_commit=False) as session:
                    yield session
                    await session.flush()
            if VERIFY:
                async with connection.begin():
                    await verify(connection, "after", "", "")
