// What one worker counts of its requests, a block for each route and upstream
// (proxy/BEHAVIOUR.md 16). A generation of the configuration resolves its routes
// to blocks once (counter_registry), so a request costs a few additions.
#pragma once

#include "policies/reason_table.hpp"
#include "policies/requests/method.hpp"
#include "policies/rules/route.hpp"
#include "policies/word_table.hpp"
#include "proxy/telemetry/counters.hpp"
#include "proxy/telemetry/stream_end.hpp"
#include "proxy/telemetry/tunnel_end.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace bearward::proxy {

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
    void add(policies::requests::method of, unsigned code);
    /// Any thread.
    [[nodiscard]] std::uint64_t value(policies::requests::method of, unsigned code) const noexcept;
    /// Whether a code of the same hundred may have been counted; without one a reader skips all of them. Any thread.
    [[nodiscard]] bool has_hundred_of(policies::requests::method of, unsigned code) const noexcept;

private:
    using block = std::array<counter, 100>;
    std::array<std::array<std::atomic<block*>, 9>, policies::requests::method_table.size()> blocks_{};
};

/// Whether a reason was acted on.
using decision_mode = policies::rules::enforcement;

/// What WebSockets carried in one direction.
struct websocket_traffic {
    counter bytes;
    counter frames;
};

struct alignas(64) route_counters {
    /// A mode other than enforce: a denial that the route only notes.
    void decided(policies::reason why, decision_mode mode = decision_mode::enforce) noexcept {
        decisions[static_cast<std::size_t>(mode)][static_cast<std::size_t>(why)].add();
    }
    /// A tunnel ended that was open so long.
    void closed(tunnel_end why, std::chrono::seconds open) noexcept {
        closes[static_cast<std::size_t>(why)].add();
        websocket_seconds.add(static_cast<std::uint64_t>(open.count()));
    }
    /// A handshake was accepted only to say why it is refused.
    void closed(policies::reason why) noexcept { refusals[static_cast<std::size_t>(why)].add(); }

    /// An answer that was still running was ended.
    void stream_ended(stream_end why) noexcept { stream_ends[static_cast<std::size_t>(why)].add(); }

    using by_reason = std::array<counter, policies::reason_count>;
    std::array<by_reason, policies::rules::enforcement_table.size()> decisions; ///< by decision_mode
    status_counters requests;
    duration_histogram duration;
    gauge websockets;
    counter websockets_opened;
    counter websocket_seconds; ///< how long those that ended were open, together
    websocket_traffic from_clients;
    websocket_traffic to_clients;
    std::array<counter, tunnel_end_table.size()> closes;
    by_reason refusals;
    std::array<counter, stream_end_table.size()> stream_ends;
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

/// How a token was found; negative_hit: its signature is known to be bad.
enum class token_lookup : std::uint8_t { hit, negative_hit, miss };

inline constexpr auto token_lookup_table = std::to_array<policies::word_row<token_lookup>>({
    {token_lookup::hit, "hit"},
    {token_lookup::negative_hit, "negative_hit"},
    {token_lookup::miss, "miss"},
});
static_assert(policies::is_word_table(token_lookup_table));

struct alignas(64) token_cache_counters {
    void looked_up(token_lookup how) noexcept { results[static_cast<std::size_t>(how)].add(); }

    std::array<counter, token_lookup_table.size()> results;
};

/// One worker's blocks, in the order of one generation's routes, upstreams, listeners and providers.
struct worker_counters {
    std::vector<route_counters*> routes; ///< and a last one: of requests without a route
    std::vector<upstream_counters*> upstreams;
    std::vector<listener_counters*> listeners;
    std::vector<token_cache_counters*> token_caches; ///< by provider
};

} // namespace bearward::proxy
