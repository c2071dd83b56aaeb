#include "proxy/http/field_kinds.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/named_fields.hpp"
#include "proxy/http/syntax.hpp"

namespace bearward::proxy::http {
namespace {

/// Adds the upstream's Vary, with Origin in it unless `varies` says that one of them has it.
void add_vary(std::string_view value, bool& varies, outgoing_response& out) {
    if (varies || trim(value).empty()) {
        out.add("Vary", value);
        return;
    }
    std::string& list = out.make_text();
    list.append(value).append(", Origin");
    out.add("Vary", list);
    varies = true;
}

/// The framing of the client's copy.
void set_framing(const response_head& head, outgoing_response& out) {
    if (head.status < 200 || head.status == 204) {
        out.set_framing(body_framing::none);
        return;
    }
    switch (head.framing) {
    case body_framing::content_length:
        out.set_framing(body_framing::content_length, head.content_length);
        return;
    case body_framing::chunked:
    case body_framing::until_close:
        out.set_framing(body_framing::chunked);
        return;
    case body_framing::none:
        break;
    }
    // HEAD and 304: the fields say what a GET would have had.
    const bool has_coding = head.find("Transfer-Encoding").data() != nullptr;
    if (!has_coding && head.find("Content-Length").data() != nullptr) {
        out.set_framing(body_framing::content_length, head.content_length);
    } else {
        out.set_framing(has_coding ? body_framing::chunked : body_framing::none);
    }
}

} // namespace

void make_downstream_head(const response_head& head, const response_context& context, outgoing_response& out) {
    out.clear();
    out.status = head.status;
    out.reason_phrase = head.reason_phrase;
    const auto named = find_named_fields(head.fields);
    bool dated = false;
    const cors_answer* const cors = context.cors != nullptr && context.cors->rules != nullptr ? context.cors : nullptr;
    bool varies = cors == nullptr || head.status < 200 || varies_by_origin(head.fields);
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
        const auto& field = head.fields[i];
        const auto kind = classify_response_field(field.name);
        if (kind == response_field::never || (kind == response_field::trailer && !context.trailers) || (!named.empty() && named[i])) {
            continue;
        }
        if (context.changes != nullptr && context.changes->drops(field.name)) {
            continue;
        }
        if (cors != nullptr && policies::requests::is_cors_header(field.name)) {
            continue;
        }
        if (!varies && equals_lower(field.name, "vary")) {
            add_vary(field.value, varies, out);
            continue;
        }
        dated |= kind == response_field::date;
        out.add(field.name, field.value);
    }
    set_framing(head, out);
    if (head.status >= 200) {
        if (!dated && !context.date.empty()) {
            out.add("Date", context.date);
        }
        out.place_connection();
    }
    if (context.changes != nullptr) {
        for (const auto& field : context.changes->added) {
            out.add(field.name, field.value);
        }
    }
    if (cors != nullptr && head.status >= 200) {
        if (!varies_by_origin(out.fields())) { // it had none, or none that passes
            out.add("Vary", "Origin");
        }
        add_cors(*cors, out);
    }
    if (!context.request_id.empty()) {
        out.add("X-Request-Id", context.request_id);
    }
}

} // namespace bearward::proxy::http
