// What a decision may ask of the world outside its values: the one interface.
#pragma once

#include "policies/clock.hpp"
#include "policies/need.hpp"
#include "policies/requests/client_certificate.hpp"
#include "policies/snapshot.hpp"
#include "policies/tokens/proof_memory.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <cstdint>
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
    /// Likewise, for a request that waited until its need was served: also with what was got
    /// for it alone.
    [[nodiscard]] virtual verification verify_after_need(const provider& by, std::string_view token) { return verify(by, token); }
    /// Whose the certificate is that the client showed, for a provider that takes certificates; null:
    /// none of the provider's, or there is none.
    [[nodiscard]] virtual tokens::verified_token_ptr identify(const provider& by, const requests::client_certificate* shown);
    /// Why the token counts no longer although it verifies; nothing: it counts. By default
    /// the provider's own list says.
    [[nodiscard]] virtual std::optional<refusal> find_revocation(const provider& by, const tokens::verified_token& token) const;

    /// Takes a request from a limit, or with `counts` false only looks. By default
    /// there is always one left: who asks without serving takes nothing.
    [[nodiscard]] virtual rules::rate_outcome take_rate(const rules::rate_limit& of, std::string_view key, bool counts);
    /// Uses up a DPoP proof, which counts until `until` at the latest: by its key's thumbprint and
    /// its `jti`. By default nothing can be remembered, so that no proof counts.
    [[nodiscard]] virtual tokens::proof_use use_proof(std::string_view key, std::string_view id, time_point until);
    /// Whether the token is a stand-in for an identity that is given, of which no proof is asked.
    [[nodiscard]] virtual bool vouches_for(const tokens::verified_token& token) const noexcept;

protected:
    explicit outside(time_point now) noexcept : now_(now) {}
    void set_now(time_point now) noexcept { now_ = now; }

private:
    time_point now_;
};

/// Verifies every token anew, with the keys that count now, and remembers no proof. An observer
/// sees each check.
class direct_outside final : public outside {
public:
    explicit direct_outside(time_point now, explanation* observer = nullptr) noexcept : outside(now), observer_(observer) {}
    [[nodiscard]] verification verify(const provider& by, std::string_view token) override;
    [[nodiscard]] tokens::proof_use use_proof(std::string_view key, std::string_view id, time_point until) override;

private:
    explanation* observer_;
};

/// What an endpoint is known to have said of the token, as verification; null: it is a need.
[[nodiscard]] verification verification_of(const provider& by, std::string_view token, const tokens::introspection_answer* known);

/// A refusal that other keys of the issuer could turn is a need while the provider's
/// may be outdated (key_ring), or where they are no longer those that the token was verified
/// with. `epoch`: of these. What was verified, and any other refusal, stays.
[[nodiscard]] verification unless_outdated(const provider& by, verification outcome, std::uint64_t epoch, time_point now);

/// Verifies with these keys of the provider; null: it has none. A token that no key
/// would help is refused all the same; for any other one keys are needed.
[[nodiscard]] verification verify_with(const provider& by, const jose::key_set* keys, std::string_view token,
                                       explanation* observer = nullptr);

} // namespace bearward::policies
