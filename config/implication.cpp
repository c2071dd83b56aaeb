#include "config/implication.hpp"

#include "policies/glob.hpp"
#include "policies/requests/request_view.hpp"

#include <algorithm>

namespace bearward::config {

namespace {

using policies::rules::authentication;
using policies::rules::claim_predicate;
using policies::rules::enforcement;
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
        if (left.is_literal() != right.is_literal()) {
            // A literal segment inside of a capture: equal when it is that literal.
            const operand& literal = left.is_literal() ? left : right;
            const operand& named = left.is_literal() ? right : left;
            const route& of = left.is_literal() ? outer : inner;
            const route& other = left.is_literal() ? inner : outer;
            if (named.parts.size() != 1 || named.parts.front().from != operand::part::source::capture) {
                return false;
            }
            const std::size_t at = position(of, named.parts.front().text);
            return at < other.segments.size() && !other.segments[at].is_capture && other.segments[at].text == literal.parts.front().text;
        }
        return std::ranges::equal(left.parts, right.parts,
                                  [&](const operand::part& mine, const operand::part& theirs) { return equal(mine, theirs); });
    }

    [[nodiscard]] bool equal(const operand::part& left, const operand::part& right) const {
        if (left.from == operand::part::source::capture && right.from == operand::part::source::capture) {
            return position(inner, left.text) == position(outer, right.text);
        }
        return left.from == operand::part::source::header && right.from == operand::part::source::header
                   ? policies::requests::equal_names(left.text, right.text)
                   : left == right;
    }

    /// Whether what is accepted for `left` is accepted for `right`.
    [[nodiscard]] bool equal(const claim_predicate& left, const claim_predicate& right) const {
        if (left.path != right.path) {
            return false;
        }
        if (right.present_only) {
            return true;
        }
        const bool operands = std::ranges::all_of(left.operands, [&](const operand& each) {
            return std::ranges::any_of(right.operands, [&](const operand& other) { return equal(each, other); });
        });
        const bool values = std::ranges::all_of(left.values, [&](const boost::json::value& each) {
            const bool fits = right.pattern && each.is_string() && policies::matches_glob(*right.pattern, each.get_string());
            return fits || std::ranges::find(right.values, each) != right.values.end();
        });
        return !left.present_only && operands && values && (!left.pattern || left.pattern == right.pattern);
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
               (wanted.acr.empty() || (!has.acr.empty() && subset(has.acr, wanted.acr))) &&
               (!wanted.max_age || (has.max_age && *has.max_age <= *wanted.max_age)) && claims;
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

int strength(const route& of) {
    if (of.mode == enforcement::observe_all) {
        return 0;
    }
    return of.auth == authentication::required ? 2 : of.auth == authentication::optional ? 1 : 0;
}

bool drops_enforcement(const route& inner, const route& outer) {
    return inner.mode != enforcement::enforce && outer.mode == enforcement::enforce && !outer.require.empty();
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
    // An optional identity with a requirement that is enforced is a required one.
    const bool demands = inner.auth == authentication::optional && !inner.require.empty() && inner.mode == enforcement::enforce;
    const int has = demands ? 2 : strength(inner);
    return has >= strength(outer) && !drops_enforcement(inner, outer) &&
           (outer.mode != enforcement::enforce || keeps_requirement(inner, outer));
}

std::string why_less(const route& inner, const route& outer) {
    if (strength(inner) < strength(outer)) {
        if (inner.mode == enforcement::observe_all) {
            return "it only observes what is denied";
        }
        return inner.auth == authentication::none ? "it is public" : "it lets requests without a credential pass";
    }
    return drops_enforcement(inner, outer) ? "it only observes the requirement" : "it drops a requirement";
}

} // namespace bearward::config
