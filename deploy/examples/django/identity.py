"""Who asks, as Bearward says it in the request's headers. This is all that an app needs instead of token code."""

from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True)
class identity:
    user: str  # empty: nobody, on a route that is public or optional
    tenant: str
    roles: tuple
    scopes: tuple


def middleware(get_response):
    """Sets `request.identity`. Django has the header X-User-Id as META["HTTP_X_USER_ID"]."""

    def with_identity(request):
        user, tenant, roles, scopes = (request.META.get("HTTP_X_" + name, "") for name in ("USER_ID", "TENANT_ID", "USER_ROLES", "USER_SCOPES"))
        # Lists are divided first and decoded then: a separator that is part of a name arrives as %2C or %20.
        request.identity = identity(unquote(user), unquote(tenant), tuple(map(unquote, filter(None, roles.split(",")))), tuple(map(unquote, scopes.split())))
        return get_response(request)

    return with_identity
