// The tokens that clients bring, and what is true of each.
#pragma once

#include "tests/simulation/choices.hpp"
#include "tests/simulation/timeline.hpp"

#include <string>
#include <string_view>

namespace bearward::simulation {

inline constexpr std::string_view token_secret = "a secret of the simulation with more than 32 bytes";

struct credential {
    std::string token; ///< empty: none
    std::string user;
    std::string id; ///< jti
    std::string tenant;
    std::string role;
    bool genuine = false;            ///< signed by the issuer, for this audience
    bool revoked = false;            ///< where the rules look at revocations
    nanoseconds expires = 24h * 365; ///< by timeline::now()

    [[nodiscard]] bool given() const noexcept { return !token.empty(); }
};

/// Any of them: none, good, expired, forged, for somebody else, without signature, revoked,
/// or one that expires soon. The same number is the same credential in every scenario.
[[nodiscard]] const credential& choose_credential(choices& random);
/// One that is good for so many seconds of the scenario.
[[nodiscard]] const credential& credential_until(unsigned seconds);
/// One of this person, with an ID of its own, by which it can be revoked; good for so many seconds of the scenario.
[[nodiscard]] const credential& named_credential(unsigned person, unsigned seconds);
inline constexpr unsigned person_count = 3;
/// The lines of a revocation file.
[[nodiscard]] std::string revocation_lines();

} // namespace bearward::simulation
