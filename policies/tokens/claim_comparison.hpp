// What a claim must be: required_claims of a provider and `claims` of a
// requirement are compared by the same code.
#pragma once

#include "policies/truth.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bearward::policies::tokens {

/// What is accepted; any of them.
struct accepted_claims {
    bool present_only = false;                    ///< whatever it is, unless it is empty
    std::span<const boost::json::value> values{}; ///< numbers are compared as numbers; an integer is taken as text where text is wanted
    std::optional<std::string_view> pattern{};    ///< matches_glob; an integer is taken as text
};

/// Whether the claim is accepted, or is an array that holds such a value. Absent
/// (null) and empty ones are known: they equal nothing. Unknown: nothing in it is
/// accepted, and it has objects in it, or values of a JSON type that can't be compared
/// with what is wanted (true with "true", 1.5 with "1.5", "1" with 1).
[[nodiscard]] truth compare_claim(const boost::json::value* claim, const accepted_claims& accepted);

/// Likewise for one text, byte for byte; an integer is taken as text.
[[nodiscard]] truth compare_claim(const boost::json::value* claim, std::string_view text);

} // namespace bearward::policies::tokens
