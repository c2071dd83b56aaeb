// By which names of an issuer its tokens are known, where a provider has several issuers.
#pragma once

#include "policies/tokens/issuer_pattern.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::tokens {

/// `issuer`, and the same issuer by the provider's other templates, filled from the claims. One
/// empty name where no template is among the patterns: all of a provider's tokens are of one issuer then.
[[nodiscard]] std::vector<std::string> find_issuer_names(const std::vector<issuer_pattern>& patterns, std::string_view issuer,
                                                         const boost::json::object& claims);

} // namespace bearward::policies::tokens
