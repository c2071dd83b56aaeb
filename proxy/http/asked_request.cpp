#include "proxy/http/asked_request.hpp"

#include "policies/requests/header_kinds.hpp"
#include "policies/requests/header_names.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace bearward::proxy::http {
namespace {

using policies::requests::equal_folded_names;
using policies::requests::equal_names;

/// The fields of one family: method, host, and the target under either of two names.
struct family {
    std::string_view method;
    std::string_view host;
    std::array<std::string_view, 2> target;
};

constexpr family forwarded{"X-Forwarded-Method", "X-Forwarded-Host", {"X-Forwarded-Uri", "X-Forwarded-Uri"}};
constexpr family original{"X-Original-Method", "X-Original-Host", {"X-Original-URL", "X-Original-URI"}};

/// What the fields of some names say.
struct said {
    std::size_t count = 0; ///< in any spelling that an app could take for it
    bool exact = false;
    std::string_view value;
};

said find(std::span<const header> fields, std::string_view name, std::string_view other) {
    said found;
    for (const header& field : fields) {
        if (equal_folded_names(field.name, name) || equal_folded_names(field.name, other)) {
            ++found.count;
            found.exact = equal_names(field.name, name) || equal_names(field.name, other);
            found.value = field.value;
        }
    }
    return found;
}

struct request_parts {
    said method, host, target;

    [[nodiscard]] bool whole() const noexcept {
        const auto once = [](const said& each) { return each.count == 1 && each.exact; };
        return once(method) && once(host) && once(target);
    }
    [[nodiscard]] bool absent() const noexcept { return method.count + host.count + target.count == 0; }
};

request_parts find_parts(std::span<const header> fields, const family& names) {
    return {find(fields, names.method, names.method), find(fields, names.host, names.host),
            find(fields, names.target.front(), names.target.back())};
}

head_outcome refuse(std::string_view detail) {
    return {.state = head_state::refused, .status = 400, .why = policies::reason::bad_request, .detail = detail, .recoverable = true};
}

} // namespace

head_outcome read_asked_request(const head_limits& limits, std::string& text, request_head& head) {
    const request_parts by_forwarded = find_parts(head.fields, forwarded);
    const request_parts by_original = find_parts(head.fields, original);
    if (!by_forwarded.absent() && !by_original.absent()) {
        return refuse("asked about by X-Forwarded and by X-Original fields");
    }
    const request_parts& parts = by_original.absent() ? by_forwarded : by_original;
    if (!parts.whole()) {
        return refuse("not one method, one host and one target are asked about");
    }
    if (!parts.target.value.starts_with('/')) {
        return refuse("the target that is asked about does not begin with /");
    }
    text.clear();
    const bool connects = parts.method.value == "CONNECT"; // refused as TRACE is, but its target has another form
    text.append(connects ? "TRACE" : parts.method.value).append(" ").append(parts.target.value);
    text.append(" HTTP/1.1\r\nHost: ").append(parts.host.value).append("\r\n\r\n");
    request_head asked;
    head_outcome outcome = parse_request_head(text, limits, asked);
    outcome.recoverable = true; // where the asking request ends is known
    if (outcome.state == head_state::incomplete) {
        return refuse("what is asked about is no request");
    }
    const bool of_method = outcome.state == head_state::refused && outcome.status == 405; // its answer says which are served there
    if (outcome.state == head_state::refused && !of_method) {
        return outcome;
    }
    head.method = parts.method.value;
    head.target = asked.target;
    head.path = asked.path;
    head.query = asked.query;
    head.has_query = asked.has_query;
    head.asterisk = asked.asterisk;
    head.host = std::move(asked.host);
    head.authority = std::move(asked.authority);
    for (header& field : head.fields) {
        if (equal_names(field.name, "Host")) {
            field.value = parts.host.value;
        }
    }
    return outcome;
}

bool brings_what_is_dropped(std::span<const header> fields, const rewrite_rules& rules) {
    using policies::requests::classify_header;
    using policies::requests::header_kind;
    const auto is_question = [](std::string_view name) { return equal_names(name, "X-Original-URL"); };
    const auto is_alias = [&](std::string_view name) {
        return std::ranges::any_of(rules.stripped_names,
                                   [&](const auto& each) { return equal_folded_names(name, each) && !equal_names(name, each); });
    };
    return std::ranges::any_of(fields, [&](const header& field) {
        const bool rewrites = rules.headers.drop_rewrites && classify_header(field.name) == header_kind::rewrite;
        return (rewrites && !is_question(field.name)) || is_alias(field.name);
    });
}

} // namespace bearward::proxy::http
