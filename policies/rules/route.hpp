// One route as it serves: what it matches and what it asks for. Compiled from
// the configuration; immutable.
#pragma once

#include "policies/close_codes.hpp"
#include "policies/requests/cors.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/requests/target.hpp"
#include "policies/rules/rate_limit.hpp"
#include "policies/rules/requirement.hpp"
#include "policies/tokens/dpop_mode.hpp"
#include "policies/word_table.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::rules {

enum class authentication : std::uint8_t { required, optional, none };
enum class rejection : std::uint8_t { close, http, automatic };
/// What becomes of a denial: `observe` forwards what the requirement denies,
/// `observe_all` also what has no credential that counts.
enum class enforcement : std::uint8_t { enforce, observe, observe_all };

/// The words of the configuration, the access log and the metrics.
inline constexpr auto enforcement_table = std::to_array<word_row<enforcement>>({
    {enforcement::enforce, "enforce"},
    {enforcement::observe, "observe"},
    {enforcement::observe_all, "observe_all"},
});
static_assert(is_word_table(enforcement_table));

[[nodiscard]] constexpr std::string_view to_string(enforcement mode) noexcept {
    return word_of(enforcement_table, mode);
}

/// Which answers that are still running end with the credential they stand on: event streams and gRPC,
/// every one, or none.
enum class ended_streams : std::uint8_t { automatic, all, off };

inline constexpr auto ended_streams_table = std::to_array<word_row<ended_streams>>({
    {ended_streams::automatic, "auto"},
    {ended_streams::all, "all"},
    {ended_streams::off, "off"},
});
static_assert(is_word_table(ended_streams_table));

/// One segment of a route's path, canonical.
struct segment {
    std::string text; ///< literal text, or the capture's name
    bool is_capture = false;
};

/// How a route treats WebSocket handshakes.
struct websocket_rules {
    bool enabled = true;
    requests::token_places token_from{.header = true, .query = true, .subprotocol = true};
    rejection reject_with = rejection::close;
    close_codes closes_with;
    bool close_on_expiry = true;
    std::vector<std::string> origins;                                 ///< as parse_origin makes them; empty: any
    std::chrono::milliseconds idle_timeout{std::chrono::minutes{10}}; ///< without a byte either way; 0: none
    std::chrono::milliseconds max_lifetime{0};                        ///< 0: none
    std::uint64_t max_message = 0;                                    ///< bytes, over all fragments, both ways; 0: any
    std::optional<rate_limit> max_frame_rate{};                       ///< from the client; nothing: any
    bool recheck_on_reload = false;                                   ///< open ones are judged by new rules
    bool renewal = false;                                             ///< the token of an open one can be replaced
};

/// What becomes of answers that are still running when their credential ends.
struct stream_rules {
    ended_streams end_on_expiry = ended_streams::automatic;
    ended_streams end_on_revocation = ended_streams::automatic;
};

/// What a route changes in the heads that pass, besides what is always changed.
struct header_changes {
    struct field {
        std::string name;
        std::string value;
    };
    std::vector<field> added; ///< each replaces what the sender wrote under its name
    std::vector<std::string> removed;

    [[nodiscard]] bool empty() const noexcept { return added.empty() && removed.empty(); }
    /// Whether what the sender wrote under a name goes; names are compared folded.
    [[nodiscard]] bool drops(std::string_view name) const noexcept;
};

/// Of a route of which nothing is ever forwarded.
inline constexpr std::uint32_t no_upstream = std::numeric_limits<std::uint32_t>::max();

struct route { // NOLINT(clang-analyzer-optin.performance.Padding): in the order in which it is read; there are few
    std::string name;
    std::string pattern; ///< as written: "/tenants/{tenant_id}"
    std::vector<segment> segments;
    bool exact = false; ///< exact: the path must end here; else whole-segment prefix
    /// Its own word on paths that servers read differently; nothing: snapshot::ambiguous.
    std::optional<requests::ambiguous_paths> ambiguous;
    std::vector<std::string> hosts;       ///< lower-case; "*.example.com" for wildcards; empty: any
    std::vector<std::string> methods;     ///< upper-case as written; empty: any; GET includes HEAD
    std::vector<std::uint32_t> listeners; ///< indices; empty: any
    std::uint32_t upstream = 0;           ///< index into the configuration's upstreams, or no_upstream
    authentication auth = authentication::required;
    std::vector<std::uint32_t> providers; ///< indices into snapshot::providers
    /// The distinct places of its providers' tokens, in the order of `providers`.
    std::vector<requests::credential_names> credential_names;
    /// Whether any of them has a cookie: it is removed from what is forwarded.
    bool has_cookies = false;
    /// Whether one of its providers takes the client's certificate for a credential.
    bool takes_certificates = false;
    /// Origins besides the request's own that may use a token in a cookie (requests::may_use_cookie).
    std::vector<std::string> cookie_origins;
    tokens::dpop_mode dpop = tokens::dpop_mode::off; ///< required: by all of its providers; accepted: by one at least
    requirement require;
    enforcement mode = enforcement::enforce;
    requests::token_places token_from{.header = true, .query = false, .subprotocol = false};
    bool forward_token = false;
    std::optional<std::chrono::milliseconds> response_timeout;          ///< instead of the upstream's; 0: none
    std::uint64_t max_body = std::numeric_limits<std::uint64_t>::max(); ///< bytes
    std::optional<rate_limit> rate;                                     ///< nothing: any
    rate_texts rate_said;                                               ///< of `rate`, made by the table that takes the route
    bool strip_prefix = false;                                          ///< what `segments` matched is not forwarded
    header_changes request_headers;
    header_changes response_headers;
    websocket_rules websocket;
    stream_rules streams;
    requests::cors_handling cors;
    std::string resource_metadata; ///< the URL of its resource's metadata, for challenges (RFC 9728 section 5.1); empty: none
};

/// What of `path` the route's prefix matched, without `/` at its end: a view of
/// `path`, empty where that is the root. `path` is one that the route matches.
[[nodiscard]] std::string_view removed_prefix(const route& of, std::string_view path) noexcept;

/// The path to forward when the route's prefix is removed: a view of `path` that
/// begins with one `/`, or `/`. `path` is one that the route matches.
[[nodiscard]] std::string_view strip_prefix(const route& of, std::string_view path) noexcept;

} // namespace bearward::policies::rules
