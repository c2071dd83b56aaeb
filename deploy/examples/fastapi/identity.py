"""Who asks. Bearward has verified it and says it in headers that no client can set; nothing here reads a token."""

from dataclasses import dataclass
from typing import List
from urllib.parse import unquote

from fastapi import Depends
from fastapi.requests import HTTPConnection
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer


@dataclass(frozen=True)
class Caller:
    user: str  # empty: nobody has to log in for this route
    tenant: str
    roles: List[str]


def current_caller(connection: HTTPConnection) -> Caller:
    """A dependency, of HTTP routes and of WebSockets. Headers are ASCII: what is not arrives percent-encoded."""
    user, tenant, roles = (connection.headers.get(name, "") for name in ("x-user-id", "x-tenant-id", "x-user-roles"))
    return Caller(unquote(user), unquote(tenant), [unquote(role) for role in roles.split(",") if role])


# Both let everything pass. They are for /docs, which gets its "Authorize" button and its padlocks from them.
IN_DOCS = [Depends(OAuth2PasswordBearer(tokenUrl="token", auto_error=False)), Depends(APIKeyHeader(name="X-API-Key", auto_error=False))]
