// Bearward's own answers (proxy/BEHAVIOUR.md 8): status, challenge, body.
#pragma once

#include "policies/decision.hpp"
#include "proxy/http/outgoing_head.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bearward::proxy::http {

struct local_reply {
    policies::reason why = policies::reason::bad_request;
    unsigned status = 0;                  ///< 0: the reason's own
    std::string_view scope{};             ///< missing scopes for the challenge
    std::span<const std::string> allow{}; ///< for 405
    unsigned retry_after = 0;             ///< seconds; 0: no Retry-After
    std::string_view request_id{};
    std::string_view date{};   ///< an HTTP-date; empty: no Date (RFC 9110 section 6.6.1 asks a server with a clock for one)
    bool head_request = false; ///< no body
    connection_use connection = connection_use::persists;
    std::span<const header> extra{}; ///< e.g. Sec-WebSocket-Version for 426
};

enum class reply_format : std::uint8_t { detail, problem, text };

/// How errors are written; from the configuration.
struct reply_style {
    reply_format format = reply_format::detail;
    std::string realm = "bearward";
    bool expose_reason = false;
};

/// The reason phrase of a status (RFC 9110 section 15).
[[nodiscard]] std::string_view status_phrase(unsigned status) noexcept;

/// `now` as an IMF-fixdate (RFC 9110 section 5.6.7), 29 bytes. Callers keep it for a second.
[[nodiscard]] std::string make_http_date(std::chrono::sys_seconds now);

/// Makes the answer's head, which holds views into all that is given, and its body;
/// of an answer to HEAD the body is empty.
void make_local_reply(const local_reply& reply, const reply_style& style, outgoing_response& head, std::string& body);

} // namespace bearward::proxy::http
