// Scalars: how YAML 1.2's core schema types a plain one, and the units of the
// configuration (durations, sizes, rates). Pure; errors are nothing, because the
// caller knows what it would have accepted.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace bearward::config {

enum class scalar_type : std::uint8_t { null, boolean, integer, real, text };

/// The type of a scalar without quotes (YAML 1.2.2 section 10.3.2). `on`, `off`,
/// `yes` and `no` are text.
[[nodiscard]] scalar_type type_of_plain(std::string_view text) noexcept;

/// true and false, and nothing else.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text) noexcept;

/// Decimal, with an optional sign.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;

/// `250ms` `30s` `5m` `1h`, or 0.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

/// Bytes: `512` `16KiB` `1MiB` `1GiB`.
[[nodiscard]] std::optional<std::int64_t> parse_size(std::string_view text) noexcept;

/// `100/s` `10/m` `5/h`: a count of at least 1, and its period.
[[nodiscard]] std::optional<std::pair<std::uint64_t, std::chrono::milliseconds>> parse_rate(std::string_view text) noexcept;

/// A decimal number from 0 to 1, with or without an exponent.
[[nodiscard]] std::optional<double> parse_fraction(std::string_view text) noexcept;

/// The largest unit that leaves a whole number.
[[nodiscard]] std::string show_duration(std::chrono::milliseconds value);
[[nodiscard]] std::string show_size(std::int64_t bytes);
/// The fewest digits that give the same number.
[[nodiscard]] std::string show_fraction(double value);

} // namespace bearward::config
