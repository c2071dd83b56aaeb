#include "proxy/commands/import/envoy.hpp"
#include "proxy/commands/import/peer_values.hpp"
#include "proxy/commands/import/strictness.hpp"

#include "config/url.hpp"

#include <algorithm>
#include <ranges>

namespace bearward::proxy::commands::importing {
namespace {

using config::node;
using kind = access::kind;

access open_to_all() {
    return {.who = kind::open, .providers = {}, .needs = {}};
}

} // namespace

void envoy_jwt::read(const node& filter, imported& out) {
    present = true;
    preflights_pass = is_true(filter, "bypass_cors_preflight");
    if (const node* const providers = importing::find(filter, "providers"); providers != nullptr) {
        for (const config::entry& each : providers->entries) {
            read_provider(each.key.text, each.value, out);
        }
    }
    if (const node* const map = importing::find(filter, "requirement_map"); map != nullptr) {
        for (const config::entry& each : map->entries) {
            named[each.key.text] = read_requirement(&each.value, out);
        }
    }
    for (const node& each : items_at(filter, "rules")) {
        rule made{.where = read_envoy_match(importing::find(each, "match"), out), .who = {}};
        const std::string name = text_at(each, "requirement_name");
        if (!name.empty()) {
            made.who = named.contains(name) ? named.at(name) : access{};
        } else {
            made.who = read_requirement(importing::find(each, "requires"), out);
        }
        for (const node* key : other_keys(each, {"match", "requires", "requirement_name"})) {
            out.warn(key->line, "not known in a rule of jwt_authn: " + key->text + "; what it is for is closed");
            made.who = {};
        }
        rules.push_back(std::move(made));
    }
    for (const node* key : other_keys(filter, {"@type", "providers", "rules", "requirement_map", "bypass_cors_preflight",
                                               "strip_failure_response", "stat_prefix"})) {
        out.warn(key->line, "not known in jwt_authn: " + key->text + "; what no rule is for is closed");
        rules.push_back({.where = {.paths = {{path_pattern::kind::prefix, "/"}}, .methods = {}}, .who = {}});
    }
}

bool envoy_jwt::add_payload_condition(const std::string& payload, std::vector<requirement>& to) const {
    std::vector<std::string> having;
    std::vector<std::string> others;
    for (const auto& [name, issuer] : payloads_) {
        std::vector<std::string>& into = !payload.empty() && name == payload ? having : others;
        if (!is_in(into, issuer)) {
            into.push_back(issuer);
        }
    }
    // Of a provider without an issuer, whose tokens may say anything, nothing tells which one verified them.
    const bool ambiguous = std::ranges::any_of(having, [&](const std::string& each) { return each.empty() || is_in(others, each); });
    if (having.empty() || (!others.empty() && (ambiguous || is_in(others, "")))) {
        return false;
    }
    if (!others.empty()) {
        to.push_back(claim_is("iss", std::move(having)));
    }
    return true;
}

access envoy_jwt::read_requirement(const node* requires_, imported& out, unsigned depth) const {
    constexpr unsigned deepest = 8;
    const bool says_nothing = requires_ == nullptr || requires_->type == node::kind::null || requires_->type == node::kind::map;
    if (says_nothing && (requires_ == nullptr || requires_->entries.empty())) {
        return open_to_all();
    }
    const auto refuse = [&](const std::string& why) {
        out.warn(requires_->line, why + "; what it is for is closed");
        return access{};
    };
    const auto is = [&](std::string_view key) { return importing::find(*requires_, key) != nullptr; };
    if (depth > deepest || requires_->entries.size() != 1) {
        return refuse("a requirement that is not understood");
    }
    const config::entry& only = requires_->entries.front();
    if (is("provider_name") || is("provider_and_audiences")) {
        const std::string name = is("provider_name") ? text_of(&only.value) : text_at(only.value, "provider_name");
        if (!known_.contains(name)) {
            return refuse("no provider '" + name + "'");
        }
        access made{.who = kind::token, .providers = {known_.at(name)}, .needs = {}};
        if (const auto audiences = texts_at(only.value, "audiences"); !audiences.empty()) {
            made.needs.push_back(claim_is("aud", audiences));
            out.say(requires_->line, "provider_and_audiences: the provider's own audiences count too");
        }
        return made;
    }
    if (is("allow_missing") || is("allow_missing_or_failed")) {
        access made{.who = kind::optional, .providers = {}, .needs = {}};
        std::ranges::copy(known_ | std::views::values, std::back_inserter(made.providers));
        if (is("allow_missing_or_failed")) {
            out.say(requires_->line, "allow_missing_or_failed: a token that is refused is answered 401 here");
        }
        return known_.empty() ? open_to_all() : made;
    }
    if (is("requires_all")) {
        access all = open_to_all();
        for (const node& each : items_at(only.value, "requirements")) {
            const access one = read_requirement(&each, out, depth + 1);
            if (all.who != kind::open && one != all) {
                return refuse("requires_all: one token a request is verified here");
            }
            all = one;
        }
        return all;
    }
    if (!is("requires_any")) {
        return refuse("not known as a requirement: " + only.key.text);
    }
    access any{.who = kind::token, .providers = {}, .needs = {}};
    bool missing = false;
    for (const node& each : items_at(only.value, "requirements")) {
        const bool allows =
            importing::find(each, "allow_missing") != nullptr || importing::find(each, "allow_missing_or_failed") != nullptr;
        missing = missing || allows;
        if (allows) {
            continue;
        }
        const access one = read_requirement(&each, out, depth + 1);
        if (one.who != kind::token || (!any.providers.empty() && one.needs != any.needs)) {
            return refuse("requires_any of more than providers");
        }
        any.needs = one.needs;
        for (const std::string& name : one.providers) {
            if (!is_in(any.providers, name)) {
                any.providers.push_back(name);
            }
        }
    }
    if (missing) {
        any.who = kind::optional;
        if (!any.needs.empty()) {
            return refuse("allow_missing beside audiences");
        }
    }
    return any.providers.empty() ? (missing ? read_requirement(nullptr, out) : refuse("requires_any of nothing")) : any;
}

} // namespace bearward::proxy::commands::importing
