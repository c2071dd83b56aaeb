#include "config/fields_api_keys.hpp"

#include "config/section.hpp"
#include "config/values.hpp"
#include "policies/ascii.hpp"
#include "policies/date_text.hpp"
#include "policies/tokens/api_keys.hpp"

#include <algorithm>

namespace bearward::config {
namespace {

using hash = std::optional<policies::jose::sha256_digest>;
using policies::tokens::api_key_prefix;

constexpr std::string_view hash_prefix = "sha256:";

const std::string how_to_make_one = "`bearward api-key new --id ID` makes a key and prints its hash";
const std::string is_no_secret_any_more =
    "an API key itself stands here, and who can read this file has it now; only its hash belongs here. "
    "Take another key: " +
    how_to_make_one;

/// Keys may have been pasted with something around them.
bool holds_key(std::string_view text) {
    return text.contains(api_key_prefix);
}

hash parse_hash(std::string_view text) {
    const auto bytes = text.starts_with(hash_prefix) ? policies::decode_hex(text.substr(hash_prefix.size())) : std::nullopt;
    policies::jose::sha256_digest digest{};
    if (!bytes || bytes->size() != digest.size()) {
        return std::nullopt;
    }
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

codec<hash> key_hash() {
    codec<hash> made;
    made.form = text("`sha256:` and 64 hex digits").form;
    made.form.secret = true; // what stands here may be a key
    made.read = [form = made.form](reading& state, const cursor& at, hash& out) {
        if (at.value.type != node::kind::scalar) {
            return refuse(state, at, form);
        }
        if (holds_key(at.value.text)) {
            return state.error(at, is_no_secret_any_more);
        }
        out = parse_hash(at.value.text);
        return out || state.error(at, "not the hash of an API key: expected " + form.expected + "; " + how_to_make_one);
    };
    made.show = [](const hash& value) -> boost::json::value {
        return value ? boost::json::value("********") : boost::json::value(nullptr);
    };
    return made;
}

codec<std::string> key_id() {
    codec<std::string> made = text("a name for the key");
    made.read = [read = made.read](reading& state, const cursor& at, std::string& out) {
        if (at.value.type == node::kind::scalar && holds_key(at.value.text)) {
            return state.error(at, is_no_secret_any_more);
        }
        return read(state, at, out);
    };
    return made;
}

codec<policies::time_point> end_of_key() {
    return parsed<policies::time_point>(
        "a time such as 2027-01-01T00:00:00Z",
        [](std::string_view written) -> std::expected<policies::time_point, std::string> {
            const auto time = policies::parse_rfc3339(written);
            return time ? std::expected<policies::time_point, std::string>(*time)
                        : std::unexpected("not a time with its offset (RFC 3339)");
        },
        [](const policies::time_point& value) -> boost::json::value { return boost::json::value(policies::to_rfc3339(value)); });
}

const section<api_key_settings>& key_fields() {
    using owner = api_key_settings;
    static const section<owner> declared =
        section<owner>("api_key")
            .field("id", &owner::id, absent_if_empty(placed(key_id())), "Its name, for people: unique within the provider.",
                   presence::required)
            .field("hash", &owner::hash, placed(key_hash()),
                   "`sha256:` and the SHA-256 of the whole key in hex, from `bearward api-key new --id ID`. A key has 256 random bits, so "
                   "that a plain hash gives none away.",
                   presence::required)
            .field("user", &owner::user, absent_if_empty(rule_text("a user")), "Whose it is.")
            .field("tenant", &owner::tenant, absent_if_empty(rule_text("a tenant")), "The tenant, likewise.")
            .field("roles", &owner::roles, list(rule_text("a role")), "The roles of requests with this key.")
            .field("scopes", &owner::scopes, list(rule_text("a scope")), "Their scopes.")
            .field("expires", &owner::expires, maybe(end_of_key()), "From then on it is refused (api_key_expired).")
            .elsewhere({"key", "secret", "value", "api_key"}, "the configuration has the hash of a key, never the key: " + how_to_make_one);
    return declared;
}

/// A name that is a key would be repeated as an unknown one.
bool check_names(reading& state, const cursor& at) {
    const bool good = at.value.type != node::kind::map ||
                      std::ranges::none_of(at.value.entries, [](const entry& each) { return holds_key(each.key.text); });
    return good || state.error(at, is_no_secret_any_more);
}

/// Neither is what stands in the place of a map or a list.
template <class T>
codec<T> with_hidden_text(codec<T> inner) {
    inner.read = [read = inner.read, expected = inner.form.expected](reading& state, const cursor& at, T& out) {
        if (at.value.type == node::kind::scalar && !at.value.text.empty()) {
            return state.error(at, holds_key(at.value.text) ? is_no_secret_any_more : "expected " + expected + "; found text");
        }
        return check_names(state, at) && read(state, at, out);
    };
    return inner;
}

} // namespace

codec<std::vector<api_key_settings>> api_keys() {
    return with_hidden_text(list(with_hidden_text(nested("api_key", &key_fields)), 1));
}

} // namespace bearward::config
