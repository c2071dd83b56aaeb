#include "proxy/http/head_rewrite.hpp"

#include "policies/decide.hpp"
#include "policies/requests/client_scheme.hpp"
#include "policies/requests/client_target.hpp"
#include "policies/requests/cookies.hpp"
#include "policies/requests/token_forms.hpp"
#include "proxy/http/field_kinds.hpp"
#include "proxy/http/named_fields.hpp"
#include "proxy/http/syntax.hpp"

#include <algorithm>
#include <utility>

namespace bearward::proxy::http {
namespace {

using policies::requests::believe_header;
using policies::requests::classify_header;
using policies::requests::equal_folded_names;
using policies::requests::header_kind;
using policies::requests::passes_by_kind;

/// Whether the field carried the token that was judged; the same token in the
/// fields of several providers counts once, and all of them go.
bool carries_token(const header& field, const policies::permit& leave) noexcept {
    return equal_folded_names(field.name, leave.token_header()) ||
           std::ranges::any_of(leave.credentials().more_headers,
                               [&](std::string_view name) { return equal_folded_names(field.name, name); });
}

/// Of the headers that describe the client, those that are always written by us.
bool is_written_anew(std::string_view name, const policies::rules::route& of) noexcept {
    return equals_lower(name, "x-forwarded-for") || equals_lower(name, "x-forwarded-proto") || equals_lower(name, "x-forwarded-host") ||
           (of.strip_prefix && equals_lower(name, "x-forwarded-prefix"));
}

/// What decides on each field of a request.
struct request_filter {
    const policies::permit& leave;
    const rewrite_rules& rules;
    bool trusted_peer;
    bool websocket;

    [[nodiscard]] bool passes(const header& field) const noexcept {
        const header_kind kind = classify_header(field.name);
        if (leave.preflight() && kind != header_kind::forwarded && !policies::requests::is_preflight_header(field.name)) {
            return false;
        }
        if (!passes_by_kind(kind, field.name, rules.headers, trusted_peer) ||
            (kind == header_kind::forwarded && is_written_anew(field.name, leave.route())) ||
            (kind == header_kind::handshake && websocket) ||
            (kind == header_kind::subprotocol && websocket && !leave.leaves_subprotocols())) {
            return false;
        }
        if (std::ranges::any_of(rules.stripped_names, [&](const auto& name) { return equal_folded_names(field.name, name); })) {
            return false;
        }
        return !carries_token(field, leave) && !leave.route().request_headers.drops(field.name);
    }
};

void set_target(const request_head& head, const policies::permit& leave, std::string_view path, outgoing_request& out) {
    out.method = head.method;
    if (head.asterisk && !leave.preflight()) { // a preflight has the route of `/`, and only that
        out.path = "*";
        return;
    }
    out.path = forwarded_path(leave, path);
    out.query = leave.query();
    // A `?` with nothing after it stays; one whose only parameter was the token goes.
    out.has_query = head.has_query && (head.query.empty() || !leave.query().empty());
}

void add_handshake(const request_head& head, const policies::permit& leave, outgoing_request& out) {
    out.set_websocket(head.find("Sec-WebSocket-Key"));
    const auto& forwarded = leave.credentials().subprotocols.forwarded;
    if (leave.leaves_subprotocols() || forwarded.empty()) {
        return;
    }
    std::string& list = out.make_text();
    for (const auto entry : forwarded) {
        list.append(list.empty() ? "" : ", ").append(entry);
    }
    out.add("Sec-WebSocket-Protocol", list);
}

void add_framing(const request_head& head, const policies::permit& leave, outgoing_request& out) {
    if (leave.preflight()) {
        return; // it has no body, whatever it says
    }
    out.set_framing(head.framing, head.content_length);
    if (head.expects_continue) {
        out.add("Expect", "100-continue");
    }
    out.accepts_trailers = head.accepts_trailers;
    out.set_connection(connection_use::persists);
}

/// X-Forwarded-For as it came, over all its lines, and the hop that brought it.
void append_hops(const request_head& head, std::string_view peer, std::string& hops) {
    const auto append = [&](std::string_view hop) { hops.append(hops.empty() || hop.empty() ? "" : ", ").append(hop); };
    for (const auto& field : head.fields) {
        if (equals_lower(field.name, "x-forwarded-for")) {
            append(field.value);
        }
    }
    append(peer);
}

/// The scheme of the client's connection: what trusted proxies say, where all of
/// them say the same.
std::string_view believe_scheme(const request_head& head, const forward_context& context) {
    const auto said = policies::requests::believed_scheme(head.fields, context.trusted_peer);
    return said.empty() ? context.scheme : said;
}

/// Adds a Cookie without those in which tokens travel; none where nothing is left.
void add_cookies(const header& field, const policies::permit& leave, outgoing_request& out) {
    auto rest = policies::requests::remove_cookies(field.value, [&](std::string_view name) { return leave.drops_cookie(name); });
    if (!rest) {
        out.add(field.name, field.value);
    } else if (!rest->empty()) {
        std::string& value = out.make_text();
        value = std::move(*rest);
        out.add(field.name, value);
    }
}

/// The prefix that a trusted proxy has removed, if it is a canonical path and the
/// only one; without a slash at its end.
std::string_view believe_prefix(const request_head& head, const forward_context& context) {
    const auto said = believe_header(head.fields, context.trusted_peer, "x-forwarded-prefix", {});
    policies::requests::path_scratch scratch;
    const auto parsed = policies::requests::parse_path(said, {.ambiguous = policies::requests::ambiguous_paths::reject}, scratch);
    if (said.empty() || !parsed || parsed->path != said) {
        return {};
    }
    return said.substr(0, said.ends_with('/') ? said.size() - 1 : said.size());
}

void add_context(const request_head& head, const policies::permit& leave, const forward_context& context, outgoing_request& out) {
    const auto& changes = leave.route().request_headers;
    const auto add = [&](std::string_view name, std::string_view value) {
        if (!value.empty() && !changes.drops(name)) {
            out.add(name, value);
        }
    };
    if (context.trusted_peer) {
        std::string& hops = out.make_text();
        append_hops(head, context.peer_address, hops);
        add("X-Forwarded-For", hops);
    } else {
        add("X-Forwarded-For", context.peer_address);
    }
    add("X-Forwarded-Proto", believe_scheme(head, context));
    add("X-Forwarded-Host", believe_header(head.fields, context.trusted_peer, "x-forwarded-host", head.authority));
    if (leave.route().strip_prefix && !head.asterisk) {
        std::string& prefix = out.make_text();
        prefix.append(believe_prefix(head, context)).append(policies::rules::removed_prefix(leave.route(), context.path));
        add("X-Forwarded-Prefix", prefix);
    }
    out.add("X-Request-Id", context.request_id);
    if (context.trace != nullptr) {
        std::string& parent = out.make_text();
        append_traceparent(parent, context.trace->own);
        add(traceparent_name, parent);
    }
    for (const auto& field : changes.added) {
        out.add(field.name, field.value);
    }
}

/// What the client's certificate says goes to the app whoever asks, but in no preflight: that has no identity.
void add_identity(const policies::permit& leave, const rewrite_rules& rules, const forward_context& context, outgoing_request& out) {
    const auto* const shown = rules.tells_certificates && !leave.preflight() ? context.certificate : nullptr;
    if ((leave.who() == nullptr && shown == nullptr) || rules.identity_headers == nullptr) {
        return;
    }
    for (const auto& identity_header : *rules.identity_headers) {
        const bool of_certificate = identity_header.from == policies::identity_header::source::certificate;
        if (of_certificate ? shown == nullptr : leave.who() == nullptr) {
            continue;
        }
        std::string& value = out.make_text();
        value = of_certificate ? policies::certificate_header_value(identity_header, *shown)
                               : policies::identity_header_value(identity_header, *leave.who());
        if (!value.empty()) {
            out.add(identity_header.name, value);
        }
    }
}

} // namespace

std::string_view accept_request_id(const request_head& head) {
    constexpr std::size_t longest = 128;
    const auto id = head.find("X-Request-Id");
    const bool plain = std::ranges::all_of(id, [](char byte) {
        const char lower = to_lower(byte);
        return (lower >= 'a' && lower <= 'z') || is(byte, digit_byte) || byte == '.' || byte == '_' || byte == '-';
    });
    // An id goes into logs and to the app: a token must not come along as one.
    return plain && id.size() <= longest && !policies::requests::is_jws(id) ? id : std::string_view{};
}

std::string_view forwarded_path(const policies::permit& leave, std::string_view path) noexcept {
    return leave.route().strip_prefix ? policies::rules::strip_prefix(leave.route(), path) : path;
}

void make_upstream_head(const request_head& head, const policies::permit& leave, const rewrite_rules& rules, const forward_context& context,
                        bool websocket, outgoing_request& out) {
    out.clear();
    set_target(head, leave, context.path, out);
    out.authority = context.upstream_host.empty() ? std::string_view(head.authority) : context.upstream_host;
    const request_filter filter{.leave = leave, .rules = rules, .trusted_peer = context.trusted_peer, .websocket = websocket};
    const auto named = find_named_fields(head.fields);
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
        const auto& field = head.fields[i];
        if ((!named.empty() && named[i]) || is_replaced(field.name, context.trace) || !filter.passes(field)) {
            continue;
        }
        if (leave.drops_cookies() && equals_lower(field.name, "cookie")) {
            add_cookies(field, leave, out);
        } else {
            out.add(field.name, field.value);
        }
    }
    if (websocket) {
        add_handshake(head, leave, out);
    } else {
        add_framing(head, leave, out);
    }
    add_context(head, leave, context, out);
    add_identity(leave, rules, context, out);
    if (!context.assertion.value.empty()) {
        out.add(context.assertion.name, context.assertion.value);
    }
}

} // namespace bearward::proxy::http
