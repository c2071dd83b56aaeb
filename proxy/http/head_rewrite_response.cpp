#include "proxy/http/field_kinds.hpp"
#include "proxy/http/field_writing.hpp"
#include "proxy/http/head_rewrite.hpp"

namespace bearward::proxy::http {
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
    if (head.find("Content-Length").data() != nullptr && head.find("Transfer-Encoding").data() == nullptr) {
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
        if (context.changes != nullptr && context.changes->drops(field.name)) {
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
    if (context.changes != nullptr) {
        for (const auto& field : context.changes->added) {
            append_field(field.name, field.value, out);
        }
    }
    if (!context.request_id.empty()) {
        append_field("X-Request-Id", context.request_id, out);
    }
    out.append("\r\n");
}

} // namespace bearward::proxy::http
