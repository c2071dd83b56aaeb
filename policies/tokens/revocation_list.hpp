// The credentials that count no longer although they verify: by token (`jti`),
// user or tenant. Immutable; looking up allocates nothing.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace bearward::policies::tokens {

class revocation_list;

/// Why a list was refused: the line, from 1, and a sentence.
struct revocation_error {
    std::size_t line = 0;
    std::string what;
};

/// Lines `jti:ID`, `user:ID` and `tenant:ID`; white space around a line, blank
/// lines and lines that start with `#` count for nothing. An ID may hold spaces
/// and colons, but no control characters.
[[nodiscard]] std::expected<revocation_list, revocation_error> parse_revocation_list(std::string_view text);

class revocation_list {
public:
    /// Whether one of them is listed. What is empty (the credential doesn't say)
    /// is never listed.
    [[nodiscard]] bool revokes(std::string_view token_id, std::string_view user, std::string_view tenant) const noexcept {
        return token_ids_.contains(token_id) || users_.contains(user) || tenants_.contains(tenant);
    }

    [[nodiscard]] std::size_t size() const noexcept { return token_ids_.size() + users_.size() + tenants_.size(); }

private:
    friend std::expected<revocation_list, revocation_error> parse_revocation_list(std::string_view text);

    struct text_hash {
        using is_transparent = void; // look-ups by view
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    using names = std::unordered_set<std::string, text_hash, std::equal_to<>>;

    names token_ids_;
    names users_;
    names tenants_;
};

} // namespace bearward::policies::tokens
