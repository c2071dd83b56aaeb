#include "proxy/http/notice_reply.hpp"

#include "policies/reason_table.hpp"
#include "policies/tokens/security_event.hpp"

#include <array>
#include <map>
#include <string>

namespace bearward::proxy::http {
namespace {

using policies::reason;
using policies::revocation_receiver;

constexpr unsigned retry_after = 1; // seconds

/// RFC 8935 section 2.3. Made once for each word.
std::string_view event_body(reason why) {
    static const auto bodies = [] {
        std::map<std::string_view, std::string> all;
        for (const auto& row : policies::reason_table) {
            const auto error = policies::tokens::event_error_of(row.value);
            all[error.word] =
                R"({"err": ")" + std::string(error.word) + R"(", "description": ")" + std::string(error.description) + R"("})";
        }
        return all;
    }();
    return bodies.at(policies::tokens::event_error_of(why).word);
}

} // namespace

bool is_own_trouble(reason why) noexcept {
    return why == reason::keys_unavailable || why == reason::revocation_unavailable;
}

local_reply make_notice_receipt(revocation_receiver::kind takes) {
    return {.why = reason::ok, .status = takes == revocation_receiver::kind::logout ? 200U : 202U, .json = std::string_view{}};
}

local_reply make_notice_refusal(revocation_receiver::kind takes, reason why) {
    static constexpr std::array<header, 1> in_english{header{"Content-Language", "en"}};
    static constexpr std::array<header, 2> unauthenticated{header{"WWW-Authenticate", "Bearer"}, header{"Content-Language", "en"}};
    if (is_own_trouble(why)) {
        return {.why = why, .status = 503, .retry_after = retry_after};
    }
    if (takes == revocation_receiver::kind::logout) {
        return {.why = why, .status = 400, .json = R"({"error": "invalid_request"})"};
    }
    local_reply made{.why = why, .status = 400, .extra = in_english, .json = event_body(why)};
    if (why == reason::token_missing) {
        made.status = 401; // RFC 9110 section 15.5.2
        made.extra = unauthenticated;
    }
    return made;
}

} // namespace bearward::proxy::http
