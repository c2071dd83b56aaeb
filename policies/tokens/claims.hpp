// Reads claims (RFC 7519 section 4) out of a verified JSON object: dates, texts
// and lists, each with exactly the types that are accepted.
#pragma once

#include "policies/clock.hpp"
#include "policies/reason.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::tokens {

/// Text, or an integer as text; nothing for other types.
[[nodiscard]] std::optional<std::string> text_of(const boost::json::value& value);

/// The name of its JSON type for people: "text", "number", "boolean", ...
[[nodiscard]] std::string_view json_type(const boost::json::value& value) noexcept;

/// Null, "", {}, [], and an array of nothing but null and "": there, but saying nothing.
[[nodiscard]] bool is_empty_claim(const boost::json::value& claim) noexcept;

/// A NumericDate (RFC 7519 section 2): a number of seconds from 0 to 2^53,
/// fractions allowed (rounded to milliseconds). Nothing when absent; error:
/// token_malformed.
[[nodiscard]] std::expected<std::optional<time_point>, reason> read_date(const boost::json::object& claims, std::string_view name);

/// A string, or an integer as text; empty when it is absent, which `null` is too.
/// Error: token_malformed.
[[nodiscard]] std::expected<std::string, reason> read_text(const boost::json::value* claim);

/// A string or an array of strings, as they are; empty when `claim` is null
/// (absent). Error: token_malformed.
[[nodiscard]] std::expected<std::vector<std::string>, reason> read_strings(const boost::json::value* claim);

} // namespace bearward::policies::tokens
