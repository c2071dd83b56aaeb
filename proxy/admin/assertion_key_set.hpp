// What /jwks.json says.
#pragma once

#include "policies/snapshot.hpp"

#include <boost/json/object.hpp>

namespace bearward::proxy {

/// The public keys of assertions as a JWK set (RFC 7517 section 5); without keys where none are made.
[[nodiscard]] boost::json::object describe_assertion_keys(const policies::snapshot& rules);

} // namespace bearward::proxy
