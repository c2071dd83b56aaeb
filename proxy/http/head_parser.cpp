#include "proxy/http/head_gate.hpp"
#include "proxy/http/start_line.hpp"

#include <bit>
#include <cstring>

namespace bearward::proxy::http {
namespace {

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
            return {.how = step::wrong, .too_many = true, .detail = too_many_fields};
        }
        header& field = fields.emplace_back();
        if (const auto outcome = take_field(in, field); outcome.how != step::read) {
            return outcome;
        }
        note_field(field, notes);
    }
    return {.how = step::short_of_bytes};
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
            outcome = refuse_request(431, request_head_too_large);
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
            outcome = refuse_response(response_head_too_large);
        }
    }
    remember(outcome, buffer, scanned);
    return outcome;
}

} // namespace bearward::proxy::http
