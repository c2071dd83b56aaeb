// Who asks, as Bearward says it in the request's headers. This is all that an app needs instead of token code.
"use strict";

// Lists are divided first and decoded then: a separator that is part of a name arrives as %2C or %20.
function list(value, separator) {
  return value.split(separator).filter(Boolean).map(decodeURIComponent);
}

/// Sets `request.identity`; its user is empty where nobody is known, on a route that is public or optional.
module.exports = function identity(request, response, next) {
  const [user, tenant, roles, scopes] = ["X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes"].map((name) => request.get(name) || "");
  request.identity = {user: decodeURIComponent(user), tenant: decodeURIComponent(tenant), roles: list(roles, ","), scopes: list(scopes, " ")};
  next();
};
