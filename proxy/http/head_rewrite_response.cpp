#include "proxy/http/field_kinds.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/named_fields.hpp"

namespace bearward::proxy::http {
namespace {

/// The framing of the client's copy.
void set_framing(const response_head& head, const response_context& context, outgoing_response& out) {
    if (head.status < 200 || head.status == 204) {
        out.set_framing(body_framing::none);
        return;
    }
    const auto unknown_length = context.client_http10 ? body_framing::until_close : body_framing::chunked;
    switch (head.framing) {
    case body_framing::content_length:
        out.set_framing(body_framing::content_length, head.content_length);
        return;
    case body_framing::chunked:
    case body_framing::until_close:
        out.set_framing(unknown_length);
        return;
    case body_framing::none:
        break;
    }
    // HEAD and 304: the fields say what a GET would have had.
    const bool has_coding = head.find("Transfer-Encoding").data() != nullptr;
    if (!has_coding && head.find("Content-Length").data() != nullptr) {
        out.set_framing(body_framing::content_length, head.content_length);
    } else {
        out.set_framing(has_coding && !context.client_http10 ? body_framing::chunked : body_framing::none);
    }
}

} // namespace

void make_downstream_head(const response_head& head, const response_context& context, outgoing_response& out) {
    out.clear();
    out.status = head.status;
    out.reason_phrase = head.reason_phrase;
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
        out.add(field.name, field.value);
    }
    set_framing(head, context, out);
    if (head.status >= 200) {
        if (!dated && !context.date.empty()) {
            out.add("Date", context.date);
        }
        out.set_connection(out.framing() == body_framing::until_close ? connection_use::closes : context.connection);
    }
    if (context.changes != nullptr) {
        for (const auto& field : context.changes->added) {
            out.add(field.name, field.value);
        }
    }
    if (!context.request_id.empty()) {
        out.add("X-Request-Id", context.request_id);
    }
}

} // namespace bearward::proxy::http
