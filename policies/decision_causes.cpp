#include "policies/decision_causes.hpp"

#include "policies/rules/requirement_check.hpp"
#include "policies/text.hpp"
#include "policies/tokens/claims.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace bearward::policies {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

std::span<const json::value> values_of(const json::value& value) noexcept {
    return value.is_array() ? std::span<const json::value>(value.get_array().data(), value.get_array().size()) : std::span(&value, 1);
}

/// Whether one of them looks like one of the others and has another JSON type.
bool look_alike(const json::value& found, const json::value& expected) {
    return std::ranges::any_of(values_of(expected), [&](const json::value& wanted) {
        return std::ranges::any_of(values_of(found), [&](const json::value& held) {
            return held.is_string() != wanted.is_string() && text_of(held) == text_of(wanted);
        });
    });
}

void append_values(std::string& cause, const json::value& value, bool with_types) {
    const auto values = values_of(value);
    cause += values.empty() ? "none" : "";
    for (const json::value& each : values) {
        cause += &each == values.data() ? "" : ", ";
        if (cause.size() > longest_cause) {
            return;
        }
        append_quoted(cause, text_of(each));
        if (with_types) {
            cause.append(" (").append(tokens::json_type(each)).append(")");
        }
    }
}

void append_place(std::string& places, std::string_view kind, std::string_view name) {
    const std::string place = std::string(kind) + std::string(name);
    const std::string entries = ", " + places + ", "; // whole entries: X-Token is no part of X-Token-2
    if (!entries.contains(", " + place + ", ")) {
        places.append(places.empty() ? "" : ", ").append(place);
    }
}

/// Why the client's certificate is no credential.
std::string certificate_cause(const requests::client_certificate* shown) {
    const jose::certificate_names* const names = shown == nullptr ? nullptr : shown->names();
    if (names == nullptr) {
        return "the client has shown no verified certificate";
    }
    std::string cause = "no entry of match fits the client's certificate: subject ";
    append_quoted(cause, names->subject);
    for (const std::string& name : names->dns) {
        append_quoted(cause += ", dns ", name);
    }
    for (const std::string& name : names->uris) {
        append_quoted(cause += ", uri ", name);
    }
    bound_cause(cause);
    return cause;
}

} // namespace

std::string cause_of(const step& failed) {
    std::string cause = failed.check + ": ";
    const bool with_types = look_alike(failed.found, failed.expected);
    if (!failed.found.is_null()) {
        append_values(cause, failed.found, with_types);
    }
    if (!failed.expected.is_null()) {
        cause += failed.found.is_null() ? "expected " : "; expected ";
        append_values(cause, failed.expected, with_types);
    }
    if (!failed.note.empty()) {
        const bool alone = failed.found.is_null() && failed.expected.is_null();
        cause.append(alone ? "" : " (").append(failed.note).append(alone ? "" : ")");
    }
    bound_cause(cause);
    return cause;
}

std::string readings_cause(const requests::canonical_path& path, const std::string* other) {
    if (other == nullptr && path.readings.empty()) {
        return "a part of the path that .. removes is read differently by servers";
    }
    std::string cause = "the path reads as ";
    append_quoted(cause, path.path);
    cause += " and as ";
    append_quoted(cause, other == nullptr ? path.readings.front() : *other);
    return cause;
}

std::string unmatched_cause(const requests::request_view& request, reason why) {
    std::string cause;
    if (why == reason::no_route) {
        cause = "no route for ";
        append_quoted(cause, request.path.path);
        cause += " on ";
        append_quoted(cause, request.host);
    } else if (why == reason::method_not_allowed) {
        cause = "the routes of ";
        append_quoted(cause, request.path.path);
        cause += " don't take ";
        append_quoted(cause, request.method);
    }
    return cause;
}

std::string guarded_cause(const rules::route& own, std::string cause) {
    cause.append(cause.empty() ? "" : "; ").append("the request's own route is ");
    append_quoted(cause, own.name);
    cause += ", but an app that ignores case or a final / takes it for this one's";
    bound_cause(cause);
    return cause;
}

std::string missing_cause(const rules::route& route, const requests::token_places& places, const requests::client_certificate* shown) {
    std::string looked;
    for (const requests::credential_names& each : route.credential_names) {
        if (places.header) {
            append_place(looked, "header ", each.header);
        }
        if (places.query && !each.query_parameter.empty()) {
            append_place(looked, "query ", each.query_parameter);
        }
    }
    if (places.subprotocol) {
        append_place(looked, "", "Sec-WebSocket-Protocol");
    }
    for (const requests::credential_names& each : route.credential_names) {
        if (places.cookie && !each.cookie.empty()) {
            append_place(looked, "cookie ", each.cookie);
        }
    }
    std::string cause = "no credential in " + (looked.empty() ? "any place" : looked);
    return route.takes_certificates ? cause + "; " + certificate_cause(shown) : cause;
}

std::string search_cause(const requests::found_credentials& found, reason why) {
    std::string places;
    for (const auto& [there, name] : {std::pair(found.in_header, "header"), std::pair(found.in_query, "query"),
                                      std::pair(found.in_subprotocol, "Sec-WebSocket-Protocol"), std::pair(found.in_cookie, "cookie")}) {
        if (there) {
            places.append(places.empty() ? "" : " and ").append(name);
        }
    }
    places = places.empty() ? "header" : places;
    return (why == reason::token_multiple ? "different or repeated credentials in " : "a credential without one token in it: ") + places;
}

std::string unmet_cause(const rules::requirement& required, const identity& who, const rules::operand_values& values) {
    explanation told;
    (void)rules::check_requirement(required, who, values, &told);
    const auto failed = std::ranges::find(told.steps(), step::mark::failed, &step::outcome);
    return failed == told.steps().end() ? std::string{} : cause_of(*failed);
}

} // namespace bearward::policies
