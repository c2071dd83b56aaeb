#include "proxy/http/cors_fields.hpp"

#include "proxy/http/syntax.hpp"

#include <algorithm>

namespace bearward::proxy::http {
namespace {

void add_unless_empty(std::string_view name, std::string_view value, outgoing_response& out) {
    if (!value.empty()) {
        out.add(name, value);
    }
}

void add_origin(const cors_answer& what, outgoing_response& out) {
    out.add("Access-Control-Allow-Origin", what.origin);
    if (what.rules->credentials) {
        out.add("Access-Control-Allow-Credentials", "true");
    }
}

} // namespace

bool varies_by_origin(std::span<const header> fields) noexcept {
    return std::ranges::any_of(fields, [](const header& field) {
        if (!equals_lower(field.name, "vary")) {
            return false;
        }
        for (auto list = field.value; !list.empty();) {
            const auto member = take_member(list);
            if (member == "*" || equals_lower(member, "origin")) {
                return true;
            }
        }
        return false;
    });
}

void add_cors(const cors_answer& what, outgoing_response& out) {
    if (!what.origin.empty()) {
        add_origin(what, out);
        add_unless_empty("Access-Control-Expose-Headers", what.rules->exposed, out);
    }
}

void add_preflight(const cors_answer& what, outgoing_response& out) {
    out.add("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    if (!what.origin.empty()) {
        add_origin(what, out);
        add_unless_empty("Access-Control-Allow-Methods", what.rules->methods, out);
        add_unless_empty("Access-Control-Allow-Headers", what.rules->headers, out);
        add_unless_empty("Access-Control-Max-Age", what.rules->max_age, out);
    }
}

} // namespace bearward::proxy::http
