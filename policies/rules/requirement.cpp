#include "policies/rules/requirement.hpp"

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

const json::value* find_claim(const json::object& claims, const tokens::claim_path& path) noexcept {
    const json::object* level = &claims;
    const json::value* found = nullptr;
    for (const std::string& name : path) {
        found = level == nullptr ? nullptr : level->if_contains(name);
        if (found == nullptr) {
            return nullptr;
        }
        level = found->if_object();
    }
    return found;
}

/// Null, "", [] and {} are claims that say nothing.
bool is_blank(const json::value& claim) noexcept {
    return claim.is_null() || (claim.is_string() && claim.get_string().empty()) || (claim.is_array() && claim.get_array().empty()) ||
           (claim.is_object() && claim.get_object().empty());
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
    if (is_blank(claim)) {
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

bool holds_claim(const claim_predicate& predicate, const identity& who, std::span<const capture> captures) noexcept {
    const json::value* claim = find_claim(who.claims, predicate.path);
    if (claim == nullptr || is_blank(*claim)) {
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

} // namespace

bool requirement::empty() const noexcept {
    return roles.empty() && all_roles.empty() && scopes.empty() && all_scopes.empty() && !tenant && claims.empty() && any.empty() &&
           all.empty() && none.empty() && policies.empty() && policy_requirements.empty();
}

reason check_requirement(const requirement& required, const identity& who, std::span<const capture> captures) {
    const auto holds = [&](const requirement& inner) { return check_requirement(inner, who, captures) == reason::ok; };
    if (required.tenant) {
        const std::string_view wanted = text_of(*required.tenant, captures);
        if (wanted.empty() || who.tenant != wanted) {
            return reason::tenant_mismatch;
        }
    }
    if (!has_any(who.roles, required.roles) || !has_all(who.roles, required.all_roles)) {
        return reason::role_missing;
    }
    if (!has_any(who.scopes, required.scopes) || !has_all(who.scopes, required.all_scopes)) {
        return reason::scope_missing;
    }
    if (!std::ranges::all_of(required.claims, [&](const claim_predicate& each) { return holds_claim(each, who, captures); })) {
        return reason::claim_denied;
    }
    // A name that was not resolved into a requirement is a name that nothing satisfies.
    const bool combined = (required.any.empty() || std::ranges::any_of(required.any, holds)) && std::ranges::all_of(required.all, holds) &&
                          std::ranges::none_of(required.none, holds) && required.policies.size() <= required.policy_requirements.size() &&
                          std::ranges::all_of(required.policy_requirements, holds);
    return combined ? reason::ok : reason::policy_denied;
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
