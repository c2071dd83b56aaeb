#include "proxy/admin/admin_reply.hpp"

#include "proxy/telemetry/metrics_page.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace bearward::proxy {
namespace {

bool is_port(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
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
    if (boost::beast::iequals(name, "localhost") || name == "[::1]") {
        return true;
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address_v4(std::string(name), error);
    return !error && address.is_loopback();
}

std::string json_of(boost::json::object body) {
    return boost::json::serialize(body) + '\n';
}

admin_reply ready_reply(const admin_source& source) {
    const auto why_not = source.why_not_ready();
    if (!why_not) {
        return {.status = 200, .body = json_of({{"status", "ready"}}), .allow = {}};
    }
    return {.status = 503, .body = json_of({{"status", "not ready"}, {"reason", *why_not}}), .allow = {}};
}

/// Why a POST may not change anything: a page of another site can send one, but
/// only with Origin, and JSON only after a preflight that is never allowed here.
std::optional<std::string_view> refuse_post(const admin_request& request) {
    if (request.has_origin) {
        return "A request with an Origin is not accepted";
    }
    const auto media_type = [](std::string_view value) {
        const std::string_view name = value.substr(0, value.find(';'));
        return name.substr(0, name.find_last_not_of(" \t") + 1);
    };
    if (request.content_types.size() != 1 || !boost::beast::iequals(media_type(request.content_types.front()), "application/json")) {
        return "Content-Type: application/json is needed";
    }
    return std::nullopt;
}

admin_reply refuse_method(std::string_view allowed) {
    admin_reply refused = make_admin_error(405, "Method Not Allowed");
    refused.allow = allowed;
    return refused;
}

admin_reply reply_to_reload(const admin_request& request) {
    if (request.method != "POST") {
        return refuse_method("POST");
    }
    if (const auto why_not = refuse_post(request)) {
        return make_admin_error(403, *why_not);
    }
    admin_reply later;
    later.after_reload = true;
    return later;
}

} // namespace

bool check_admin_host(std::string_view host, std::span<const std::string> accepted) {
    const std::string_view name = name_of(host);
    if (name.empty()) {
        return false;
    }
    return is_loopback(name) || std::ranges::any_of(accepted, [&](const std::string& one) {
               return boost::beast::iequals(one, name) || boost::beast::iequals(one, host);
           });
}

admin_reply make_admin_error(unsigned status, std::string_view detail) {
    return {.status = status, .body = json_of({{"detail", detail}}), .allow = {}};
}

admin_reply make_admin_reply(const admin_request& request, std::span<const std::string> accepted_hosts, const admin_source& source,
                             admin_scope scope) {
    const bool probes = scope == admin_scope::probes;
    // Probes come by address, some in HTTP/1.0 without a Host, and read nothing that a page could not.
    if (request.hosts.size() > 1 || (request.hosts.empty() && !probes)) {
        return make_admin_error(400, "Exactly one Host is needed");
    }
    if (!probes && !check_admin_host(request.hosts.front(), accepted_hosts)) {
        return make_admin_error(403, "Host not allowed: use localhost, or add the name to admin.hosts");
    }
    const std::string_view path = request.target.substr(0, request.target.find('?'));
    static constexpr std::array<std::string_view, 5> paths{"/healthz", "/readyz", "/metrics", "/status", "/config"};
    constexpr std::size_t for_probes = 3;
    if (path == "/reload" && !probes && source.reload) {
        return reply_to_reload(request);
    }
    const auto offered = std::span(paths).first(probes ? for_probes : paths.size());
    if (std::ranges::find(offered, path) == offered.end()) {
        return make_admin_error(404, "Not Found");
    }
    if (request.method != "GET" && request.method != "HEAD") {
        return refuse_method("GET, HEAD");
    }
    if (path == "/healthz") {
        return {.status = 200, .body = json_of({{"status", "ok"}}), .allow = {}};
    }
    if (path == "/readyz") {
        return ready_reply(source);
    }
    if (path == "/metrics") {
        return {.status = 200, .body = source.metrics(), .allow = {}, .content_type = metrics_content_type};
    }
    return {.status = 200, .body = json_of(path == "/config" ? source.config() : source.status()), .allow = {}};
}

admin_reply make_reload_reply(const reload_outcome& outcome) {
    if (outcome.success) {
        return {.status = 200, .body = json_of({{"result", "success"}}), .allow = {}};
    }
    return {.status = 422, .body = json_of({{"result", "failure"}, {"errors", boost::json::value_from(outcome.errors)}}), .allow = {}};
}

} // namespace bearward::proxy
