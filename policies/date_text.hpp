// Times as people and configurations write them: RFC 3339 section 5.6.
#pragma once

#include "policies/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies {

/// 2026-01-31T23:59:59Z, with milliseconds where there are any. Outside of the
/// years 0 to 9999, which the form can't tell: the seconds of Unix time.
[[nodiscard]] std::string to_rfc3339(time_point time);

/// A date-time with an offset (`Z`, `+02:00`); finer fractions than milliseconds
/// are cut off. A leap second counts as the second after. Nothing for any other
/// text, dates that don't exist included.
[[nodiscard]] std::optional<time_point> parse_rfc3339(std::string_view text) noexcept;

} // namespace bearward::policies
