#include "config/implication.hpp"

#include <algorithm>

namespace bearward::config {

namespace {

using policies::rules::authentication;
using policies::rules::claim_predicate;
using policies::rules::operand;
using policies::rules::requirement;
using policies::rules::route;

std::size_t position(const route& of, const std::string& capture) {
    std::size_t at = 0;
    while (at < of.segments.size() && !(of.segments[at].is_capture && of.segments[at].text == capture)) {
        ++at;
    }
    return at;
}

/// The pair of routes whose requirements are compared.
struct comparison {
    const route& inner;
    const route& outer;
    std::size_t& steps; ///< spent so far: nested groups can be compared in exponentially many ways

    [[nodiscard]] bool equal(const operand& left, const operand& right) const {
        if (left.is_capture != right.is_capture) {
            // A literal segment inside of a capture: equal when it is that literal.
            const operand& literal = left.is_capture ? right : left;
            const operand& captured = left.is_capture ? left : right;
            const route& of = left.is_capture ? inner : outer;
            const route& other = left.is_capture ? outer : inner;
            const std::size_t at = position(of, captured.text);
            return at < other.segments.size() && !other.segments[at].is_capture && other.segments[at].text == literal.text;
        }
        return left.is_capture ? position(inner, left.text) == position(outer, right.text) : left.text == right.text;
    }

    [[nodiscard]] bool equal(const claim_predicate& left, const claim_predicate& right) const {
        if (left.path != right.path) {
            return false;
        }
        if (right.present_only) {
            return true;
        }
        if (left.from_capture || right.from_capture) {
            return left.from_capture && right.from_capture && equal(*left.from_capture, *right.from_capture);
        }
        return !left.present_only && subset(left.values, right.values);
    }

    template <class T>
    [[nodiscard]] static bool subset(const std::vector<T>& part, const std::vector<T>& whole) {
        return std::ranges::all_of(part, [&](const T& each) { return std::ranges::find(whole, each) != whole.end(); });
    }

    /// "any of `wanted`" holds when any of `has` or all of `all` were asked for.
    [[nodiscard]] static bool any_implied(const std::vector<std::string>& wanted, const std::vector<std::string>& has,
                                          const std::vector<std::string>& all) {
        const bool by_any = !has.empty() && subset(has, wanted);
        const bool by_all =
            std::ranges::any_of(all, [&](const std::string& each) { return std::ranges::find(wanted, each) != wanted.end(); });
        return wanted.empty() || by_any || by_all;
    }

    [[nodiscard]] static bool all_implied(const std::vector<std::string>& wanted, const std::vector<std::string>& any,
                                          const std::vector<std::string>& all) {
        return std::ranges::all_of(wanted, [&](const std::string& each) {
            return std::ranges::find(all, each) != all.end() || (any.size() == 1 && any.front() == each);
        });
    }

    [[nodiscard]] bool same(const requirement& left, const requirement& right) const {
        return left.empty() == right.empty() && implies(left, right) && comparison{outer, inner, steps}.implies(right, left);
    }

    /// Whether what satisfies `has` satisfies `wanted`.
    [[nodiscard]] bool implies(const requirement& has, const requirement& wanted) const {
        constexpr std::size_t most_steps = 10'000;
        return ++steps <= most_steps && holds_direct(has, wanted) && holds_groups(has, wanted);
    }

    [[nodiscard]] bool holds_direct(const requirement& has, const requirement& wanted) const {
        const bool claims = std::ranges::all_of(wanted.claims, [&](const claim_predicate& each) {
            return std::ranges::any_of(has.claims, [&](const claim_predicate& other) { return equal(other, each); });
        });
        return (!wanted.tenant || (has.tenant && equal(*has.tenant, *wanted.tenant))) &&
               any_implied(wanted.roles, has.roles, has.all_roles) && all_implied(wanted.all_roles, has.roles, has.all_roles) &&
               any_implied(wanted.scopes, has.scopes, has.all_scopes) && all_implied(wanted.all_scopes, has.scopes, has.all_scopes) &&
               claims;
    }

    [[nodiscard]] bool holds_groups(const requirement& has, const requirement& wanted) const {
        const bool any = wanted.any.empty() ||
                         std::ranges::any_of(wanted.any, [&](const requirement& each) { return implies(has, each); }) ||
                         (!has.any.empty() && std::ranges::all_of(has.any, [&](const requirement& mine) {
                             return std::ranges::any_of(wanted.any, [&](const requirement& each) { return implies(mine, each); });
                         }));
        const auto met = [&](const requirement& each) {
            const auto by = [&](const requirement& mine) { return implies(mine, each); };
            return implies(has, each) || std::ranges::any_of(has.all, by) || std::ranges::any_of(has.policy_requirements, by);
        };
        const bool none = std::ranges::all_of(wanted.none, [&](const requirement& each) {
            return std::ranges::any_of(has.none, [&](const requirement& mine) { return same(mine, each); });
        });
        return any && none && std::ranges::all_of(wanted.all, met) && std::ranges::all_of(wanted.policy_requirements, met);
    }
};

int strength(authentication auth) {
    return auth == authentication::required ? 2 : auth == authentication::optional ? 1 : 0;
}

bool drops_enforcement(const route& inner, const route& outer) {
    return inner.observe && !outer.observe && !outer.require.empty();
}

/// A direct entry may be met inside an `all` or a policy of the inner route.
bool keeps_requirement(const route& inner, const route& outer) {
    std::size_t steps = 0;
    const comparison compared{inner, outer, steps};
    if (compared.implies(inner.require, outer.require)) {
        return true;
    }
    return std::ranges::any_of(inner.require.all, [&](const requirement& each) { return compared.implies(each, outer.require); }) ||
           std::ranges::any_of(inner.require.policy_requirements,
                               [&](const requirement& each) { return compared.implies(each, outer.require); });
}

} // namespace

bool requires_at_least(const route& inner, const route& outer) {
    // An optional identity with a requirement is a required one.
    const int has = inner.auth == authentication::optional && !inner.require.empty() ? 2 : strength(inner.auth);
    return has >= strength(outer.auth) && !drops_enforcement(inner, outer) && (outer.observe || keeps_requirement(inner, outer));
}

std::string why_less(const route& inner, const route& outer) {
    if (strength(inner.auth) < strength(outer.auth)) {
        return inner.auth == authentication::none ? "it is public" : "it lets requests without a credential pass";
    }
    return drops_enforcement(inner, outer) ? "it only observes the requirement" : "it drops a requirement";
}

} // namespace bearward::config
