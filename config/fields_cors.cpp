// The declarations of CORS rules (Fetch Standard section 3.2), and what of them could have no effect.
#include "config/encoding.hpp"
#include "config/fields.hpp"
#include "config/values.hpp"

#include <algorithm>

namespace bearward::config {

namespace {

using namespace std::chrono_literals;
using policies::requests::accepted_origin;

constexpr std::string_view star = "*";

codec<accepted_origin> allowed_origin() {
    return parsed<accepted_origin>("an origin such as https://app.example.com, https://*.example.com or \"*\"",
                                   policies::requests::parse_accepted_origin,
                                   [](const accepted_origin& value) -> boost::json::value { return boost::json::value(value.text); });
}

/// `*`, or what `other` reads.
codec<std::string> or_star(codec<std::string> other) {
    other.read = [read = std::move(other.read)](reading& state, const cursor& at, std::string& out) {
        if (at.value.type == node::kind::scalar && at.value.text == star) {
            out = star;
            return true;
        }
        return read(state, at, out);
    };
    return other;
}

bool has_star(const std::vector<std::string>& names) {
    return std::ranges::find(names, star) != names.end();
}

bool accepts_any(const cors_settings& rules) {
    return std::ranges::any_of(rules.allow_origins, [](const auto& each) { return each.what == accepted_origin::kind::any; });
}

place place_of_key(const reading& state, const cursor& at, std::string_view name) {
    const entry* const found = at.value.find(name);
    const key_path step{&at.path, name, 0};
    return state.place_of(cursor{found == nullptr ? at.value : found->key, step});
}

/// With credentials browsers take `*` for a name like any other (Fetch Standard section 3.2.5).
bool check_credentials(reading& state, const cursor& at, const cors_settings& rules) {
    bool good = true;
    if (accepts_any(rules)) {
        state.error(place_of_key(state, at, "allow_origins"), "`*` with allow_credentials would let every page act for its visitors, and "
                                                              "browsers refuse it; list the origins");
        good = false;
    }
    const std::vector<std::pair<std::string_view, const std::vector<std::string>*>> lists{
        {"allow_methods", &rules.allow_methods}, {"allow_headers", &rules.allow_headers}, {"expose_headers", &rules.expose_headers}};
    for (const auto& [name, list] : lists) {
        if (has_star(*list)) {
            state.error(place_of_key(state, at, name),
                        "with allow_credentials browsers take `*` for a name, not for all of them; list the names");
            good = false;
        }
    }
    return good;
}

bool check_rules(reading& state, const cursor& at, cors_settings& rules) {
    bool good = true;
    if (accepts_any(rules) && rules.allow_origins.size() > 1) {
        state.error(place_of_key(state, at, "allow_origins"), "`*` accepts every origin, so that the others mean nothing; write it alone");
        good = false;
    }
    if (rules.max_age % 1s != 0ms) {
        state.error(place_of_key(state, at, "max_age"), "browsers know whole seconds only");
        good = false;
    }
    if (rules.allow_credentials) {
        good = check_credentials(state, at, rules) && good;
    } else if (has_star(rules.allow_headers) && std::ranges::none_of(rules.allow_headers, [](const std::string& name) {
                   return policies::requests::equal_names(name, "Authorization");
               })) {
        state.note(place_of_key(state, at, "allow_headers"),
                   "browsers don't take `*` for Authorization: pages that send a token in it need [\"*\", Authorization]");
    }
    return good;
}

codec<route_cors_settings> one_word(std::string word, route_cors_settings::kind what) {
    codec<route_cors_settings> made;
    made.form.type = shape::kind::word;
    made.form.words = {word};
    made.form.expected = std::move(word);
    made.read = [what](reading&, const cursor&, route_cors_settings& out) {
        out.what = what;
        return true;
    };
    return made;
}

} // namespace

const section<cors_settings>& cors_fields() {
    static const section<cors_settings> declared =
        section<cors_settings>("cors")
            .field("allow_origins", &cors_settings::allow_origins, list(allowed_origin(), 1),
                   "Whose pages may read the answers: exact origins, \"https://*.example.com\" (one label or more), or \"*\" alone, which "
                   "allow_credentials excludes.",
                   presence::required)
            .field("allow_methods", &cors_settings::allow_methods, list(or_star(method()), 1),
                   "Of preflights: the methods that pages may use besides GET, HEAD and POST.")
            .field("allow_headers", &cors_settings::allow_headers, list(or_star(header_name())),
                   "Of preflights: the headers that pages may set.")
            .field("expose_headers", &cors_settings::expose_headers, list(or_star(header_name())),
                   "The headers of answers that pages may read besides the usual ones.")
            .field("allow_credentials", &cors_settings::allow_credentials, boolean(),
                   "true: browsers send cookies and client certificates along.")
            .field("max_age", &cors_settings::max_age, duration(0ms, 24h),
                   "How long browsers remember the answer to a preflight, in whole seconds.")
            .check(check_rules);
    return declared;
}

codec<route_cors_settings> route_cors() {
    using kind = route_cors_settings::kind;
    const codec<cors_settings> rules = nested("cors", &cors_fields);
    const codec<route_cors_settings> own = converted<route_cors_settings, cors_settings>(
        rules, [](cors_settings value) { return route_cors_settings{kind::own, std::move(value)}; },
        [](const route_cors_settings& value) { return value.rules; });
    codec<route_cors_settings> made = choice<route_cors_settings>(
        {{is_word("off"), one_word("off", kind::off)}, {is_word("pass"), one_word("pass", kind::pass)}, {is_map, own}},
        [rules](const route_cors_settings& value) -> boost::json::value {
            switch (value.what) {
            case kind::common:
                return nullptr;
            case kind::off:
                return boost::json::value("off");
            case kind::pass:
                return boost::json::value("pass");
            case kind::own:
                break;
            }
            return rules.show(value.rules);
        });
    made.form.expected = "off, pass or a map (cors)";
    return made;
}

} // namespace bearward::config
