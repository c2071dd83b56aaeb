// Keys that stand in the configuration itself: a JWK set as a map or as JSON, and
// PEM. Public keys are no secrets, so they are shown as what they are.
#include "config/scalars.hpp"
#include "config/values.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace bearward::config {
namespace {

namespace json = boost::json;

json::value scalar_to_json(const node& value) {
    if (is_text(value)) {
        return json::value(value.text);
    }
    if (const auto boolean = parse_boolean(value.text)) {
        return *boolean;
    }
    boost::system::error_code failed;
    json::value number = json::parse(value.text, failed);
    return failed ? json::value(value.text) : number;
}

json::value to_json(const node& value) {
    switch (value.type) {
    case node::kind::scalar:
        return scalar_to_json(value);
    case node::kind::sequence: {
        json::array items;
        for (const node& each : value.items) {
            items.push_back(to_json(each));
        }
        return items;
    }
    case node::kind::map: {
        json::object members;
        for (const entry& each : value.entries) {
            members.insert_or_assign(each.key.text, to_json(each.value));
        }
        return members;
    }
    case node::kind::null:
    case node::kind::broken:
        break;
    }
    return nullptr;
}

json::value show_given(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value("(inline)");
}

/// Whether a JWK set has a symmetric key (RFC 7518 section 6.4), which verifies and
/// signs alike.
bool has_secret_key(const std::string& text) {
    boost::system::error_code failed;
    const json::value set = json::parse(text, failed);
    const json::object* members = failed ? nullptr : set.if_object();
    const json::value* keys = members == nullptr ? nullptr : members->if_contains("keys");
    const json::array* list = keys == nullptr ? nullptr : keys->if_array();
    return list != nullptr && std::ranges::any_of(*list, [](const json::value& key) {
               const json::object* of = key.if_object();
               const json::value* type = of == nullptr ? nullptr : of->if_contains("kty");
               return type != nullptr && *type == "oct";
           });
}

bool is_substituted(const node& value) {
    return value.substituted || std::ranges::any_of(value.items, is_substituted) ||
           std::ranges::any_of(value.entries, [](const entry& each) { return is_substituted(each.value); });
}

} // namespace

codec<std::string> inline_jwk_set() {
    codec<std::string> made;
    made.form.type = shape::kind::choice;
    made.form.expected = "a JWK set: a map {keys: [...]}, or its JSON as text";
    made.form.parts = {text("JSON").form, shape{.type = shape::kind::object, .expected = "a map {keys: [...]}"}};
    made.read = [form = made.form](reading& state, const cursor& at, std::string& out) {
        if (is_scalar(at.value) && is_text(at.value)) {
            out = at.value.text;
        } else if (is_map(at.value)) {
            out = json::serialize(to_json(at.value));
        } else {
            return refuse(state, at, form);
        }
        if (has_secret_key(out) && !is_substituted(at.value)) {
            state.warning(
                state.place_of(at), warning_code::inline_secret,
                "a key of type oct is a secret, and stands in the configuration itself; {jwks_file: PATH}, or `secret` with {file: "
                "PATH} or {env: NAME}, keeps it apart");
        }
        return !out.empty() || refuse(state, at, form);
    };
    made.show = show_given;
    return made;
}

codec<std::string> inline_pem() {
    codec<std::string> made;
    made.form = text("PEM text, from -----BEGIN to -----END").form;
    made.read = [form = made.form](reading& state, const cursor& at, std::string& out) {
        if (!is_scalar(at.value) || !is_text(at.value)) {
            return refuse(state, at, form);
        }
        out = at.value.text;
        return out.contains("-----BEGIN") || state.error(at, "there is no -----BEGIN in it; expected " + form.expected);
    };
    made.show = show_given;
    return made;
}

} // namespace bearward::config
