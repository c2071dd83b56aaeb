#include "proxy/http/head_gate.hpp"
#include "proxy/http/syntax.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace bearward::proxy::http {
namespace {

/// A place in the head. Each step reads what it can and says how it went; a
/// verdict at a byte depends only on the bytes before it, so it is the same
/// however the head was cut into reads.
struct cursor {
    const char* at;
    const char* end;

    [[nodiscard]] bool at_end() const noexcept { return at == end; }
};

enum class step : std::uint8_t { read, short_of_bytes, wrong };

std::string_view between(const char* from, const char* to) noexcept {
    return {from, static_cast<std::size_t>(to - from)};
}

std::string_view take_while(cursor& in, std::uint8_t kind) noexcept {
    const char* const from = in.at;
    while (in.at != in.end && is(*in.at, kind)) {
        ++in.at;
    }
    return between(from, in.at);
}

step take_literal(cursor& in, std::string_view literal) noexcept {
    for (const char byte : literal) {
        if (in.at_end()) {
            return step::short_of_bytes;
        }
        if (*in.at != byte) {
            return step::wrong;
        }
        ++in.at;
    }
    return step::read;
}

step take_digit(cursor& in, unsigned& digit) noexcept {
    if (in.at_end()) {
        return step::short_of_bytes;
    }
    if (!is(*in.at, digit_byte)) {
        return step::wrong;
    }
    digit = static_cast<unsigned>(*in.at++ - '0');
    return step::read;
}

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

/// How reading the field section went; `detail` when wrong.
struct section {
    step how = step::read;
    bool too_many = false;
    std::string_view detail{};
};

/// One field line, its first byte being there (RFC 9112 section 5).
section take_field(cursor& in, header& field) noexcept {
    field.name = take_while(in, token_byte);
    if (in.at_end()) {
        return {.how = step::short_of_bytes};
    }
    if (*in.at != ':' || field.name.empty()) {
        const bool space = *in.at == ' ' || *in.at == '\t';
        const bool fold = space && field.name.empty();
        return {.how = step::wrong, .detail = fold ? "obs-fold" : space ? "white space before a colon" : "invalid field name"};
    }
    ++in.at;
    while (in.at != in.end && (*in.at == ' ' || *in.at == '\t')) {
        ++in.at;
    }
    const char* const from = in.at;
    in.at = skip_value(in.at, in.end);
    const char* to = in.at;
    while (to != from && (to[-1] == ' ' || to[-1] == '\t')) {
        --to;
    }
    field.value = between(from, to);
    const auto line_end = take_literal(in, "\r\n");
    return {.how = line_end, .detail = "invalid field value or line end"};
}

/// The field section up to and with the empty line.
section take_fields(cursor& in, const head_limits& limits, std::vector<header>& fields, gate_notes& notes) {
    fields.clear();
    while (!in.at_end()) {
        if (*in.at == '\r') {
            return {.how = take_literal(in, "\r\n"), .detail = "bare CR"};
        }
        if (fields.size() == limits.max_headers) {
            return {.how = step::wrong, .too_many = true, .detail = "too many fields"};
        }
        header& field = fields.emplace_back();
        if (const auto outcome = take_field(in, field); outcome.how != step::read) {
            return outcome;
        }
        note_field(field, notes);
    }
    return {.how = step::short_of_bytes};
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

/// The request line. `complete` here means that the line is read.
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
    ++in.at;
    head.target = take_while(in, target_byte);
    if (head.target.size() > limits.max_target) {
        return refuse_request(414, "request target too long");
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
    if (outcome == step::read && (head.status < 100 || head.status > 599)) {
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

head_outcome parse_request(std::string_view text, const head_limits& limits, request_head& head) {
    cursor in{text.data(), text.data() + text.size()};
    std::string_view authority;
    if (const auto line = take_request_line(in, limits, head, authority); line.state != head_state::complete) {
        return line;
    }
    gate_notes notes;
    const auto fields = take_fields(in, limits, head.fields, notes);
    if (fields.how == step::short_of_bytes) {
        return {};
    }
    if (fields.how == step::wrong) {
        return refuse_request(fields.too_many ? 431 : 400, fields.detail);
    }
    head.size = static_cast<std::size_t>(in.at - text.data());
    return check_request(notes, authority, head);
}

head_outcome parse_response(std::string_view text, const head_limits& limits, std::string_view method, response_head& head) {
    cursor in{text.data(), text.data() + text.size()};
    if (const auto line = take_status_line(in, head); line.state != head_state::complete) {
        return line;
    }
    gate_notes notes;
    const auto fields = take_fields(in, limits, head.fields, notes);
    if (fields.how == step::short_of_bytes) {
        return {};
    }
    if (fields.how == step::wrong) {
        return refuse_response(fields.detail);
    }
    head.size = static_cast<std::size_t>(in.at - text.data());
    return check_response(notes, method, head);
}

/// Whether the bytes after `scanned` can change the outcome. Without a line end
/// among them only a limit can be crossed: looking again when the size doubles
/// keeps the work linear when bytes come one by one, and line ends are at most
/// max_headers + 2, since a bare LF is refused when it is seen.
bool worth_parsing(std::string_view buffer, const head_limits& limits, std::size_t scanned) noexcept {
    if (scanned == 0 || scanned > buffer.size() || buffer.size() >= limits.max_head ||
        std::bit_width(buffer.size()) != std::bit_width(scanned)) {
        return true;
    }
    const auto fresh = buffer.substr(scanned);
    return !fresh.empty() && std::memchr(fresh.data(), '\n', fresh.size()) != nullptr;
}

void remember(const head_outcome& outcome, std::string_view buffer, std::size_t* scanned) noexcept {
    if (scanned != nullptr) {
        *scanned = outcome.state == head_state::incomplete ? buffer.size() : 0;
    }
}

} // namespace

head_outcome parse_request_head(std::string_view buffer, const head_limits& limits, request_head& head, std::size_t* scanned) {
    head_outcome outcome;
    if (scanned == nullptr || worth_parsing(buffer, limits, *scanned)) {
        outcome = parse_request(buffer.substr(0, limits.max_head), limits, head);
        if (outcome.state == head_state::incomplete && buffer.size() >= limits.max_head) {
            outcome = refuse_request(431, "request head too large");
        }
    }
    remember(outcome, buffer, scanned);
    return outcome;
}

head_outcome parse_response_head(std::string_view buffer, const head_limits& limits, std::string_view request_method, response_head& head,
                                 std::size_t* scanned) {
    head_outcome outcome;
    if (scanned == nullptr || worth_parsing(buffer, limits, *scanned)) {
        outcome = parse_response(buffer.substr(0, limits.max_head), limits, request_method, head);
        if (outcome.state == head_state::incomplete && buffer.size() >= limits.max_head) {
            outcome = refuse_response("response head too large");
        }
    }
    remember(outcome, buffer, scanned);
    return outcome;
}

} // namespace bearward::proxy::http
