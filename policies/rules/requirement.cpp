#include "policies/rules/requirement.hpp"

#include "policies/explanation.hpp"
#include "policies/rules/requirement_steps.hpp"
#include "policies/tokens/claims.hpp"

#include <algorithm>
#include <charconv>
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

/// The text that an operand stands for; empty when its capture isn't bound.
std::string_view text_of(const operand& value, std::span<const capture> captures) noexcept {
    if (!value.is_capture) {
        return value.text;
    }
    const auto bound = std::ranges::find(captures, value.text, &capture::name);
    return bound == captures.end() ? std::string_view{} : std::string_view(bound->value);
}

/// Equality as JSON numbers have it: 1 and 1.0 are the same.
bool equal_values(const json::value& claim, const json::value& wanted) noexcept {
    if (claim.is_double() != wanted.is_double() && claim.is_number() && wanted.is_number()) {
        const json::value& whole = claim.is_double() ? wanted : claim;
        const double fraction = claim.is_double() ? claim.get_double() : wanted.get_double();
        constexpr double exact = 9007199254740992.0; // 2^53: integers up to here are exact in a double
        if (!(fraction >= -exact && fraction <= exact)) {
            return false;
        }
        const auto integer = static_cast<std::int64_t>(fraction);
        return static_cast<double>(integer) == fraction && whole == json::value(integer);
    }
    return claim == wanted;
}

/// Byte for byte; an integer claim is taken as its decimal text.
bool equal_text(const json::value& claim, std::string_view wanted) noexcept {
    if (claim.is_string()) {
        return std::string_view(claim.get_string()) == wanted;
    }
    char digits[24];
    std::to_chars_result written{};
    if (claim.is_int64()) {
        written = std::to_chars(std::begin(digits), std::end(digits), claim.get_int64());
    } else if (claim.is_uint64()) {
        written = std::to_chars(std::begin(digits), std::end(digits), claim.get_uint64());
    } else {
        return false;
    }
    return std::string_view(digits, static_cast<std::size_t>(written.ptr - digits)) == wanted;
}

bool holds_value(const claim_predicate& predicate, const json::value& claim, std::span<const capture> captures) noexcept {
    if (tokens::is_empty_claim(claim)) {
        return false;
    }
    if (std::ranges::any_of(predicate.values, [&](const json::value& each) { return equal_values(claim, each); })) {
        return true;
    }
    if (!predicate.from_capture) {
        return false;
    }
    const std::string_view wanted = text_of(*predicate.from_capture, captures);
    return !wanted.empty() && equal_text(claim, wanted);
}

bool holds_claim(const claim_predicate& predicate, const json::value* claim, std::span<const capture> captures) noexcept {
    if (claim == nullptr || tokens::is_empty_claim(*claim)) {
        return false;
    }
    if (predicate.present_only) {
        return true;
    }
    if (holds_value(predicate, *claim, captures)) {
        return true;
    }
    const json::array* elements = claim->if_array();
    return elements != nullptr &&
           std::ranges::any_of(*elements, [&](const json::value& each) { return holds_value(predicate, each, captures); });
}

void append_scope(std::string& out, const std::string& scope) {
    if (!out.empty()) {
        out += ' ';
    }
    out += scope;
}

/// The entries of one requirement in the order in which they are reported. An
/// observer is told all of them; without one the first unmet ends it.
class requirement_check {
public:
    requirement_check(const requirement& required, const identity& who, std::span<const capture> captures, explanation* observer)
        : required_(required), who_(who), captures_(captures), observer_(observer) {}

    [[nodiscard]] reason run() {
        (void)(tenant() && roles() && scopes() && claims() && any() && all() && none() && policies());
        return first_;
    }

private:
    /// Keeps the first refusal; whether there is more to look at.
    template <class Describe>
    bool keep(bool holds, reason otherwise, const Describe& describe) {
        const reason verdict = tell(observer_, holds ? reason::ok : otherwise, describe);
        first_ = first_ == reason::ok ? verdict : first_;
        return first_ == reason::ok || observer_ != nullptr;
    }

    bool tenant() {
        if (!required_.tenant) {
            return true;
        }
        const std::string_view wanted = text_of(*required_.tenant, captures_);
        return keep(!wanted.empty() && who_.tenant == wanted, reason::tenant_mismatch,
                    [&] { return tenant_step(*required_.tenant, who_.tenant, wanted); });
    }

    bool listed(std::string_view name, bool holds, reason otherwise, const std::vector<std::string>& held,
                const std::vector<std::string>& wanted) {
        return wanted.empty() || keep(holds, otherwise, [&] { return list_step(name, held, wanted); });
    }

    bool roles() {
        return listed("roles", has_any(who_.roles, required_.roles), reason::role_missing, who_.roles, required_.roles) &&
               listed("all_roles", has_all(who_.roles, required_.all_roles), reason::role_missing, who_.roles, required_.all_roles);
    }

    bool scopes() {
        return listed("scopes", has_any(who_.scopes, required_.scopes), reason::scope_missing, who_.scopes, required_.scopes) &&
               listed("all_scopes", has_all(who_.scopes, required_.all_scopes), reason::scope_missing, who_.scopes, required_.all_scopes);
    }

    bool claims() {
        return std::ranges::all_of(required_.claims, [&](const claim_predicate& each) {
            const json::value* const claim = tokens::find_claim(who_.claims, each.path);
            return keep(holds_claim(each, claim, captures_), reason::claim_denied, [&] {
                return claim_step(each, claim, each.from_capture ? text_of(*each.from_capture, captures_) : std::string_view{});
            });
        });
    }

    /// How many of the parts hold; without an observer only until one is as `decides`.
    std::size_t count(const std::vector<requirement>& parts, std::string_view name, bool decides) {
        std::size_t holding = 0;
        for (std::size_t index = 0; index < parts.size(); ++index) {
            const explanation::part inside(observer_, name, index);
            const bool holds = check_requirement(parts[index], who_, captures_, observer_) == reason::ok;
            holding += holds ? 1 : 0;
            if (holds == decides && observer_ == nullptr) {
                break;
            }
        }
        return holding;
    }

    bool part(std::string_view name, const std::vector<requirement>& parts, std::size_t holding, bool holds) {
        return parts.empty() || keep(holds, reason::policy_denied, [&] { return parts_step(name, holding, parts.size()); });
    }

    bool any() {
        const std::size_t holding = count(required_.any, "any", true);
        return part("any", required_.any, holding, holding != 0);
    }

    bool all() {
        const std::size_t holding = count(required_.all, "all", false);
        return part("all", required_.all, holding, holding == required_.all.size());
    }

    bool none() {
        const std::size_t holding = count(required_.none, "not", true);
        return part("not", required_.none, holding, holding == 0);
    }

    bool policies() {
        const auto& resolved = required_.policy_requirements;
        if (required_.policies.empty() && resolved.empty()) {
            return true;
        }
        const std::size_t holding = count(resolved, "policy", false);
        // A name that was not resolved into a requirement is a name that nothing satisfies.
        const bool holds = holding == resolved.size() && required_.policies.size() <= resolved.size();
        return keep(holds, reason::policy_denied, [&] { return policies_step(required_.policies, holding); });
    }

    const requirement& required_;
    const identity& who_;
    std::span<const capture> captures_;
    explanation* observer_;
    reason first_ = reason::ok;
};

} // namespace

bool requirement::empty() const noexcept {
    return roles.empty() && all_roles.empty() && scopes.empty() && all_scopes.empty() && !tenant && claims.empty() && any.empty() &&
           all.empty() && none.empty() && policies.empty() && policy_requirements.empty();
}

reason check_requirement(const requirement& required, const identity& who, std::span<const capture> captures, explanation* observer) {
    return requirement_check(required, who, captures, observer).run();
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
