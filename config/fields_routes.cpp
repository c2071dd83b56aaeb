#include "config/allow_warnings.hpp"
#include "config/fields.hpp"
#include "config/values.hpp"

namespace bearward::config {

namespace {

using namespace std::chrono_literals;
using policies::rules::authentication;
using policies::rules::rejection;

constexpr std::size_t largest_body = std::size_t{1} << 50;

codec<std::vector<located_text>> names(const std::string& what) {
    return list(placed(text("the name of " + what)));
}

codec<authentication> auth_word() {
    return word<authentication>(
        {{"required", authentication::required}, {"optional", authentication::optional}, {"none", authentication::none}});
}

/// What opens every route that says nothing is written where it opens one.
codec<authentication> default_auth_word() {
    codec<authentication> made = word<authentication>({{"required", authentication::required}, {"optional", authentication::optional}});
    made.read = [read = made.read](reading& state, const cursor& at, authentication& out) {
        if (at.value.type == node::kind::scalar && at.value.text == "none") {
            return state.error(at,
                               "'none' can't stand in `defaults`: it would open every route that says nothing else; write `auth: none` on "
                               "each route that is public");
        }
        return read(state, at, out);
    };
    return made;
}

const section<stream_settings>& stream_fields() {
    static const section<stream_settings> declared =
        section<stream_settings>("streams")
            .field("end_on_expiry", &stream_settings::end_on_expiry, word(policies::rules::ended_streams_table),
                   "What ends when its token expires: auto: event streams and gRPC; all; off.")
            .field("end_on_revocation", &stream_settings::end_on_revocation, word(policies::rules::ended_streams_table),
                   "Likewise when its token is revoked.");
    return declared;
}

codec<websocket_settings> websocket() {
    codec<websocket_settings> off;
    off.form.type = shape::kind::word;
    off.form.words = {"off"};
    off.form.expected = "off";
    off.read = [](reading&, const cursor&, websocket_settings& out) {
        out.enabled = false;
        return true;
    };
    const codec<websocket_settings> on = nested("websocket", &websocket_fields);
    codec<websocket_settings> made =
        choice<websocket_settings>({{is_word("off"), off}, {is_map, on}}, [on](const websocket_settings& value) -> boost::json::value {
            return value.enabled ? on.show(value) : boost::json::value("off");
        });
    made.form.expected = "off or a map (websocket)";
    return made;
}

/// Name -> value.
codec<std::vector<added_header_settings>> added_headers() {
    const codec<std::string> value = field_value();
    codec<added_header_settings> element;
    element.form = value.form;
    element.read = [read = value.read](reading& state, const cursor& at, added_header_settings& out) { return read(state, at, out.value); };
    element.show = [show = value.show](const added_header_settings& header) { return show(header.value); };
    return keyed<added_header_settings>(
        element, "the name of a header", 0,
        [](reading& state, const cursor& at, std::string_view key, added_header_settings& out) {
            out.name = key;
            return is_token(key) || state.error(at, "not a header's name");
        },
        [](const added_header_settings& header) { return header.name; });
}

/// The keys that `defaults` and routes share. Both declare them first and in this
/// order: which of them were written is kept a bit each.
template <class T>
section<T> shared_fields(std::string name) {
    return section<T>(std::move(name))
        .field("hosts", &T::hosts, list(placed(host_pattern())), "Any when empty; exact, or \"*.example.com\" for any number of labels.")
        .field("methods", &T::methods, list(placed(route_method())), "Any when empty. GET includes HEAD.")
        .field("listeners", &T::listeners, names("a listener"), "Any when empty; names.")
        .field("upstream", &T::upstream, absent_if_empty(placed(text("the name of an upstream"))), "Required, here or in `defaults`.")
        .field("providers", &T::providers, names("a provider"), "Required unless `auth: none`.")
        .field("auth", &T::auth, placed(std::is_same_v<T, route_options> ? default_auth_word() : auth_word()),
               "required, optional (no credential passes as anonymous, a bad one is refused) or none (credentials are not looked at).")
        .field("require", &T::require, placed(requirement()), "What the identity must satisfy; all entries must hold.")
        .field("token_from", &T::token_from, placed(token_places(false)), "Where the token of an ordinary request may be.")
        .field("cookie_origins", &T::cookie_origins, placed(list(cookie_origin())),
               "With cookie: origins besides the request's own that may use it in a handshake, or with a method other than GET, HEAD and "
               "OPTIONS.")
        .field("forward_token", &T::forward_token, boolean(), "false: what carried the token is removed.")
        .field("websocket", &T::websocket, websocket(), "How WebSocket handshakes are treated; off: 403.")
        .merged([](const T& from, T& to) {
            if (from.websocket.enabled && to.websocket.enabled) {
                websocket_fields().inherit(from.websocket, to.websocket);
            }
        })
        .field("streams", &T::streams, nested("streams", &stream_fields),
               "Answers that are still running when their token expires or is revoked.")
        .merged([](const T& from, T& to) { stream_fields().inherit(from.streams, to.streams); })
        .field("strip_prefix", &T::strip_prefix, boolean(), "true: the matched prefix is removed; the result starts with one /.")
        .field("ambiguous_paths", &T::ambiguous_paths, maybe(allow_or_reject()),
               "As `paths.ambiguous`, for this route alone: allow takes a path of which every reading leads to it, such as npm's "
               "/@scope%2fname. Default: as `paths.ambiguous` says.")
        .field("add_request_headers", &T::add_request_headers, added_headers(), "Set on what is forwarded; each replaces the client's.")
        .field("remove_request_headers", &T::remove_request_headers, list(placed(header_name())), "Not forwarded.")
        .field("add_response_headers", &T::add_response_headers, added_headers(),
               "Set on what the upstream answers; each replaces the upstream's.")
        .field("remove_response_headers", &T::remove_response_headers, list(placed(header_name())), "Not passed to the client.")
        .field("response_timeout", &T::response_timeout, maybe(duration(0ms, 24h)), "Instead of the upstream's; 0: none.")
        .field("max_body", &T::max_body, maybe(size(1, largest_body)), "Over it 413. Any size when absent.")
        .field("rate_limit", &T::rate_limit, rate_limit(), "How many requests are let through; others get 429. Any number when absent.")
        .field("cors", &T::cors, route_cors(),
               "Instead of the top-level one. off: a preflight is a request like any other, and the upstream's CORS headers pass. pass: "
               "they pass too, and the upstream gets preflights without body, token or identity.")
        .field("resource_metadata", &T::resource_metadata, resource_metadata(), "Instead of the top-level one.");
}

codec<std::vector<located_text>> policy_names() {
    using texts = std::vector<located_text>;
    const codec<located_text> one = placed(text("the name of a policy"));
    const codec<texts> several = list(one, 1);
    const codec<texts> single = converted<texts, located_text>(
        one, [](located_text name) { return texts{std::move(name)}; },
        [](const texts& all) { return all.empty() ? located_text() : all.front(); });
    return choice<texts>({{is_scalar, single}, {is_list, several}},
                         [several](const texts& all) -> boost::json::value { return several.show(all); });
}

codec<std::vector<std::string>> some_of(const std::string& what) {
    return absent_if_empty(list(rule_text(what), 1));
}

/// A challenge lists them with blanks between (RFC 9470 section 3).
codec<std::vector<std::string>> some_classes() {
    codec<std::string> one = rule_text("an authentication context class");
    one.read = [read = one.read](reading& state, const cursor& at, std::string& out) {
        if (!read(state, at, out)) {
            return false;
        }
        return !out.contains(' ') || state.error(at, "has a blank in it; write each class as an entry of its own, [gold, platinum]");
    };
    return absent_if_empty(list(one, 1));
}

/// Scopes that stand in one text are split at these: no scope has them.
codec<std::vector<std::string>> some_scopes() {
    codec<std::string> one = rule_text("a scope");
    one.read = [read = one.read](reading& state, const cursor& at, std::string& out) {
        if (!read(state, at, out)) {
            return false;
        }
        return out.find_first_of(" ,") == std::string::npos ||
               state.error(at,
                           "no scope has a blank or a comma in it: a token's scopes are split there; write each as an entry of its own, "
                           "[read, write]");
    };
    return absent_if_empty(list(one, 1));
}

} // namespace

const section<websocket_settings>& websocket_fields() {
    static const section<websocket_settings> declared =
        section<websocket_settings>("websocket")
            .field("token_from", &websocket_settings::token_from, placed(token_places(true)), "Where a handshake's token may be.")
            .field("reject_with", &websocket_settings::reject_with,
                   word<rejection>({{"close", rejection::close}, {"http", rejection::http}, {"auto", rejection::automatic}}),
                   "close: 101, then a Close with close_code. http: 401 or 403. auto: close when the request has an Origin, else http.")
            .field("close_code", &websocket_settings::close_code, close_codes(),
                   "The code of every Close for what a credential says: one, or a map by what it is for. A rate limit's is 1013 unless "
                   "the map names 429.")
            .field("close_on_expiry", &websocket_settings::close_on_expiry, boolean(), "Close with close_code when the token expires.")
            .field("origins", &websocket_settings::origins, list(origin()),
                   "Any when empty; else the Origin must be one of them, and be there.")
            .field("idle_timeout", &websocket_settings::idle_timeout, duration(0ms, 24h),
                   "Close with 1001 when so long no byte came from either side; 0: never.")
            .field("max_lifetime", &websocket_settings::max_lifetime, maybe(duration(1s, 24h * 365)),
                   "Close with 1001 so long after the handshake. Never when absent.")
            .field("max_message", &websocket_settings::max_message, maybe(size(1, largest_body)),
                   "Of a message's payload over all its fragments, as it is on the wire, both ways; a longer one closes with 1009. Any "
                   "size when absent.")
            .field("max_frame_rate", &websocket_settings::max_frame_rate, maybe(a_rate()),
                   "Frames of any kind from the client, at once as many as in a second; more close with 1008. Any number when absent.")
            .field("recheck_on_reload", &websocket_settings::recheck_on_reload, boolean(),
                   "true: after a reload the handshakes of open ones are judged again; those that would be refused are closed with "
                   "close_code.")
            .field("renewal", &websocket_settings::renewal, boolean(),
                   "true: a client that names its socket (`bearward.socket.ID` among the subprotocols) replaces its token by POST "
                   "/.bearward/renew, without reconnecting.");
    return declared;
}

codec<requirement_settings> requirement() {
    codec<requirement_settings> made = nested("requirement", &requirement_fields);
    made.form.expected = "a requirement such as {roles: [admin]}";
    return made;
}

codec<requirement_settings> demanding_requirement() {
    codec<requirement_settings> made = requirement();
    made.read = [read = made.read, form = made.form](reading& state, const cursor& at, requirement_settings& out) {
        if (at.value.type == node::kind::map && at.value.entries.empty()) {
            return state.error(at, "the requirement is empty; expected " + form.expected);
        }
        return read(state, at, out);
    };
    return made;
}

const section<requirement_settings>& requirement_fields() {
    using owner = requirement_settings;
    using many = std::vector<requirement_settings>;
    static const section<owner> declared =
        section<owner>("requirement")
            .field("roles", &owner::roles, some_of("a role"), "Any of them.")
            .field("all_roles", &owner::all_roles, some_of("a role"), "All of them.")
            .field("scopes", &owner::scopes, some_scopes(), "Any of them.")
            .field("all_scopes", &owner::all_scopes, some_scopes(), "All of them.")
            .field("tenant", &owner::tenant, placed(operand()),
                   "The tenant: text in which {capture}, {header.NAME}, {query.NAME} and {host.N} stand for the request's values.")
            .field(
                "claims", &owner::claims, absent_if_empty(claim_requirements(true)),
                "Path -> value or list of values, in which the same names stand for values; {present: true}; {matches: GLOB}, in which `*` "
                "stands for any bytes.")
            .field("acr", &owner::acr, some_classes(),
                   "The token's `acr` is one of them: else the client is asked for a stronger login (RFC 9470).")
            .field("max_age", &owner::max_age, maybe(duration(1s, 87'600h)),
                   "The login (`auth_time`) is no older; else the client is asked for a new one.")
            .field("any", &owner::any, absent_if_empty(list(demanding_requirement(), 1)), "At least one of these requirements.")
            .field("all", &owner::all, absent_if_empty(list(demanding_requirement(), 1)), "Each of these requirements.")
            .field("not", &owner::none,
                   absent_if_empty(converted<many, requirement_settings>(
                       demanding_requirement(), [](requirement_settings value) { return many{std::move(value)}; },
                       [](const many& all) { return all.empty() ? requirement_settings() : all.front(); })),
                   "Must not hold.")
            .field("policy", &owner::policies, absent_if_empty(policy_names()), "A named requirement, or several; each must hold.");
    return declared;
}

const section<route_options>& default_fields() {
    static const section<route_options> declared =
        shared_fields<route_options>("defaults")
            .elsewhere({"name", "prefix", "exact", "literal", "mode", "allow_warnings"},
                       "can't stand in `defaults`: it says something of one route; write it on the route");
    return declared;
}

const section<route_settings>& route_fields() {
    static const section<route_settings> declared =
        shared_fields<route_settings>("route")
            .field("prefix", &route_settings::prefix, absent_if_empty(route_path()),
                   "Whole segments: /admin matches /admin and /admin/x, never /administrator. {name} captures a segment. What is a "
                   "pattern in other products is an error.")
            .field("exact", &route_settings::exact, absent_if_empty(route_path()), "This path alone.")
            .field("literal", &route_settings::literal, boolean(),
                   "true: `*`, `<x>`, `{x:y}`, `(` `)` `[` `]` `^` `|` and a segment that begins with `:` or `$` mean themselves in the "
                   "path; {name} captures all the same.")
            .field("name", &route_settings::name, absent_if_empty(placed(text("a name"))),
                   "Unique. Default: made of hosts, path and methods.")
            .field("mode", &route_settings::mode, placed(word(policies::rules::enforcement_table)),
                   "observe: the requirement's denial is logged and counted, and the request forwarded. observe_all: also a request "
                   "whose credential is missing or refused, without an identity and with all that the client sent.")
            .field("allow_warnings", &route_settings::allow_warnings, allowed_warnings(of_route),
                   "Codes of warnings about this route that are meant so: they become notes. Of two routes the laxer one.")
            .one_of({"prefix", "exact"});
    return declared;
}

} // namespace bearward::config
