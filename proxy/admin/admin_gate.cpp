#include "proxy/admin/admin_gate.hpp"

#include "policies/ascii.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace bearward::proxy {
namespace {

bool is_port(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, policies::is_digit);
}

/// The name without its port; empty when it is malformed. Brackets stay.
std::string_view name_of(std::string_view host) noexcept {
    const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
    if (bracket == std::string_view::npos) {
        return {};
    }
    const std::size_t colon = host.find(':', bracket);
    if (colon == std::string_view::npos) {
        return host;
    }
    return is_port(host.substr(colon + 1)) ? host.substr(0, colon) : std::string_view{};
}

bool is_loopback(std::string_view name) {
    if (policies::equal_ignoring_case(name, "localhost") || name == "[::1]") {
        return true;
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address_v4(std::string(name), error);
    return !error && address.is_loopback();
}

std::string_view media_type(std::string_view content_type) noexcept {
    return policies::trim(content_type.substr(0, content_type.find(';')));
}

} // namespace

bool check_admin_host(std::string_view host, std::span<const std::string> accepted) {
    const std::string_view name = name_of(host);
    if (name.empty()) {
        return false;
    }
    return is_loopback(name) || std::ranges::any_of(accepted, [&](const std::string& one) {
               return policies::equal_ignoring_case(one, name) || policies::equal_ignoring_case(one, host);
           });
}

std::optional<admin_reply> check_host_fields(const admin_request& request, std::span<const std::string> accepted, admin_scope scope) {
    const bool probes = scope == admin_scope::probes;
    if (request.hosts.size() > 1 || (request.hosts.empty() && !probes)) {
        return make_error_reply(400, "Exactly one Host is needed");
    }
    if (!probes && !check_admin_host(request.hosts.front(), accepted)) {
        return make_error_reply(403, "Host not allowed: use localhost, or add the name to admin.hosts");
    }
    return std::nullopt;
}

std::optional<admin_reply> check_same_site(const admin_request& request) {
    if (request.has_origin) {
        return make_error_reply(403, "A request with an Origin is not accepted");
    }
    if (request.content_types.size() != 1 ||
        !policies::equal_ignoring_case(media_type(request.content_types.front()), "application/json")) {
        return make_error_reply(403, "Content-Type: application/json is needed");
    }
    return std::nullopt;
}

} // namespace bearward::proxy
