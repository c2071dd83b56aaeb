#include "proxy/http/start_line.hpp"

#include "proxy/http/head_gate.hpp"

#include <algorithm>

namespace bearward::proxy::http {
namespace {

/// HTTP/x.y (RFC 9112 section 2.3), case-sensitive.
step take_version(cursor& in, unsigned& major, unsigned& minor) noexcept {
    if (const auto outcome = take_literal(in, "HTTP/"); outcome != step::read) {
        return outcome;
    }
    if (const auto outcome = take_digit(in, major); outcome != step::read) {
        return outcome;
    }
    if (const auto outcome = take_literal(in, "."); outcome != step::read) {
        return outcome;
    }
    return take_digit(in, minor);
}

void split_path(std::string_view rest, request_head& head) noexcept {
    const auto mark = rest.find('?');
    head.has_query = mark != std::string_view::npos;
    head.path = rest.substr(0, mark);
    head.query = head.has_query ? rest.substr(mark + 1) : std::string_view{};
    if (head.path.empty()) {
        head.path = "/";
    }
}

/// The forms of RFC 9112 section 3.2. `authority` is set for the absolute form.
bool split_target(request_head& head, std::string_view& authority) noexcept {
    const auto target = head.target;
    head.asterisk = false;
    if (target.starts_with('/')) {
        split_path(target, head);
        return true;
    }
    if (target == "*") {
        head.asterisk = head.method == "OPTIONS";
        split_path("/", head);
        return head.asterisk;
    }
    const auto colon = target.find("://");
    const auto scheme = target.substr(0, colon);
    if (colon == std::string_view::npos || (!equals_lower(scheme, "http") && !equals_lower(scheme, "https"))) {
        return false;
    }
    const auto rest = target.substr(colon + 3);
    const auto length = std::min(rest.find_first_of("/?"), rest.size());
    authority = rest.substr(0, length);
    split_path(rest.substr(length), head);
    return true;
}

} // namespace

head_outcome take_request_line(cursor& in, const head_limits& limits, request_head& head, std::string_view& authority) noexcept {
    constexpr head_outcome incomplete{};
    if (!in.at_end() && *in.at == '\r') {
        if (const auto outcome = take_literal(in, "\r\n"); outcome != step::read) {
            return outcome == step::wrong ? refuse_request(400, "bare CR") : incomplete;
        }
    }
    head.method = take_while(in, token_byte);
    if (in.at_end()) {
        return incomplete;
    }
    if (head.method.empty() || *in.at != ' ') {
        return refuse_request(400, "malformed method");
    }
    // Apps uppercase what they get: a rule for DELETE would not see `delete`.
    if (std::ranges::any_of(head.method, policies::is_lower)) {
        return refuse_request(400, "a lower-case letter in the method");
    }
    ++in.at;
    head.target = take_while(in, target_byte);
    if (head.target.size() > limits.max_target) {
        return refuse_request(414, request_target_too_long);
    }
    if (in.at_end()) {
        return incomplete;
    }
    if (head.target.empty() || *in.at != ' ') {
        return refuse_request(400, "malformed request target");
    }
    ++in.at;
    unsigned major = 0;
    auto outcome = take_version(in, major, head.minor_version);
    if (outcome == step::read) {
        outcome = take_literal(in, "\r\n");
    }
    if (outcome != step::read) {
        return outcome == step::wrong ? refuse_request(400, "malformed request line") : incomplete;
    }
    if (major != 1 || head.minor_version > 1) {
        return refuse_request(505, "HTTP version");
    }
    if (head.method == "CONNECT") {
        return refuse_request(405, "CONNECT");
    }
    if (!split_target(head, authority)) {
        return refuse_request(400, "form of the request target");
    }
    return {.state = head_state::complete};
}

head_outcome take_status_line(cursor& in, response_head& head) noexcept {
    unsigned major = 0;
    auto outcome = take_version(in, major, head.minor_version);
    if (outcome == step::read && (major != 1 || head.minor_version > 1)) {
        return refuse_response("HTTP version");
    }
    if (outcome == step::read) {
        outcome = take_literal(in, " ");
    }
    head.status = 0;
    for (int i = 0; i < 3 && outcome == step::read; ++i) {
        unsigned digit = 0;
        outcome = take_digit(in, digit);
        head.status = head.status * 10 + digit;
    }
    if (outcome == step::read && (head.status < 100)) {
        return refuse_response("status out of range");
    }
    head.reason_phrase = {};
    if (outcome == step::read && !in.at_end() && *in.at == ' ') {
        const char* const from = ++in.at;
        in.at = skip_value(in.at, in.end);
        head.reason_phrase = between(from, in.at);
    }
    if (outcome == step::read) {
        outcome = take_literal(in, "\r\n");
    }
    if (outcome != step::read) {
        return outcome == step::wrong ? refuse_response("malformed status line") : head_outcome{};
    }
    return {.state = head_state::complete};
}

} // namespace bearward::proxy::http
