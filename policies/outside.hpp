// What a decision may ask of the world outside its values: the one interface.
#pragma once

#include "policies/clock.hpp"
#include "policies/need.hpp"
#include "policies/snapshot.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <expected>
#include <optional>
#include <string_view>
#include <variant>

namespace bearward::policies {

class explanation;

/// Why there is no verified token: it is refused, or nobody can say yet.
using unverified = std::variant<refusal, need>;
using verification = std::expected<tokens::verified_token_ptr, unverified>;

/// Answers at once, from memory: nothing waits in a decision. For one thread.
class outside {
public:
    virtual ~outside() = default;

    /// The time of this decision.
    [[nodiscard]] time_point now() const noexcept { return now_; }
    /// The half of verification that does not depend on time (verify_token).
    [[nodiscard]] virtual verification verify(const provider& by, std::string_view token) = 0;
    /// Why the token counts no longer although it verifies; nothing: it counts. By default
    /// the provider's own list says.
    [[nodiscard]] virtual std::optional<refusal> find_revocation(const provider& by, const tokens::verified_token& token) const;

protected:
    explicit outside(time_point now) noexcept : now_(now) {}
    void set_now(time_point now) noexcept { now_ = now; }

private:
    time_point now_;
};

/// Verifies every token anew, with the keys that count now. An observer sees each check.
class direct_outside final : public outside {
public:
    explicit direct_outside(time_point now, explanation* observer = nullptr) noexcept : outside(now), observer_(observer) {}
    [[nodiscard]] verification verify(const provider& by, std::string_view token) override;

private:
    explanation* observer_;
};

/// Verifies with these keys of the provider; null: it has none. A token that no key
/// would help is refused all the same; for any other one keys are needed.
[[nodiscard]] verification verify_with(const provider& by, const jose::key_set* keys, std::string_view token,
                                       explanation* observer = nullptr);

} // namespace bearward::policies
