#include "config/scalars.hpp"

#include "policies/ascii.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace bearward::config {

namespace {

struct unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array<unit, 4> time_units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<unit, 3> size_units{{{"GiB", 1LL << 30U}, {"MiB", 1LL << 20U}, {"KiB", 1LL << 10U}}};

/// Digits and one of the units. No sign: nothing here is negative.
std::optional<std::int64_t> parse_with_unit(std::string_view text, std::span<const unit> units) noexcept {
    if (text.empty() || !policies::is_digit(text.front())) {
        return std::nullopt;
    }
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc()) {
        return std::nullopt;
    }
    const std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const unit& each : units) {
        if (suffix == each.name) {
            return count <= std::numeric_limits<std::int64_t>::max() / each.factor ? std::optional(count * each.factor) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::string show_with_unit(std::int64_t value, std::span<const unit> units) {
    for (const unit& each : units) {
        if (value != 0 && value % each.factor == 0) {
            return std::to_string(value / each.factor) + std::string(each.name);
        }
    }
    return std::to_string(value);
}

bool all_of(std::string_view text, std::string_view accepted) {
    return !text.empty() && text.find_first_not_of(accepted) == std::string_view::npos;
}

bool is_real(std::string_view text) {
    if (text == ".nan" || text == ".NaN" || text == ".NAN") {
        return true;
    }
    if (text.starts_with('-') || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (text == ".inf" || text == ".Inf" || text == ".INF") {
        return true;
    }
    const std::size_t exponent = text.find_first_of("eE");
    if (exponent != std::string_view::npos) {
        std::string_view power = text.substr(exponent + 1);
        if (power.starts_with('-') || power.starts_with('+')) {
            power.remove_prefix(1);
        }
        if (!all_of(power, "0123456789")) {
            return false;
        }
        text = text.substr(0, exponent);
    }
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos) {
        return all_of(text, "0123456789");
    }
    const std::string_view whole = text.substr(0, point);
    const std::string_view fraction = text.substr(point + 1);
    return (whole.empty() || all_of(whole, "0123456789")) && (fraction.empty() || all_of(fraction, "0123456789")) &&
           !(whole.empty() && fraction.empty());
}

} // namespace

scalar_type type_of_plain(std::string_view text) noexcept {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
        return scalar_type::null;
    }
    if (text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" || text == "FALSE") {
        return scalar_type::boolean;
    }
    const std::string_view digits = text.front() == '-' || text.front() == '+' ? text.substr(1) : text;
    if (all_of(digits, "0123456789") || (text.starts_with("0o") && all_of(text.substr(2), "01234567")) ||
        (text.starts_with("0x") && all_of(text.substr(2), "0123456789abcdefABCDEF"))) {
        return scalar_type::integer;
    }
    return is_real(text) ? scalar_type::real : scalar_type::text;
}

std::optional<bool> parse_boolean(std::string_view text) noexcept {
    return text == "true" ? std::optional(true) : text == "false" ? std::optional(false) : std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) {
            return std::nullopt;
        }
    }
    return policies::parse_decimal<std::int64_t>(text);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
    if (text == "0") {
        return std::chrono::milliseconds(0);
    }
    const auto value = parse_with_unit(text, time_units);
    return value ? std::optional(std::chrono::milliseconds(*value)) : std::nullopt;
}

std::optional<std::int64_t> parse_size(std::string_view text) noexcept {
    if (!text.empty() && policies::is_digit(text.back())) {
        return policies::is_digit(text.front()) ? parse_integer(text) : std::nullopt;
    }
    return parse_with_unit(text, size_units);
}

std::optional<std::pair<std::uint64_t, std::chrono::milliseconds>> parse_rate(std::string_view text) noexcept {
    using namespace std::chrono_literals;
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || text.substr(0, slash).find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    const auto count = parse_integer(text.substr(0, slash));
    const std::string_view unit = text.substr(slash + 1);
    const std::chrono::milliseconds period = unit == "s" ? 1s : unit == "m" ? 1min : unit == "h" ? 1h : 0s;
    if (!count || *count < 1 || period == 0s) {
        return std::nullopt;
    }
    return std::pair(static_cast<std::uint64_t>(*count), period);
}

std::optional<double> parse_fraction(std::string_view text) noexcept {
    const scalar_type type = type_of_plain(text);
    if ((type != scalar_type::integer && type != scalar_type::real) || text.starts_with('-')) {
        return std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // What isn't a number, .nan, compares to nothing.
    const bool fits = error == std::errc() && end == text.data() + text.size() && value >= 0 && value <= 1;
    return fits ? std::optional(value) : std::nullopt;
}

std::string show_duration(std::chrono::milliseconds value) {
    return show_with_unit(value.count(), time_units);
}

std::string show_size(std::int64_t bytes) {
    return show_with_unit(bytes, size_units);
}

std::string show_fraction(double value) {
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() ? std::string(text.data(), end) : std::string();
}

} // namespace bearward::config
