#include "policies/answer.hpp"

namespace bearward::policies {
namespace {

constexpr std::uint16_t policy_violation = 1008; // RFC 6455 section 7.4.1
constexpr std::uint16_t try_again_later = 1013;  // IANA's registry of close codes
constexpr std::uint16_t stays_http = 0;

constexpr answer challenge(unsigned status, std::string_view detail, std::string_view error, std::string_view description = {}) noexcept {
    return {.status = status,
            .detail = detail,
            .challenge = true,
            .error = error,
            .error_description = description,
            .close_code = policy_violation};
}

constexpr answer unauthenticated(std::string_view detail, std::string_view error, std::string_view description) noexcept {
    return challenge(401, detail, error, description);
}

constexpr answer plain(unsigned status, std::string_view detail, std::uint16_t close_code = stays_http) noexcept {
    return {.status = status, .detail = detail, .close_code = close_code};
}

/// Appends `, name="text"` as a quoted-string (RFC 9110 section 5.6.4).
void append_parameter(std::string& out, std::string_view name, std::string_view text) {
    out.append(name).append("=\"");
    for (const char byte : text) {
        if (byte == '"' || byte == '\\') {
            out += '\\';
        }
        const bool control = static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
        out += control ? ' ' : byte;
    }
    out += '"';
}

} // namespace

answer answer_for(reason why) noexcept {
    if (why == reason::token_expired) {
        return unauthenticated("Token has expired", "invalid_token", "The token has expired");
    }
    if (why >= reason::token_malformed && why <= reason::api_key_expired) {
        return unauthenticated("Could not validate credentials", "invalid_token", "The token is not valid");
    }
    if (why >= reason::role_missing && why <= reason::policy_denied) {
        return challenge(403, "Not enough permissions", "insufficient_scope");
    }
    switch (why) {
    case reason::ok:
    case reason::anonymous:
    case reason::public_route:
        return plain(200, {});
    case reason::token_missing:
        return unauthenticated("Not authenticated", {}, {});
    case reason::token_multiple:
        return challenge(400, "More than one credential", "invalid_request");
    case reason::origin_denied:
        return plain(403, "Not allowed", policy_violation);
    case reason::websocket_denied:
        return plain(403, "Not allowed");
    case reason::rate_limited:
        return plain(429, "Too Many Requests", try_again_later);
    case reason::no_route:
        return plain(404, "Not Found");
    case reason::method_not_allowed:
        return plain(405, "Method Not Allowed");
    case reason::bad_request:
        return plain(400, {});
    case reason::limit_exceeded:
        return plain(413, {});
    case reason::keys_unavailable:
    case reason::introspection_unavailable:
        return plain(503, "Authentication is unavailable");
    case reason::upstream_unavailable:
    case reason::upstream_error:
        return plain(502, "Bad Gateway");
    case reason::upstream_timeout:
        return plain(504, "Gateway Timeout");
    default:
        return plain(500, {}); // a reason that was added without its answer
    }
}

std::string make_challenge(const answer& what, std::string_view realm, std::string_view scope) {
    std::string value;
    append_parameter(value, "Bearer realm", realm);
    if (!what.error.empty()) {
        append_parameter(value, ", error", what.error);
    }
    if (!what.error_description.empty()) {
        append_parameter(value, ", error_description", what.error_description);
    }
    if (!scope.empty()) {
        append_parameter(value, ", scope", scope);
    }
    return value;
}

} // namespace bearward::policies
