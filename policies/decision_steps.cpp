#include "policies/decision_steps.hpp"

#include "policies/date_text.hpp"
#include "policies/requests/client_scheme.hpp"
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
        if (places.query && !each.query_parameter.empty()) {
            add("query " + each.query_parameter);
        }
    }
    if (places.subprotocol) {
        add(std::string(subprotocol_place));
    }
    for (const requests::credential_names& each : route.credential_names) {
        if (places.cookie && !each.cookie.empty()) {
            add("cookie " + each.cookie);
        }
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
    if (found.in_cookie) {
        named.push_back("cookie " + route.credential_names[found.names].cookie);
    }
    return named;
}

std::string note_search(const requests::found_credentials& found, reason verdict) {
    if (verdict == reason::token_multiple) {
        return "more than one credential, or a repeated header, parameter or cookie";
    }
    if (verdict != reason::ok) {
        return "not one token, or a marker without a token";
    }
    return found.present ? "one credential" : "no credential";
}

} // namespace

step metadata_step(const resource_metadata& wanted) {
    return {.stage = "route", .check = "resource metadata", .found = show(wanted.url), .note = "answered before any route, to anybody"};
}

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

step preflight_step(std::string_view asked) {
    return {
        .stage = "cors", .check = "preflight", .found = show(asked), .note = "a preflight has the route of the method that it asks about"};
}

step handling_step(const rules::route& route) {
    step made{.stage = "cors", .check = "cors"};
    switch (route.cors.use) {
    case requests::cors_use::off:
        made.note = "off: a request like any other, with the route of its own method";
        break;
    case requests::cors_use::rules:
        made.note = "answered without a credential";
        break;
    case requests::cors_use::passes:
        made.note = "pass: the upstream answers; it gets neither a body nor a token nor an identity";
        break;
    }
    return made;
}

step allowed_origin_step(const requests::request_view& request, const requests::cors_rules& rules) {
    std::vector<std::string> accepted;
    accepted.reserve(rules.origins.size());
    for (const requests::accepted_origin& each : rules.origins) {
        accepted.push_back(each.text);
    }
    const bool allowed = !requests::allowed_origin(rules, request.headers).empty();
    return {.stage = "cors",
            .check = "origin",
            .found = show(requests::find_origin(request.headers)),
            .expected = show(accepted),
            .note = allowed ? "accepted: the answer says so" : "not accepted: the answer is a 204 without CORS headers"};
}

step websocket_step(const rules::route& route) {
    return {.stage = "websocket", .check = "websocket", .note = route.websocket.enabled ? "the route takes handshakes" : "websocket: off"};
}

namespace {

std::vector<std::string> origins_of(const requests::request_view& request) {
    std::vector<std::string> origins;
    for (const requests::header& field : request.headers) {
        if (requests::equal_names(field.name, "Origin")) {
            origins.emplace_back(field.value);
        }
    }
    return origins;
}

} // namespace

step origin_step(const requests::request_view& request, const rules::route& route) {
    return {.stage = "websocket", .check = "origin", .found = show(origins_of(request)), .expected = show(route.websocket.origins)};
}

step cookie_origin_step(const requests::request_view& request, const rules::route& route) {
    std::vector<std::string> accepted{std::string(requests::client_scheme(request)) + "://" + std::string(request.authority)};
    accepted.insert(accepted.end(), route.cookie_origins.begin(), route.cookie_origins.end());
    return {.stage = "credential",
            .check = "cookie origin",
            .found = show(origins_of(request)),
            .expected = show(accepted),
            .note = "of handshakes and methods that change something; without Origin, Sec-Fetch-Site same-origin or none"};
}

step rate_step(const rules::rate_limit& of, const rules::rate_outcome& outcome) {
    return {.stage = "rate",
            .check = "rate_limit",
            .found = show(std::to_string(outcome.left) + " left"),
            .note = "per " + std::string(word_of(rules::rate_subject_table, of.per)) + ", " + std::to_string(of.count) + " in " +
                    std::to_string(of.period.count()) + " ms, " + std::to_string(of.burst) + " at once"};
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

step certificate_step(const requests::request_view& request, const provider& by, bool known) {
    step made{.stage = "credential", .check = "certificate"};
    const jose::certificate_names* const names = request.certificate == nullptr ? nullptr : request.certificate->names();
    if (names != nullptr) {
        made.found = json::object{{"subject", show(names->subject)}, {"dns", show(names->dns)}, {"uri", show(names->uris)}};
    }
    if (known) {
        made.note = "the client's certificate is the credential, by " + by.rules.provider;
    } else {
        made.note = names == nullptr ? "the client has shown no verified certificate" : "no entry of match fits, of " + by.rules.provider;
    }
    return made;
}

step certificate_end_step(const tokens::verified_token& token, time_point now) {
    return {.stage = "credential",
            .check = "not_after",
            .found = token.expires ? show(to_rfc3339(*token.expires)) : json::value(nullptr),
            .note = "now " + to_rfc3339(now)};
}

step need_step(const refusal& unmet) {
    return {.stage = "token", .check = unmet.why == reason::introspection_unavailable ? "answer" : "keys", .note = unmet.cause};
}

} // namespace bearward::policies
