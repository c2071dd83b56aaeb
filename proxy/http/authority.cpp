#include "proxy/http/authority.hpp"

#include "proxy/http/syntax.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace bearward::proxy::http {
namespace {

bool valid_port(std::string_view port) noexcept {
    if (port.empty() || port.size() > 5) {
        return false;
    }
    unsigned value = 0;
    for (const char byte : port) {
        if (!is(byte, digit_byte)) {
            return false;
        }
        value = value * 10 + static_cast<unsigned>(byte - '0');
    }
    return value <= 65535;
}

bool valid_ipv6(std::string_view text) noexcept {
    std::array<char, INET6_ADDRSTRLEN> copy{};
    if (text.size() >= copy.size()) {
        return false;
    }
    text.copy(copy.data(), text.size());
    in6_addr parsed{};
    // inet_pton stops at a NUL; none can be here, but a shorter reading is refused all the same.
    return text.find('\0') == std::string_view::npos && ::inet_pton(AF_INET6, copy.data(), &parsed) == 1;
}

bool valid_name(std::string_view name) noexcept {
    char before = '.';
    for (const char byte : name) {
        const bool lower = byte >= 'a' && byte <= 'z'; // nearly all of them
        const bool plain = lower || policies::is_base64url(byte) || byte == '~';
        if (!plain && (byte != '.' || before == '.')) {
            return false;
        }
        before = byte;
    }
    return before != '.';
}

} // namespace

bool parse_authority(std::string_view text, std::string& host, std::string& authority) {
    std::string_view name;
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos || !valid_ipv6(text.substr(1, close - 1))) {
            return false;
        }
        name = text.substr(0, close + 1);
        rest = text.substr(close + 1);
    } else {
        const auto colon = text.find(':');
        name = text.substr(0, colon);
        rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
        if (name.ends_with('.')) {
            name.remove_suffix(1);
        }
        if (!valid_name(name)) {
            return false;
        }
    }
    if (!rest.empty() && (rest.front() != ':' || !valid_port(rest.substr(1)))) {
        return false;
    }
    host.assign(name);
    std::ranges::transform(host, host.begin(), to_lower);
    authority.assign(host).append(rest);
    return true;
}

} // namespace bearward::proxy::http
