#include "config/requirements.hpp"

#include "config/encoding.hpp"
#include "config/suggestion.hpp"

#include <algorithm>

namespace bearward::config {

namespace {

/// Policies that name policies can double at every step; this bounds what they
/// come to in all routes together.
constexpr std::size_t most_expanded = 100'000;

} // namespace

std::string name_not_found(const std::string& what, const std::string& name, const std::vector<std::string>& names) {
    constexpr std::size_t most_listed = 12;
    const std::vector<std::string> listed(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most_listed)));
    const std::string known = names.empty() ? "there are none" : "there are: " + join(listed) + (names.size() > most_listed ? ", ..." : "");
    return "no " + what + " is named " + quote(name) + "; " + known + suggest(name, names);
}

requirement_resolver::requirement_resolver(reading& state, const settings& from) : state_(state), from_(from) {
    for (const policy_settings& each : from_.policies) {
        names_.push_back(each.name);
        policies_.emplace(each.name, &each);
        if (each.name.find_first_of("{}*") != std::string::npos) {
            state_.error(each.at, "a policy's name has no braces and no `*`: nothing stands for them there");
        }
    }
    for (const policy_settings& each : from_.policies) {
        check_names(each.require);
    }
    check_cycles();
}

const policy_settings* requirement_resolver::find(const std::string& name) const {
    const auto found = policies_.find(name);
    return found != policies_.end() ? found->second : nullptr;
}

void requirement_resolver::check_names(const requirement_settings& from) {
    for (const located_text& each : from.policies) {
        if (!each.value.empty() && find(each.value) == nullptr) {
            state_.error(each.at, name_not_found("policy", each.value, names_));
        }
    }
    for (const auto* group : {&from.any, &from.all, &from.none}) {
        for (const requirement_settings& each : *group) {
            check_names(each);
        }
    }
}

void requirement_resolver::check_cycles() {
    std::set<const policy_settings*> done;
    for (const policy_settings& each : from_.policies) {
        std::vector<const policy_settings*> stack{&each};
        if (!done.contains(&each) && !visit(each.require, stack, done)) {
            sound_ = false;
            return;
        }
        done.insert(&each);
    }
}

bool requirement_resolver::visit(const requirement_settings& from, std::vector<const policy_settings*>& stack,
                                 std::set<const policy_settings*>& done) {
    for (const located_text& each : from.policies) {
        const policy_settings* policy = find(each.value);
        if (policy == nullptr || done.contains(policy)) {
            continue;
        }
        if (std::ranges::find(stack, policy) != stack.end()) {
            state_.error(each.at, "the policy " + quote(each.value) + " comes back to itself here");
            return false;
        }
        constexpr std::size_t deepest = 64;
        if (stack.size() >= deepest) {
            state_.error(each.at, "policies that name policies go deeper than " + std::to_string(deepest) + " levels");
            return false;
        }
        stack.push_back(policy);
        if (!visit(policy->require, stack, done)) {
            return false;
        }
        stack.pop_back();
        done.insert(policy);
    }
    for (const auto* group : {&from.any, &from.all, &from.none}) {
        for (const requirement_settings& each : *group) {
            if (!visit(each, stack, done)) {
                return false;
            }
        }
    }
    return true;
}

policies::rules::requirement requirement_resolver::resolve(const requirement_settings& from, const operand_scope& scope) {
    check_names(from);
    return expand(from, {scope, nullptr, {}});
}

policies::rules::requirement requirement_resolver::expand(const requirement_settings& from, const context& around) {
    policies::rules::requirement made;
    if (++expanded_ > most_expanded) {
        if (expanded_ == most_expanded + 1) {
            state_.error(around.policy_used_at != nullptr ? *around.policy_used_at : from.at,
                         "the requirements come to more than " + std::to_string(most_expanded) + " parts with their policies");
        }
        return made;
    }
    made.roles = from.roles;
    made.all_roles = from.all_roles;
    made.scopes = from.scopes;
    made.all_scopes = from.all_scopes;
    made.tenant = from.tenant.value;
    if (made.tenant) {
        check_operand(*made.tenant, from.tenant.at, around);
    }
    for (const claim_settings& each : from.claims) {
        for (const policies::rules::operand& used : each.operands) {
            check_operand(used, each.at, around);
        }
        made.claims.push_back({each.path, each.present_only, each.values, each.operands, each.pattern});
    }
    made.acr = from.acr;
    if (from.max_age) {
        made.max_age = std::chrono::floor<std::chrono::seconds>(*from.max_age);
    }
    made.any = expand_all(from.any, around);
    made.all = expand_all(from.all, around);
    made.none = expand_all(from.none, around);
    expand_policies(from, around, made);
    return made;
}

std::vector<policies::rules::requirement> requirement_resolver::expand_all(const std::vector<requirement_settings>& from,
                                                                           const context& around) {
    std::vector<policies::rules::requirement> made;
    made.reserve(from.size());
    for (const requirement_settings& each : from) {
        made.push_back(expand(each, around));
    }
    return made;
}

void requirement_resolver::expand_policies(const requirement_settings& from, const context& around, policies::rules::requirement& out) {
    for (const located_text& each : from.policies) {
        const policy_settings* policy = find(each.value);
        if (policy == nullptr || !sound_) {
            continue;
        }
        const bool outermost = around.policy_used_at == nullptr;
        const context inside{around.scope, outermost ? &each.at : around.policy_used_at, outermost ? each.value : around.policy};
        out.policies.push_back(each.value);
        out.policy_requirements.push_back(expand(policy->require, inside));
    }
}

void requirement_resolver::check_operand(const policies::rules::operand& used, const place& at, const context& around) {
    for (const policies::rules::operand::part& each : used.parts) {
        const std::string fault = fault_of(each, around.scope, from_);
        if (fault.empty()) {
            continue;
        }
        if (around.policy_used_at != nullptr) {
            state_.error(*around.policy_used_at,
                         "the policy " + quote(around.policy) + " uses " + escape_for_message(written(each)) + ", but " + fault);
        } else {
            state_.error(at, fault);
        }
    }
}

} // namespace bearward::config
