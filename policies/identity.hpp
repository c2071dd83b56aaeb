// What a verified credential says about its bearer.
#pragma once

#include "policies/clock.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace bearward::policies {

/// An identity read from a verified credential. Immutable once made; shared by
/// the token cache and the requests that present the same token.
struct identity {
    std::string provider; ///< the provider's name in the configuration
    std::string user;     ///< empty: the token names none
    std::string tenant;   ///< empty: the token names none, or several
    std::vector<std::string> roles;
    std::vector<std::string> scopes;
    boost::json::object claims;        ///< all claims, as verified
    std::optional<time_point> expires; ///< `exp`, without clock skew
    /// The token names several tenants; a requirement may say which one counts.
    std::vector<std::string> tenants{};
    /// Claims of a form that their default source can't read: what they say is unknown.
    struct {
        bool user = false;
        bool tenant = false;
        bool roles = false;
        bool scopes = false;
    } unknown{};
};

} // namespace bearward::policies
