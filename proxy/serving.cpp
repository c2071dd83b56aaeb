#include "proxy/serving.hpp"

#include "proxy/file_limit.hpp"

#include <algorithm>
#include <limits>
#include <span>

namespace bearward::proxy {
namespace {

template <class Named>
std::vector<std::string> names_of(std::span<const Named> all) {
    std::vector<std::string> names;
    for (const auto& each : all) {
        names.push_back(each.name);
    }
    return names;
}

http::reply_format format_of(config::error_format from) {
    switch (from) {
    case config::error_format::problem:
        return http::reply_format::problem;
    case config::error_format::text:
        return http::reply_format::text;
    case config::error_format::detail:
        break;
    }
    return http::reply_format::detail;
}

std::vector<std::string> provider_names(const policies::snapshot& rules) {
    std::vector<std::string> names;
    names.reserve(rules.providers.size());
    for (const auto& each : rules.providers) {
        names.push_back(each.rules.provider);
    }
    return names;
}

} // namespace

serving::serving(config::configuration from, counter_registry& registry, purpose use)
    : settings(std::move(from)),
      counters(registry.resolve(names_of(settings.rules->routes.routes()),
                                names_of(std::span<const config::upstream_settings>(settings.upstreams)),
                                names_of(std::span<const config::listener_settings>(settings.listeners)), provider_names(*settings.rules))),
      max_connections(
          std::min(settings.limits.max_connections, connections_within(file_limit(), registry.workers(), settings.listeners.size()))) {
    rewrite.identity_headers = &settings.rules->identity_headers;
    for (const auto& header : settings.rules->identity_headers) {
        rewrite.stripped_names.push_back(header.name);
        rewrite.tells_certificates = rewrite.tells_certificates || header.from == policies::identity_header::source::certificate;
    }
    if (settings.rules->assertion) {
        rewrite.stripped_names.push_back(settings.rules->assertion->header);
    }
    rewrite.headers = settings.headers;
    local_peers.unix_sockets = true;
    for (const char* const each : {"127.0.0.0/8", "::1"}) {
        local_peers.networks.push_back(policies::requests::parse_network(each).value());
    }
    style.format = format_of(settings.errors.format);
    style.realm = settings.errors.realm;
    style.expose_reason = settings.errors.expose_reason;
    style.pages = settings.errors.pages;
    for (const auto& listener : settings.listeners) {
        const bool speaks_tls = listener.tls && use == purpose::serve;
        listener_contexts.push_back(speaks_tls ? std::make_shared<const tls::server_context>(listener) : nullptr);
    }
    for (const auto& upstream : settings.upstreams) {
        upstream_contexts.push_back(
            upstream.tls ? std::make_shared<const tls::client_context>(*upstream.tls, "TLS of the upstream " + upstream.name) : nullptr);
    }
    request_limits = {settings.limits.max_request_head, settings.limits.max_request_target, settings.limits.max_request_headers};
    response_limits = {settings.limits.max_response_head, settings.limits.max_response_head, std::numeric_limits<std::size_t>::max()};
    for (const auto& provider : settings.rules->providers) {
        const auto& name = provider.names.query_parameter;
        if (!name.empty() && std::ranges::find(token_parameters, name) == token_parameters.end()) {
            token_parameters.push_back(name);
        }
    }
}

std::optional<std::string> serving::file_limit_note() const {
    if (max_connections == settings.limits.max_connections) {
        return std::nullopt;
    }
    return "limits.max_connections: " + std::to_string(max_connections) + " instead of " + std::to_string(settings.limits.max_connections) +
           ", since only " + std::to_string(file_limit()) + " files may be open (ulimit -n, LimitNOFILE)";
}

} // namespace bearward::proxy
