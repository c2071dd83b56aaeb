// What serving needs of one generation of the configuration, prepared once and
// shared by all workers. Immutable.
#pragma once

#include "config/configuration.hpp"
#include "proxy/http/head.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/local_reply.hpp"
#include "proxy/telemetry/counter_registry.hpp"
#include "proxy/tls/client_context.hpp"
#include "proxy/tls/server_context.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy {

/// Judging alone, as `explain` does, needs no certificates.
enum class purpose : std::uint8_t { serve, judge };

struct serving {
    /// `registry` must outlive the workers that serve this. Throws std::runtime_error
    /// when OpenSSL refuses a certificate.
    serving(config::configuration from, counter_registry& registry, purpose use = purpose::serve);

    config::configuration settings;
    http::rewrite_rules rewrite;
    http::reply_style style;
    http::head_limits request_limits;
    http::head_limits response_limits;
    std::vector<std::string> token_parameters{"access_token"}; ///< masked in logs: RFC 6750's name, and the providers' own

    policies::requests::trusted_peers local_peers; ///< who may ask a forward_auth listener where trusted_proxies names none

    [[nodiscard]] const policies::snapshot& rules() const noexcept { return *settings.rules; }
    /// Whose word about clients is believed. `for_another`: on a listener that decides for another proxy.
    [[nodiscard]] const policies::requests::trusted_peers& trusted(bool for_another) const noexcept {
        return settings.trusted_proxies.empty() && for_another ? local_peers : settings.trusted_proxies;
    }
    /// Whether the listener decides for another proxy; no_listener doesn't.
    [[nodiscard]] bool decides_for_another(std::uint32_t listener) const noexcept {
        return listener < settings.listeners.size() && settings.listeners[listener].mode == config::listener_mode::forward_auth;
    }

    /// Where a worker counts requests of a route of these rules; null: without one.
    [[nodiscard]] route_counters& counters_of(std::size_t worker, const policies::rules::route* route) const noexcept {
        const auto& blocks = counters[worker].routes;
        return *(route == nullptr ? blocks.back() : blocks[static_cast<std::size_t>(route - rules().routes.routes().data())]);
    }

    /// The listener's TLS; null: plain, or its listener is closed.
    [[nodiscard]] std::shared_ptr<const tls::server_context> listener_tls(std::uint32_t listener) const noexcept {
        return listener < listener_contexts.size() ? listener_contexts[listener] : nullptr;
    }

    /// Said when the file limit leaves room for fewer connections than were asked for.
    [[nodiscard]] std::optional<std::string> file_limit_note() const;

    std::vector<std::shared_ptr<const tls::server_context>> listener_contexts; ///< by listener; null: plain
    std::vector<std::shared_ptr<const tls::client_context>> upstream_contexts; ///< by upstream; null: plain
    std::vector<worker_counters> counters;                                     ///< by worker
    std::size_t max_connections; ///< limits.max_connections, or fewer if the file limit says so
};

using serving_ptr = std::shared_ptr<const serving>;

} // namespace bearward::proxy
