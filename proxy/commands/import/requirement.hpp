// What an identity must satisfy, as a tree that can be compared and written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bearward::proxy::commands::importing {

struct requirement {
    enum class kind : std::uint8_t {
        equals,  ///< the claim is one of the values
        matches, ///< the claim is like the pattern, which is the one value
        present,
        roles, ///< one of the values
        any,
        all,
        none ///< not of the one part
    };
    kind type = kind::any;
    std::string claim;
    std::vector<std::string> values;
    std::vector<requirement> parts;

    friend bool operator==(const requirement&, const requirement&) = default;
};

[[nodiscard]] requirement claim_is(std::string claim, std::vector<std::string> values);
/// A pattern whose only `*` stands at one of its ends; nothing where the text has what would mean more.
[[nodiscard]] bool can_be_pattern(const std::string& text);
[[nodiscard]] requirement claim_matches(std::string claim, std::string pattern);
[[nodiscard]] requirement claim_present(std::string claim);
[[nodiscard]] requirement has_role(std::vector<std::string> roles);
/// One part alone is that part.
[[nodiscard]] requirement any_of(std::vector<requirement> parts);
[[nodiscard]] requirement all_of(std::vector<requirement> parts);
[[nodiscard]] requirement none_of(requirement part);

/// As YAML in flow style: `{claims: {"email": {matches: "*@example.com"}}}`.
[[nodiscard]] std::string to_yaml(const requirement& needs);
[[nodiscard]] std::string to_yaml(const std::vector<requirement>& needs);

/// The value of a claim alone, as `required_claims` takes it.
[[nodiscard]] std::string value_to_yaml(const requirement& needs);

} // namespace bearward::proxy::commands::importing
