#include "policies/requests/origin.hpp"

#include "policies/ascii.hpp"

#include <algorithm>
#include <cstdint>

namespace bearward::policies::requests {
namespace {

/// RFC 3986 section 3.1, in lower case.
bool is_scheme(std::string_view text) noexcept {
    return !text.empty() && is_lower(text.front()) && std::ranges::all_of(text, [](char byte) {
        return is_lower(byte) || is_digit(byte) || byte == '+' || byte == '-' || byte == '.';
    });
}

bool is_host(std::string_view text) noexcept {
    if (text.starts_with('[') && text.ends_with(']') && text.size() > 4) {
        return std::ranges::all_of(text.substr(1, text.size() - 2),
                                   [](char byte) { return is_digit(byte) || (byte >= 'a' && byte <= 'f') || byte == ':' || byte == '.'; });
    }
    return !text.empty() && std::ranges::all_of(text, [](char byte) {
        return is_lower(byte) || is_digit(byte) || byte == '-' || byte == '.' || byte == '_';
    });
}

bool is_port(std::string_view text) noexcept {
    return parse_decimal<std::uint16_t>(text).has_value() && text.front() != '0';
}

bool is_own_port(std::string_view scheme, std::string_view port) noexcept {
    return (port == "80" && (scheme == "http" || scheme == "ws")) || (port == "443" && (scheme == "https" || scheme == "wss"));
}

} // namespace

std::expected<std::string, std::string> parse_origin(std::string_view text) {
    std::string lower = lowered(text);
    if (lower == "null") {
        return lower;
    }
    const std::string_view whole = lower;
    const std::size_t slashes = whole.find("://");
    if (slashes == std::string_view::npos) {
        return std::unexpected("an origin has a scheme");
    }
    const std::string_view scheme = whole.substr(0, slashes);
    const std::string_view authority = whole.substr(slashes + 3);
    if (!is_scheme(scheme)) {
        return std::unexpected("not a scheme before ://");
    }
    if (authority.contains('/')) {
        return std::unexpected("an origin has no path, not even a final /");
    }
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (!is_host(authority.substr(0, colon))) {
        return std::unexpected("not one exact host after ://");
    }
    if (colon == std::string_view::npos) {
        return lower;
    }
    const std::string_view port = authority.substr(colon + 1);
    if (!is_port(port)) {
        return std::unexpected("not a port from 1 to 65535");
    }
    return is_own_port(scheme, port) ? lower.substr(0, slashes + 3 + colon) : lower;
}

bool has_origin(const request_view& request, std::span<const std::string> accepted) noexcept {
    const header* found = nullptr;
    for (const header& field : request.headers) {
        if (equal_names(field.name, "Origin")) {
            if (found != nullptr) {
                return false;
            }
            found = &field;
        }
    }
    return found != nullptr && std::ranges::any_of(accepted, [&](std::string_view each) { return equal_names(each, found->value); });
}

} // namespace bearward::policies::requests
