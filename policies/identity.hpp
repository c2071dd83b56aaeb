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
    std::string tenant;   ///< empty: the token names none
    std::vector<std::string> roles;
    std::vector<std::string> scopes;
    boost::json::object claims;        ///< all claims, as verified
    std::optional<time_point> expires; ///< `exp`, without clock skew
};

} // namespace bearward::policies
