#include "proxy/http/head_rewrite.hpp"

#include "policies/decide.hpp"
#include "proxy/http/field_kinds.hpp"
#include "proxy/http/syntax.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bearward::proxy::http {
namespace {

void append_field(std::string_view name, std::string_view value, std::string& out) {
    out.append(name).append(": ").append(value).append("\r\n");
}

void append_number(std::string_view name, std::uint64_t value, std::string& out) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    append_field(name, {digits.data(), static_cast<std::size_t>(end - digits.data())}, out);
}

bool fold_equal(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) {
               return (a == '_' ? '-' : to_lower(a)) == (b == '_' ? '-' : to_lower(b));
           });
}

/// Which fields Connection names, by index; empty when none beyond its usual
/// words. Members outside, fields inside: a list of thousands costs one pass.
std::vector<bool> find_named_fields(const std::vector<header>& fields) {
    std::vector<bool> named;
    for (const auto& connection : fields) {
        if (!equals_lower(connection.name, "connection")) {
            continue;
        }
        for (auto list = connection.value; !list.empty();) {
            const auto member = take_member(list);
            if (member.empty() || equals_lower(member, "keep-alive") || equals_lower(member, "close") || equals_lower(member, "upgrade")) {
                continue;
            }
            named.resize(fields.size());
            for (std::size_t i = 0; i < fields.size(); ++i) {
                if (fold_equal(fields[i].name, member)) {
                    named[i] = true;
                }
            }
        }
    }
    return named;
}

/// Whether the field carried the token that was judged; the same token in the
/// fields of several providers counts once, and all of them go.
bool carries_token(const header& field, const policies::permit& leave) noexcept {
    return fold_equal(field.name, leave.token_header()) ||
           std::ranges::any_of(leave.credentials().more_headers, [&](std::string_view name) { return fold_equal(field.name, name); });
}

/// What decides on each field of a request.
struct request_filter {
    const policies::permit& leave;
    const rewrite_rules& rules;
    bool websocket;

    [[nodiscard]] bool passes(const header& field) const noexcept {
        switch (classify_request_field(field.name)) {
        case request_field::never:
            return false;
        case request_field::rewrite:
            if (rules.drop_rewrites) {
                return false;
            }
            break;
        case request_field::handshake:
            if (websocket) {
                return false;
            }
            break;
        case request_field::subprotocol:
            if (websocket && leave.route().auth != policies::rules::authentication::none) {
                return false;
            }
            break;
        case request_field::other:
            break;
        }
        if (rules.drop_underscores && field.name.contains('_')) {
            return false;
        }
        if (std::ranges::any_of(rules.stripped_names, [&](const auto& name) { return fold_equal(field.name, name); })) {
            return false;
        }
        return !carries_token(field, leave);
    }
};

void append_request_line(const request_head& head, const policies::permit& leave, std::string_view path, std::string& out) {
    out.append(head.method).push_back(' ');
    if (head.asterisk) {
        out.push_back('*');
    } else {
        out.append(path);
        // A `?` with nothing after it stays; one whose only parameter was the token goes.
        if (head.has_query && (head.query.empty() || !leave.query().empty())) {
            out.append("?").append(leave.query());
        }
    }
    out.append(" HTTP/1.1\r\n");
}

void append_handshake(const request_head& head, const policies::permit& leave, std::string& out) {
    out.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
    append_field("Sec-WebSocket-Key", head.find("Sec-WebSocket-Key"), out);
    const auto& forwarded = leave.credentials().subprotocols.forwarded;
    if (leave.route().auth == policies::rules::authentication::none || forwarded.empty()) {
        return;
    }
    out.append("Sec-WebSocket-Protocol: ");
    for (const auto entry : forwarded) {
        out.append(entry).append(", ");
    }
    out.resize(out.size() - 2);
    out.append("\r\n");
}

void append_framing(const request_head& head, std::string& out) {
    if (head.framing == body_framing::chunked) {
        out.append("Transfer-Encoding: chunked\r\n");
    } else if (head.framing == body_framing::content_length) {
        append_number("Content-Length", head.content_length, out);
    }
    if (head.expects_continue) {
        out.append("Expect: 100-continue\r\n");
    }
    if (head.accepts_trailers) {
        out.append("TE: trailers\r\nConnection: TE\r\n"); // RFC 9110 section 10.1.4 wants both
    }
}

void append_context(const request_head& head, const forward_context& context, std::string& out) {
    if (!context.client_address.empty()) {
        append_field("X-Forwarded-For", context.client_address, out);
    }
    append_field("X-Forwarded-Proto", context.scheme, out);
    if (!head.authority.empty()) {
        append_field("X-Forwarded-Host", head.authority, out);
    }
    append_field("X-Request-Id", context.request_id, out);
}

void append_identity(const policies::permit& leave, const rewrite_rules& rules, std::string& out) {
    if (leave.who() == nullptr || rules.identity_headers == nullptr) {
        return;
    }
    for (const auto& identity_header : *rules.identity_headers) {
        if (const auto value = policies::identity_header_value(identity_header, *leave.who()); !value.empty()) {
            append_field(identity_header.name, value, out);
        }
    }
}

} // namespace

std::string_view accept_request_id(const request_head& head) noexcept {
    constexpr std::size_t longest = 128;
    const auto id = head.find("X-Request-Id");
    const bool plain = std::ranges::all_of(id, [](char byte) {
        const char lower = to_lower(byte);
        return (lower >= 'a' && lower <= 'z') || is(byte, digit_byte) || byte == '.' || byte == '_' || byte == '-';
    });
    return plain && id.size() <= longest ? id : std::string_view{};
}

void make_upstream_head(const request_head& head, const policies::permit& leave, const rewrite_rules& rules, const forward_context& context,
                        bool websocket, std::string& out) {
    out.reserve(out.size() + head.size + 512);
    append_request_line(head, leave, context.path, out);
    append_field("Host", context.upstream_host.empty() ? std::string_view(head.authority) : context.upstream_host, out);
    const request_filter filter{.leave = leave, .rules = rules, .websocket = websocket};
    const auto named = find_named_fields(head.fields);
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
        const auto& field = head.fields[i];
        if ((named.empty() || !named[i]) && filter.passes(field)) {
            append_field(field.name, field.value, out);
        }
    }
    if (websocket) {
        append_handshake(head, leave, out);
    } else {
        append_framing(head, out);
    }
    append_context(head, context, out);
    append_identity(leave, rules, out);
    out.append("\r\n");
}

namespace {

/// The framing of the client's copy; true: the connection must close after it.
bool append_response_framing(const response_head& head, const response_context& context, std::string& out) {
    if (head.status < 200 || head.status == 204) {
        return false;
    }
    switch (head.framing) {
    case body_framing::content_length:
        append_number("Content-Length", head.content_length, out);
        return false;
    case body_framing::chunked:
    case body_framing::until_close:
        if (context.client_http10) {
            return true;
        }
        out.append("Transfer-Encoding: chunked\r\n");
        return false;
    case body_framing::none:
        break;
    }
    // HEAD and 304: the fields say what a GET would have had.
    if (head.find("Content-Length").data() != nullptr) {
        append_number("Content-Length", head.content_length, out);
    } else if (!context.client_http10 && head.find("Transfer-Encoding").data() != nullptr) {
        out.append("Transfer-Encoding: chunked\r\n");
    }
    return false;
}

} // namespace

void make_downstream_head(const response_head& head, const response_context& context, std::string& out) {
    out.reserve(out.size() + head.size + 256);
    out.append("HTTP/1.1 ");
    for (const unsigned place : {100U, 10U, 1U}) {
        out.push_back(static_cast<char>('0' + head.status / place % 10));
    }
    out.append(" ").append(head.reason_phrase).append("\r\n");
    const auto named = find_named_fields(head.fields);
    bool dated = false;
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
        const auto& field = head.fields[i];
        const auto kind = classify_response_field(field.name);
        if (kind == response_field::never || (kind == response_field::trailer && !context.trailers) || (!named.empty() && named[i])) {
            continue;
        }
        dated |= kind == response_field::date;
        append_field(field.name, field.value, out);
    }
    const bool must_close = append_response_framing(head, context, out);
    if (head.status >= 200) {
        if (!dated && !context.date.empty()) {
            append_field("Date", context.date, out);
        }
        if (must_close || context.close) {
            out.append("Connection: close\r\n");
        } else if (context.keep_alive_http10) {
            out.append("Connection: keep-alive\r\n");
        }
    }
    if (!context.request_id.empty()) {
        append_field("X-Request-Id", context.request_id, out);
    }
    out.append("\r\n");
}

void make_downstream_trailers(std::string_view trailers, std::string& out) {
    while (!trailers.empty()) {
        const auto end = trailers.find("\r\n");
        const auto line = trailers.substr(0, end);
        trailers = end == std::string_view::npos ? std::string_view{} : trailers.substr(end + 2);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && may_be_trailer(line.substr(0, colon))) {
            append_field(line.substr(0, colon), trim(line.substr(colon + 1)), out);
        }
    }
}

} // namespace bearward::proxy::http
