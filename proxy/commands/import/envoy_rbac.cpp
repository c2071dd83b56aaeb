#include "proxy/commands/import/envoy.hpp"
#include "proxy/commands/import/strictness.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

using config::node;
using kind = access::kind;

constexpr unsigned deepest = 12;

fit inverse(fit of) {
    return of == fit::maybe ? fit::maybe : of == fit::yes ? fit::no : fit::yes;
}

/// A StringMatcher on the path.
std::optional<path_pattern> path_of(const node& matcher) {
    if (is_true(matcher, "ignore_case")) {
        return std::nullopt;
    }
    const auto sayable = [](path_pattern pattern) { return is_plain_path(pattern.text) ? std::optional(pattern) : std::nullopt; };
    if (const std::string text = text_at(matcher, "exact"); !text.empty()) {
        return sayable({path_pattern::kind::exact, text});
    }
    if (const std::string text = text_at(matcher, "prefix"); !text.empty()) {
        return sayable({path_pattern::kind::prefix, text});
    }
    if (const node* const regex = find(matcher, "safe_regex"); regex != nullptr) {
        const understood_regex meant = understand_regex(text_at(*regex, "regex"), regex_use::whole);
        if (meant.patterns.size() == 1 && !meant.narrowed && meant.patterns.front().type != path_pattern::kind::unknown) {
            return sayable(meant.patterns.front());
        }
    }
    return std::nullopt;
}

/// The pattern or the method that a permission is for, where it is one of these.
struct leaf {
    std::optional<path_pattern> path;
    std::string method;
};
leaf leaf_of(const node& permission) {
    leaf made;
    if (const node* const path = find(permission, {"url_path", "path"}); path != nullptr) {
        made.path = path_of(*path);
    }
    const node* const header = find(permission, "header");
    if (header == nullptr || is_true(*header, "invert_match")) {
        return made;
    }
    made.method = exact_method(*header).value_or("");
    const node* const matcher = find(*header, "string_match");
    if (text_at(*header, "name") == ":path" && matcher != nullptr) {
        made.path = path_of(*matcher);
        if (made.path && made.path->type != path_pattern::kind::prefix) { // the query is in it too
            made.path.reset();
        }
    }
    return made;
}

} // namespace

fit envoy_rbac::permits_any(const node* list, const slice& of, const std::string& method, unsigned depth) const {
    fit best = fit::no;
    for (const node& each : items_of(list)) {
        best = std::max(best, permits(each, of, method, depth));
    }
    return best;
}

fit envoy_rbac::permits(const node& permission, const slice& of, const std::string& method, unsigned depth) const {
    if (depth > deepest || permission.entries.size() != 1) {
        return fit::maybe;
    }
    if (is_true(permission, "any")) {
        return fit::yes;
    }
    if (const node* const rules = find(permission, {"or_rules", "rules"}); rules != nullptr) {
        return permits_any(rules, of, method, depth + 1);
    }
    if (const node* const rules = find(permission, {"and_rules", "rules"}); rules != nullptr) {
        fit worst = fit::yes;
        for (const node& each : rules->items) {
            worst = std::min(worst, permits(each, of, method, depth + 1));
        }
        return worst;
    }
    if (const node* const rule = find(permission, "not_rule"); rule != nullptr) {
        return inverse(permits(*rule, of, method, depth + 1));
    }
    const leaf one = leaf_of(permission);
    if (one.path) {
        return matches(*one.path, of);
    }
    return one.method.empty() ? fit::maybe : one.method == method ? fit::yes : fit::no;
}

void envoy_rbac::collect(const node& permission, imported& out, unsigned depth) {
    if (depth > deepest || is_true(permission, "any")) {
        return;
    }
    for (const char* several : {"or_rules", "and_rules"}) {
        if (const node* const rules = find(permission, {several, "rules"}); rules != nullptr) {
            for (const node& each : rules->items) {
                collect(each, out, depth + 1);
            }
            return;
        }
    }
    if (const node* const rule = find(permission, "not_rule"); rule != nullptr) {
        return collect(*rule, out, depth + 1);
    }
    const leaf one = leaf_of(permission);
    if (one.path) {
        patterns.push_back(*one.path);
    } else if (!one.method.empty()) {
        methods.insert(one.method);
    } else {
        out.warn(permission.line, "a permission of rbac that is no path and no method: what it is about is closed");
    }
}

std::optional<requirement> envoy_rbac::read_principal(const node& of, const envoy_jwt& jwt, imported& out, bool& any, unsigned depth) {
    any = is_true(of, "any");
    if (any) {
        return std::nullopt;
    }
    for (const auto& [key, all] : {std::pair("or_ids", false), std::pair("and_ids", true)}) {
        const node* const ids = find(of, {key, "ids"});
        if (ids == nullptr || depth > deepest) {
            continue;
        }
        std::vector<requirement> parts;
        for (const node& each : ids->items) {
            bool anybody = false;
            const auto part = read_principal(each, jwt, out, anybody, depth + 1);
            if (!part) {
                return std::nullopt;
            }
            parts.push_back(*part);
        }
        return parts.empty() ? std::nullopt : std::optional(all ? all_of(std::move(parts)) : any_of(std::move(parts)));
    }
    const node* metadata = find(of, "metadata");
    metadata = metadata != nullptr ? metadata : find(of, "sourced_metadata");
    const node* const value = metadata != nullptr ? find(*metadata, "value") : nullptr;
    if (value == nullptr || text_at(*metadata, "filter") != "envoy.filters.http.jwt_authn" || is_true(*metadata, "invert")) {
        return std::nullopt;
    }
    const auto& steps = items_at(*metadata, "path");
    std::vector<requirement> conditions;
    if (steps.size() < 2 || !jwt.add_payload_condition(text_at(steps.front(), "key"), conditions)) {
        return std::nullopt;
    }
    const auto with = [&](std::optional<requirement> condition) -> std::optional<requirement> {
        if (!condition) {
            return std::nullopt;
        }
        conditions.insert(conditions.begin(), std::move(*condition));
        return all_of(std::move(conditions));
    };
    std::string claim;
    for (auto step = steps.begin() + 1; step != steps.end(); ++step) {
        claim += (claim.empty() ? "" : ".") + text_at(*step, "key");
    }
    if (const node* const listed = find(*value, {"list_match", "one_of", "string_match"}); listed != nullptr) {
        return with(read_string_matcher(claim, *listed));
    }
    if (const node* const text = find(*value, "string_match"); text != nullptr) {
        return with(read_string_matcher(claim, *text));
    }
    const std::string flag = text_at(*value, "bool_match");
    return flag.empty() ? std::nullopt : with(claim_is(claim, {flag}));
}

void envoy_rbac::read(const node& of, const envoy_jwt& jwt, imported& out) {
    filter made;
    const node* const rules = find(of, "rules");
    const node* const policies = rules != nullptr ? find(*rules, "policies") : nullptr;
    const std::string action = rules != nullptr ? text_at(*rules, "action") : "";
    made.deny = action == "DENY";
    if (action == "LOG") {
        return;
    }
    const auto others =
        other_keys(of, {"@type", "rules", "shadow_rules", "shadow_rules_stat_prefix", "track_per_rule_stats", "rules_stat_prefix"});
    if (rules == nullptr || (action != "ALLOW" && action != "DENY" && !action.empty()) || !others.empty()) {
        if (rules != nullptr || !others.empty()) {
            out.warn(of.line, "rbac: not understood: everything is closed");
            made.broken = true;
            filters_.push_back(std::move(made));
        }
        return;
    }
    for (const config::entry& each : entries_of(policies)) {
        policy one{.permissions = find(each.value, "permissions"), .principal = std::nullopt};
        std::vector<requirement> any;
        bool anybody = false;
        for (const node& principal : items_at(each.value, "principals")) {
            bool all = false;
            const auto condition = read_principal(principal, jwt, out, all, 0);
            anybody = anybody || all;
            if (condition) {
                any.push_back(*condition);
            } else if (!all) {
                one.never = true;
            }
        }
        const auto unknown = other_keys(each.value, {"permissions", "principals"});
        one.never = one.never || !unknown.empty() || (any.empty() && !anybody);
        if (one.never) {
            out.warn(each.key.line, "a policy of rbac whose principals are not only claims of a token" +
                                        std::string(made.deny ? ": what it is about is closed" : ": nobody is let in by it"));
        }
        if (!any.empty() && !anybody) {
            one.principal = any_of(std::move(any));
        }
        for (const node& permission : items_of(one.permissions)) {
            collect(permission, out, 0);
        }
        made.policies.push_back(std::move(one));
    }
    filters_.push_back(std::move(made));
}

access envoy_rbac::restrict(const access& who, const slice& of, const std::string& method) const {
    access result = who;
    for (const filter& each : filters_) {
        std::vector<requirement> any;
        bool everybody = each.deny;
        bool nobody = each.broken;
        for (const policy& one : each.policies) {
            const fit fits = permits_any(one.permissions, of, method, 0);
            if (each.deny && fits != fit::no) {
                nobody = nobody || one.never || !one.principal || fits == fit::maybe;
                if (one.principal) {
                    any.push_back(*one.principal);
                }
            } else if (!each.deny && fits == fit::yes && !one.never) {
                everybody = everybody || !one.principal;
                if (one.principal) {
                    any.push_back(*one.principal);
                }
            }
        }
        if (nobody || (!everybody && any.empty())) {
            return {};
        }
        if (any.empty() || (everybody && !each.deny)) {
            continue;
        }
        if (result.who != kind::token) {
            return {}; // claims of a token that isn't there
        }
        requirement condition = any_of(std::move(any));
        if (each.deny) {
            condition = none_of(std::move(condition));
        }
        if (!is_in(result.needs, condition)) {
            result.needs.push_back(std::move(condition));
        }
    }
    return result;
}

} // namespace bearward::proxy::commands::importing
