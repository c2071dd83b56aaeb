#include "policies/requests/client_address.hpp"

#include "policies/ascii.hpp"

#include <algorithm>
#include <ranges>

namespace bearward::policies::requests {
namespace {

/// Some proxies add the port: "192.0.2.1:4711", "[2001:db8::1]:4711", "[2001:db8::1]".
std::string_view without_port(std::string_view text) noexcept {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        return end == std::string_view::npos ? text : text.substr(1, end - 1);
    }
    const auto colon = text.find(':');
    return colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos ? text.substr(0, colon) : text;
}

} // namespace

std::string_view find_client_address(std::string_view peer, std::span<const header> headers, const trusted_peers& trusted) {
    std::string_view found = peer;
    if (trusted.empty() || !trusted.contains(peer)) {
        return found;
    }
    for (const header& line : std::views::reverse(headers)) {
        if (!equal_names(line.name, "X-Forwarded-For")) {
            continue;
        }
        for (std::string_view rest = line.value; !rest.empty();) {
            const auto comma = rest.rfind(',');
            const std::string_view entry = without_port(trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1)));
            rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(0, comma);
            if (!parse_ip_address(entry)) {
                return found;
            }
            found = entry;
            if (!trusted.contains(entry)) {
                return found;
            }
        }
    }
    return found;
}

} // namespace bearward::policies::requests
