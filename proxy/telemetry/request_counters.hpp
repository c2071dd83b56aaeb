// What one worker counts of its requests, a block for each route and upstream
// (contract 8, "Metrics"). A generation of the configuration resolves its routes
// to blocks once (counter_registry), so a request costs a few additions.
#pragma once

#include "policies/reason_table.hpp"
#include "policies/rules/route.hpp"
#include "proxy/telemetry/counters.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace bearward::proxy {

/// The methods that have a label of their own (RFC 9110 section 9, RFC 5789); then `other`.
inline constexpr std::array<std::string_view, 10> method_labels{"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                                                "CONNECT", "OPTIONS", "TRACE", "PATCH", "other"};
/// An index into method_labels.
[[nodiscard]] std::size_t method_index(std::string_view method) noexcept;

/// Requests by method and exact status code. Which codes there are is up to the
/// app, so blocks of a hundred codes are made when the first one is counted.
class status_counters {
public:
    static constexpr unsigned first_code = 100;
    static constexpr unsigned last_code = 999;

    status_counters() = default;
    ~status_counters();
    status_counters(const status_counters&) = delete;
    status_counters& operator=(const status_counters&) = delete;

    /// `code`: first_code to last_code; the parser lets no other pass.
    void add(std::size_t method, unsigned code);
    /// Any thread.
    [[nodiscard]] std::uint64_t value(std::size_t method, unsigned code) const noexcept;

private:
    using block = std::array<counter, 100>;
    std::array<std::array<std::atomic<block*>, 9>, method_labels.size()> blocks_{};
};

/// Whether a reason was acted on.
using decision_mode = policies::rules::enforcement;

/// Why an open WebSocket ended: who began, or why Bearward did.
enum class tunnel_end : std::uint8_t { client, upstream, token_expired, idle_timeout, write_timeout, shutdown };
inline constexpr std::array<std::string_view, 6> tunnel_end_labels{"client",       "upstream",      "token_expired",
                                                                   "idle_timeout", "write_timeout", "shutdown"};

struct alignas(64) route_counters {
    /// A mode other than enforce: a denial that the route only notes.
    void decided(policies::reason why, decision_mode mode = decision_mode::enforce) noexcept {
        decisions[static_cast<std::size_t>(mode)][static_cast<std::size_t>(why)].add();
    }
    /// A tunnel ended.
    void closed(tunnel_end why) noexcept { closes[static_cast<std::size_t>(why)].add(); }
    /// A handshake was accepted only to say why it is refused.
    void closed(policies::reason why) noexcept { refusals[static_cast<std::size_t>(why)].add(); }

    using by_reason = std::array<counter, policies::reason_count>;
    std::array<by_reason, 3> decisions; ///< by decision_mode
    status_counters requests;
    duration_histogram duration;
    gauge websockets;
    std::array<counter, tunnel_end_labels.size()> closes;
    by_reason refusals;
};

/// The reasons for which an upstream is to blame.
inline constexpr auto upstream_failures = policies::reasons_about<policies::reason_class::upstream>();

struct alignas(64) upstream_counters {
    /// Counts a request's reason if it is one of upstream_failures.
    void failed(policies::reason why) noexcept;

    duration_histogram duration;
    std::array<counter, upstream_failures.size()> errors;
    gauge idle;   ///< pooled connections
    gauge active; ///< those that serve a request or a WebSocket
};

struct alignas(64) listener_counters {
    gauge connections;
};

/// How a token was found, in the order of token_cache_labels.
enum class token_lookup : std::uint8_t { hit, negative_hit, miss };
/// negative_hit: a signature that is known to be bad.
inline constexpr std::array<std::string_view, 3> token_cache_labels{"hit", "negative_hit", "miss"};

struct alignas(64) token_cache_counters {
    void looked_up(token_lookup how) noexcept { results[static_cast<std::size_t>(how)].add(); }

    std::array<counter, token_cache_labels.size()> results;
};

/// One worker's blocks, in the order of one generation's routes, upstreams, listeners and providers.
struct worker_counters {
    std::vector<route_counters*> routes; ///< and a last one: of requests without a route
    std::vector<upstream_counters*> upstreams;
    std::vector<listener_counters*> listeners;
    std::vector<token_cache_counters*> token_caches; ///< by provider
};

} // namespace bearward::proxy
