// Bearward's own answers (proxy/BEHAVIOUR.md 8): status, challenge, body.
#pragma once

#include "policies/decision.hpp"
#include "proxy/http/cors_fields.hpp"
#include "proxy/http/outgoing_head.hpp"
#include "proxy/http/reply_body.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bearward::proxy::http {

struct local_reply { // NOLINT(clang-analyzer-optin.performance.Padding): in the order in which answers say it; one lives at a time
    policies::reason why = policies::reason::bad_request;
    unsigned status = 0;                ///< 0: the reason's own
    policies::challenge_needs needs{};  ///< what the challenge asks for
    policies::tokens::dpop_mode dpop{}; ///< the route's, for the challenge
    bool bad_proof = false;             ///< a DPoP proof was refused
    /// Where the metadata of the route's resource is, for the challenge; empty: nowhere.
    std::string_view resource_metadata{};
    std::span<const std::string> allow{}; ///< for 405
    unsigned retry_after = 0;             ///< seconds; 0: no Retry-After
    std::string_view request_id{};
    std::string_view date{};           ///< an HTTP-date; empty: no Date (RFC 9110 section 6.6.1 asks a server with a clock for one)
    bool head_request = false;         ///< no body
    bool navigation = false;           ///< is_navigation() of the request
    std::span<const header> extra{};   ///< e.g. Sec-WebSocket-Version for 426
    const cors_answer* cors = nullptr; ///< what it says to pages of other origins; null: nothing
    bool preflight = false;            ///< it answers one: a 204, with `cors`
    /// JSON in place of the usual body, without a challenge; empty: none at all.
    std::optional<std::string_view> json{};
    bool published = false; ///< it is for pages of every origin, to be kept for an hour
};

/// What the route of a denial says of DPoP.
[[nodiscard]] inline policies::tokens::dpop_mode dpop_of(const policies::denial& denied) noexcept {
    return denied.route == nullptr ? policies::tokens::dpop_mode::off : denied.route->dpop;
}

/// Where the metadata of the resource is that the route of a denial belongs to.
[[nodiscard]] inline std::string_view metadata_of(const policies::denial& denied) noexcept {
    return denied.route == nullptr ? std::string_view{} : std::string_view(denied.route->resource_metadata);
}

/// How errors are written; from the configuration.
struct reply_style {
    reply_format format = reply_format::detail;
    std::string realm = "bearward";
    bool expose_reason = false;
    bool pages = false; ///< a navigation gets a page
};

/// The reason phrase of a status (RFC 9110 section 15).
[[nodiscard]] std::string_view status_phrase(unsigned status) noexcept;

/// `now` as an IMF-fixdate (RFC 9110 section 5.6.7), 29 bytes. Callers keep it for a second.
[[nodiscard]] std::string make_http_date(std::chrono::sys_seconds now);

/// Makes the answer's head, which holds views into all that is given, and its body;
/// of an answer to HEAD the body is empty.
void make_local_reply(const local_reply& reply, const reply_style& style, outgoing_response& head, std::string& body);

} // namespace bearward::proxy::http
