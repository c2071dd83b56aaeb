// Where decide() gets verified tokens from.
#pragma once

#include "policies/refusal.hpp"
#include "policies/snapshot.hpp"

#include <expected>
#include <string_view>

namespace bearward::policies {

class explanation;

/// Where decide() gets verified tokens from. The default verifies every time; a
/// worker's token cache remembers.
class token_source {
public:
    virtual ~token_source() = default;
    [[nodiscard]] virtual std::expected<tokens::verified_token_ptr, refusal> verify(const provider& by, std::string_view token) = 0;
};

/// Verifies every token anew. An observer sees each check of the verification.
class direct_token_source final : public token_source {
public:
    explicit direct_token_source(explanation* observer = nullptr) noexcept : observer_(observer) {}
    [[nodiscard]] std::expected<tokens::verified_token_ptr, refusal> verify(const provider& by, std::string_view token) override;

private:
    explanation* observer_;
};

} // namespace bearward::policies
