#include "proxy/providers/cache_control.hpp"

#include "policies/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace bearward::proxy::providers {
namespace {

constexpr std::int64_t longest = 31'536'000; // a year, as RFC 9111 section 1.2.2 has a most

std::optional<std::int64_t> parse_seconds(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    return fault == std::errc{} ? std::min(value, longest) : longest;
}

std::string_view without_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace

std::optional<std::chrono::seconds> freshness(std::string_view cache_control, std::string_view age) {
    std::optional<std::int64_t> most;
    while (!cache_control.empty()) {
        const auto comma = cache_control.find(',');
        const std::string_view directive = without_blanks(cache_control.substr(0, comma));
        cache_control.remove_prefix(comma == std::string_view::npos ? cache_control.size() : comma + 1);
        const auto equals = directive.find('=');
        const std::string name = policies::lowered(without_blanks(directive.substr(0, equals)));
        if (name == "no-store" || name == "no-cache") {
            return std::nullopt;
        }
        if (name == "max-age" && equals != std::string_view::npos && !most) {
            most = parse_seconds(without_blanks(directive.substr(equals + 1)));
        }
    }
    if (!most || *most == 0) {
        return std::nullopt;
    }
    const std::int64_t passed = parse_seconds(without_blanks(age)).value_or(0);
    return std::chrono::seconds(std::max<std::int64_t>(*most - passed, 0));
}

} // namespace bearward::proxy::providers
