// Tokens about events are no credentials, whatever a provider accepts and whoever is asked about them
// (RFC 8417 section 2.2, OpenID Connect Back-Channel Logout 1.0 section 2.4).
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies::tokens {

/// By its `typ` (logout+jwt, secevent+jwt) or its claim `events`.
[[nodiscard]] bool is_event(const std::optional<std::string>& type, const boost::json::object& claims);

/// The same of a token as it came, of which nothing is verified: only to refuse it by. What can't be
/// read says nothing; of an encrypted one the header is read.
[[nodiscard]] bool looks_like_event(std::string_view token);

} // namespace bearward::policies::tokens
