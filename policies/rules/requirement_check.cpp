#include "policies/rules/requirement_check.hpp"

#include "policies/explanation.hpp"
#include "policies/rules/requirement_steps.hpp"
#include "policies/rules/step_up.hpp"
#include "policies/tokens/claim_comparison.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace bearward::policies::rules {
namespace {

namespace json = boost::json;

bool has(const std::vector<std::string>& held, std::string_view wanted) noexcept {
    return !wanted.empty() && std::ranges::find(held, wanted) != held.end();
}

bool has_any(const std::vector<std::string>& held, const std::vector<std::string>& wanted) noexcept {
    return wanted.empty() || std::ranges::any_of(wanted, [&](const std::string& each) { return has(held, each); });
}

bool has_all(const std::vector<std::string>& held, const std::vector<std::string>& wanted) noexcept {
    return std::ranges::all_of(wanted, [&](const std::string& each) { return has(held, each); });
}

void append_scope(std::string& out, const std::string& scope) {
    if (!out.empty()) {
        out += ' ';
    }
    out += scope;
}

/// How many parts of any, all, not or policy hold, and how many nobody can tell.
struct tally {
    std::size_t yes = 0;
    std::size_t unknown = 0;
    std::size_t by_step_up = 0; ///< of those that don't hold: a login alone would change it
};

truth any_of(const tally& counted) noexcept {
    return counted.yes != 0 ? truth::yes : counted.unknown != 0 ? truth::unknown : truth::no;
}

truth all_of(const tally& counted, std::size_t parts) noexcept {
    return counted.yes == parts ? truth::yes : counted.yes + counted.unknown == parts ? truth::unknown : truth::no;
}

/// The entries of one requirement in the order in which they are reported. An
/// observer gets all of them; without one the first that does not hold ends it.
/// An unknown one does not: under `not` a later one may decide.
class requirement_check {
public:
    requirement_check(const requirement& required, const identity& who, const operand_values& values, explanation* observer)
        : required_(required), who_(who), values_(values), observer_(observer) {}

    [[nodiscard]] requirement_verdict run() {
        (void)(tenant() && roles() && scopes() && claims() && any() && all() && none() && policies() && step_up());
        if (verdict_.why == reason::ok && parts_without_login_ != truth::yes) {
            verdict_.why = reason::step_up_required;
        }
        verdict_.holds = std::min(verdict_.holds, parts_without_login_);
        if (torn_ || verdict_.holds != truth::yes) {
            verdict_.tenant = {};
        }
        return verdict_;
    }

private:
    /// Keeps the first refusal; whether there is more to look at.
    template <class Describe>
    bool keep(truth holds, reason otherwise, const Describe& describe) {
        const reason met = tell(observer_, holds == truth::yes ? reason::ok : otherwise, describe);
        verdict_.why = verdict_.why == reason::ok ? met : verdict_.why;
        verdict_.holds = std::min(verdict_.holds, holds);
        return verdict_.holds != truth::no || observer_ != nullptr;
    }

    /// Of several tenants, which one was asked for; asked for two of them it is none.
    void choose(std::string_view tenant) {
        torn_ = torn_ || (!tenant.empty() && !verdict_.tenant.empty() && verdict_.tenant != tenant);
        verdict_.tenant = tenant.empty() ? verdict_.tenant : tenant;
    }

    bool tenant() {
        if (!required_.tenant) {
            return true;
        }
        std::string memory;
        const auto wanted = resolve(*required_.tenant, values_, memory);
        truth holds = truth::unknown;
        if (wanted && !who_.unknown.tenant) {
            const auto several = std::ranges::find(who_.tenants, *wanted);
            holds = to_truth(who_.tenant == *wanted || several != who_.tenants.end());
            choose(several != who_.tenants.end() ? std::string_view(*several) : std::string_view{});
        }
        return keep(holds, reason::tenant_mismatch, [&] { return tenant_step(*required_.tenant, who_, wanted); });
    }

    bool listed(std::string_view name, bool holds, reason otherwise, bool unknown, const std::vector<std::string>& held,
                const std::vector<std::string>& wanted) {
        return wanted.empty() ||
               keep(unknown ? truth::unknown : to_truth(holds), otherwise, [&] { return list_step(name, held, wanted, unknown); });
    }

    bool roles() {
        const bool unknown = who_.unknown.roles;
        return listed("roles", has_any(who_.roles, required_.roles), reason::role_missing, unknown, who_.roles, required_.roles) &&
               listed("all_roles", has_all(who_.roles, required_.all_roles), reason::role_missing, unknown, who_.roles,
                      required_.all_roles);
    }

    bool scopes() {
        const bool unknown = who_.unknown.scopes;
        return listed("scopes", has_any(who_.scopes, required_.scopes), reason::scope_missing, unknown, who_.scopes, required_.scopes) &&
               listed("all_scopes", has_all(who_.scopes, required_.all_scopes), reason::scope_missing, unknown, who_.scopes,
                      required_.all_scopes);
    }

    /// Any of the values or operands. One that is unknown might be equal.
    truth judge(const claim_predicate& each, const json::value* claim) const {
        truth best = truth::no;
        if (each.present_only || each.pattern || !each.values.empty()) {
            best = tokens::compare_claim(claim, {.present_only = each.present_only, .values = each.values, .pattern = each.pattern});
        }
        for (const operand& equal_to : each.operands) {
            std::string memory;
            const auto wanted = resolve(equal_to, values_, memory);
            best = std::max(best, wanted ? tokens::compare_claim(claim, *wanted) : truth::unknown);
        }
        return best;
    }

    bool claims() {
        return std::ranges::all_of(required_.claims, [&](const claim_predicate& each) {
            const tokens::found_claim found = tokens::look_up(who_.claims, each.path);
            const truth holds = found.readable ? judge(each, found.value) : truth::unknown;
            return keep(holds, reason::claim_denied, [&] { return claim_step(each, found, values_, holds); });
        });
    }

    bool step_up() {
        const truth acr = required_.acr.empty() ? truth::yes : check_acr(required_, who_);
        const bool goes_on = required_.acr.empty() || keep(acr, reason::step_up_required, [&] { return acr_step(required_, who_); });
        if (!goes_on || !required_.max_age) {
            return goes_on;
        }
        const truth fresh = check_max_age(required_, who_, values_.now, values_.clock_skew);
        return keep(fresh, reason::step_up_required, [&] { return max_age_step(required_, who_, values_.now); });
    }

    /// What the parts come to; without an observer only until one is as `decides`.
    /// `chosen`: whether their tenants count, those of the first that holds or of all.
    enum class choice : std::uint8_t { none, first, all };
    tally count(const std::vector<requirement>& parts, std::string_view name, truth decides, choice chosen) {
        tally counted;
        for (std::size_t index = 0; index < parts.size(); ++index) {
            const explanation::part inside(observer_, name, index);
            const requirement_verdict made = check_requirement(parts[index], who_, values_, observer_);
            if (chosen == choice::all || (chosen == choice::first && counted.yes == 0)) {
                choose(made.tenant);
            }
            counted.yes += made.holds == truth::yes ? 1 : 0;
            counted.unknown += made.holds == truth::unknown ? 1 : 0;
            const bool by_step_up = made.why == reason::step_up_required;
            counted.by_step_up += by_step_up ? 1 : 0;
            if (made.holds == decides && !by_step_up && observer_ == nullptr) {
                break;
            }
        }
        return counted;
    }

    bool part(std::string_view name, const std::vector<requirement>& parts, const tally& counted, truth holds) {
        return parts.empty() ||
               keep(holds, reason::policy_denied, [&] { return parts_step(name, counted.yes, counted.unknown, parts.size()); });
    }

    /// Parts that all must hold: where none is unmet but by its login, the reason waits for
    /// what else there is.
    template <class Describe>
    bool keep_all(truth holds, const tally& counted, std::size_t parts, const Describe& describe) {
        const bool by_login = holds != truth::yes && counted.yes + counted.by_step_up == parts;
        if (!by_login) {
            return keep(holds, reason::policy_denied, describe);
        }
        tell(observer_, reason::step_up_required, describe);
        parts_without_login_ = std::min(parts_without_login_, holds);
        return true;
    }

    bool any() {
        const tally counted = count(required_.any, "any", truth::yes, choice::first);
        return part("any", required_.any, counted, any_of(counted));
    }

    bool all() {
        const tally counted = count(required_.all, "all", truth::no, choice::all);
        const std::size_t parts = required_.all.size();
        return parts == 0 ||
               keep_all(all_of(counted, parts), counted, parts, [&] { return parts_step("all", counted.yes, counted.unknown, parts); });
    }

    bool none() {
        const tally counted = count(required_.none, "not", truth::yes, choice::none);
        return part("not", required_.none, counted, negate(any_of(counted)));
    }

    bool policies() {
        const auto& resolved = required_.policy_requirements;
        if (required_.policies.empty() && resolved.empty()) {
            return true;
        }
        const tally counted = count(resolved, "policy", truth::no, choice::all);
        // A name that was not resolved into a requirement is a name that nothing satisfies.
        const std::size_t parts = std::max(required_.policies.size(), resolved.size());
        return keep_all(all_of(counted, parts), counted, parts,
                        [&] { return policies_step(required_.policies, counted.yes, counted.unknown); });
    }

    const requirement& required_;
    const identity& who_;
    const operand_values& values_;
    explanation* observer_;
    requirement_verdict verdict_;
    truth parts_without_login_ = truth::yes; ///< what `all` and policies come to where only a login is unmet
    bool torn_ = false;                      ///< more than one of several tenants was asked for
};

} // namespace

requirement_verdict check_requirement(const requirement& required, const identity& who, const operand_values& values,
                                      explanation* observer) {
    return requirement_check(required, who, values, observer).run();
}

std::string missing_scopes(const requirement& required, const identity& who) {
    std::string missing;
    if (!has_any(who.scopes, required.scopes)) {
        for (const std::string& scope : required.scopes) {
            append_scope(missing, scope);
        }
    }
    for (const std::string& scope : required.all_scopes) {
        const bool listed = !missing.empty() && has(required.scopes, scope) && !has_any(who.scopes, required.scopes);
        if (!has(who.scopes, scope) && !listed) {
            append_scope(missing, scope);
        }
    }
    return missing;
}

} // namespace bearward::policies::rules
