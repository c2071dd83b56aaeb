// Resolves requirements: policies by name, operands against the route.
#pragma once

#include "config/operand_names.hpp"
#include "config/reading.hpp"
#include "config/settings.hpp"
#include "policies/rules/requirement.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace bearward::config {

class requirement_resolver {
public:
    /// Checks the policies among themselves: dangling names, cycles.
    requirement_resolver(reading& state, const settings& from);

    [[nodiscard]] policies::rules::requirement resolve(const requirement_settings& from, const operand_scope& scope);

private:
    struct context {
        const operand_scope& scope;
        const place* policy_used_at = nullptr; ///< where the route names the policy that is being read
        std::string policy;                    ///< its name
    };

    [[nodiscard]] const policy_settings* find(const std::string& name) const;
    void check_names(const requirement_settings& from);
    void check_cycles();
    bool visit(const requirement_settings& from, std::vector<const policy_settings*>& stack, std::set<const policy_settings*>& done);
    [[nodiscard]] policies::rules::requirement expand(const requirement_settings& from, const context& around);
    [[nodiscard]] std::vector<policies::rules::requirement> expand_all(const std::vector<requirement_settings>& from,
                                                                       const context& around);
    void expand_policies(const requirement_settings& from, const context& around, policies::rules::requirement& out);
    void check_operand(const policies::rules::operand& used, const place& at, const context& around);

    reading& state_;
    const settings& from_;
    std::vector<std::string> names_; ///< of the policies
    std::unordered_map<std::string, const policy_settings*> policies_;
    bool sound_ = true; ///< no cycles
    std::size_t expanded_ = 0;
};

/// "no upstream is named 'x'; there are: a, b; did you mean 'a'?"
[[nodiscard]] std::string name_not_found(const std::string& what, const std::string& name, const std::vector<std::string>& names);

} // namespace bearward::config
