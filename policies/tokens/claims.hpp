// Reads claims (RFC 7519 section 4) out of a verified JSON object: paths, dates,
// texts and lists, each with exactly the types that are accepted.
#pragma once

#include "policies/clock.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::tokens {

/// The claim at a dotted path; null when it is absent. A top-level claim whose
/// name is the whole path, dots included ("https://example.com/roles"), wins.
[[nodiscard]] const boost::json::value* find_claim(const boost::json::object& claims, const claim_path& path);

/// The first of the paths that is present; null when none is.
[[nodiscard]] const boost::json::value* find_first_claim(const boost::json::object& claims, const std::vector<claim_path>& paths);

/// Whether the claim equals the value, or is an array that holds it. Numbers are
/// compared as numbers.
[[nodiscard]] bool claim_holds(const boost::json::value& claim, const boost::json::value& value);

/// Null, "", [] and {}: there, but saying nothing.
[[nodiscard]] bool is_empty_claim(const boost::json::value& claim) noexcept;

/// A NumericDate (RFC 7519 section 2): a number of seconds from 0 to 2^53,
/// fractions allowed (rounded to milliseconds). Nothing when absent; error:
/// token_malformed.
[[nodiscard]] std::expected<std::optional<time_point>, reason> read_date(const boost::json::object& claims, std::string_view name);

/// A string, or an integer as text; empty when `claim` is null (absent).
/// Error: token_malformed.
[[nodiscard]] std::expected<std::string, reason> read_text(const boost::json::value* claim);

/// A string or an array of strings, as they are; empty when `claim` is null
/// (absent). Error: token_malformed.
[[nodiscard]] std::expected<std::vector<std::string>, reason> read_strings(const boost::json::value* claim);

/// An array of strings, or one string split at spaces and commas; empty when
/// `claim` is null (absent). Empty entries are left out. Error: token_malformed.
[[nodiscard]] std::expected<std::vector<std::string>, reason> read_list(const boost::json::value* claim);

} // namespace bearward::policies::tokens
