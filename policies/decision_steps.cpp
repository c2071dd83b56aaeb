#include "policies/decision_steps.hpp"

#include "policies/text.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <utility>

namespace bearward::policies {
namespace {

namespace json = boost::json;

constexpr std::string_view subprotocol_place = "Sec-WebSocket-Protocol";

/// The places of tokens by name: "header Authorization", "query access_token".
json::array name_places(const rules::route& route, const requests::token_places& places) {
    std::vector<std::string> named;
    const auto add = [&named](std::string place) {
        if (std::ranges::find(named, place) == named.end()) {
            named.push_back(std::move(place));
        }
    };
    for (const requests::credential_names& each : route.credential_names) {
        if (places.header) {
            add("header " + each.header);
        }
    }
    for (const requests::credential_names& each : route.credential_names) {
        if (places.query) {
            add("query " + each.query_parameter);
        }
    }
    if (places.subprotocol) {
        add(std::string(subprotocol_place));
    }
    return show(named).as_array();
}

std::vector<std::string> name_finds(const rules::route& route, const requests::found_credentials& found) {
    std::vector<std::string> named;
    if (found.in_header) {
        named.push_back("header " + route.credential_names[found.names].header);
    }
    for (const std::string_view header : found.more_headers) {
        named.push_back("header " + std::string(header));
    }
    if (found.in_query) {
        named.push_back("query " + route.credential_names[found.names].query_parameter);
    }
    if (found.in_subprotocol) {
        named.emplace_back(subprotocol_place);
    }
    return named;
}

std::string note_search(const requests::found_credentials& found, reason verdict) {
    if (verdict == reason::token_multiple) {
        return "more than one credential, or a repeated header or parameter";
    }
    if (verdict != reason::ok) {
        return "not one token, or a marker without a token";
    }
    return found.present ? "one credential" : "no credential";
}

} // namespace

step readings_step(const requests::canonical_path& path, bool refused) {
    const std::vector<std::string> readings(path.readings.begin(), path.readings.end());
    return {.stage = "path",
            .check = "readings",
            .found = show(path.path),
            .expected = show(readings),
            .note = refused ? "servers read it in these ways too, and the route doesn't allow ambiguous paths"
                            : "servers read it in these ways too, and one leads to another route or other captures"};
}

namespace {

/// What the guard ignores: "case", "one final /" or both.
std::string_view name_ignored(const rules::route_table& routes) noexcept {
    const rules::path_comparison ignored = routes.guarded();
    return ignored.ignore_case && ignored.ignore_final_slash ? "case and one final /" : ignored.ignore_case ? "case" : "one final /";
}

void append_captures(std::string& note, std::span<const rules::capture> captures) {
    for (const rules::capture& each : captures) {
        note.append("; {").append(each.name).append("} is ").append(each.value);
    }
}

} // namespace

step guarded_step(const rules::route* reached, std::span<const rules::capture> captures, const rules::route_table& routes) {
    step made{.stage = "route", .check = "guard"};
    made.note = "with ";
    made.note.append(name_ignored(routes)).append(" ignored the path reaches ");
    if (reached == nullptr) {
        made.note += "routes that don't take the method";
        return made;
    }
    made.found = show(reached->name);
    made.note += "this route too, which must permit as well";
    append_captures(made.note, captures);
    return made;
}

step route_step(const requests::request_view& request, const rules::route_match& match, std::span<const rules::capture> captures) {
    step made{.stage = "route", .check = "match"};
    if (match.matched == nullptr) {
        made.found = show(match.path_found ? request.method : request.path.path);
        made.note = match.path_found ? "the routes of this path don't take the method" : "no route's path and host fit";
        if (match.path_found) {
            made.expected = show(match.allow);
        }
        return made;
    }
    made.found = show(match.matched->name);
    made.note = match.matched->exact ? "exact " : "prefix ";
    made.note += match.matched->pattern;
    append_captures(made.note, captures);
    return made;
}

step websocket_step(const rules::route& route) {
    return {.stage = "websocket", .check = "websocket", .note = route.websocket.enabled ? "the route takes handshakes" : "websocket: off"};
}

step origin_step(const requests::request_view& request, const rules::route& route) {
    std::vector<std::string> origins;
    for (const requests::header& field : request.headers) {
        if (requests::equal_names(field.name, "Origin")) {
            origins.emplace_back(field.value);
        }
    }
    return {.stage = "websocket", .check = "origin", .found = show(origins), .expected = show(route.websocket.origins)};
}

step public_step() {
    return {.stage = "credential", .check = "auth", .note = "auth: none: credentials are not looked at and pass untouched"};
}

step observe_all_step() {
    return {.stage = "credential",
            .check = "mode",
            .note = "mode: observe_all forwards it all the same, without an identity and with all that it came with"};
}

step credential_step(const rules::route& route, const requests::token_places& places, const requests::found_credentials& found,
                     reason verdict) {
    step made{.stage = "credential", .check = "search", .expected = name_places(route, places), .note = note_search(found, verdict)};
    if (found.present) {
        made.found = show(name_finds(route, found));
    }
    return made;
}

step anonymous_step(const rules::route& route) {
    step made{.stage = "credential", .check = "auth"};
    if (route.auth == rules::authentication::required) {
        made.note = "auth: required";
    } else {
        made.note =
            route.require.empty() ? "auth: optional: the request is anonymous" : "auth: optional, but the requirement needs an identity";
    }
    if (route.auth != rules::authentication::required && !route.require.empty() && route.mode == rules::enforcement::observe) {
        made.note += "; mode: observe forwards it all the same";
    }
    return made;
}

step provider_step(const snapshot& rules, const rules::route& route, std::string_view token, const provider* chosen) {
    json::object issuers;
    for (const std::uint32_t index : route.providers) {
        const tokens::verification_rules& each = rules.providers[index].rules;
        std::vector<std::string> texts;
        texts.reserve(each.issuers.size());
        for (const tokens::issuer_pattern& pattern : each.issuers) {
            texts.push_back(pattern.text());
        }
        issuers[each.provider] = texts.empty() ? json::value(nullptr) : texts.size() == 1 ? show(texts.front()) : show(texts);
    }
    step made{.stage = "provider", .check = "choice"};
    const auto issuer = tokens::peek_issuer(token);
    made.found = json::object{{"iss", issuer ? show(*issuer) : json::value(nullptr)}};
    made.expected = std::move(issuers);
    made.note = chosen == nullptr ? "no provider of the route is for this issuer and place" : "goes to " + chosen->rules.provider;
    return made;
}

step need_step(const refusal& unmet) {
    return {.stage = "token", .check = "keys", .note = unmet.cause};
}

} // namespace bearward::policies
