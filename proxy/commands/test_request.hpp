// The request of a policy test, with a stand-in for a credential where the route
// would look for one. Internal to policy_tests.
#pragma once

#include "config/settings.hpp"
#include "policies/outside.hpp"
#include "proxy/serving.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace bearward::proxy::commands {

/// A policy test as the code that serves gets it.
struct test_request_head {
    std::string head;                       ///< the bytes of the request's head
    std::uint32_t listener = 0;             ///< where it comes to
    std::optional<std::string> stand_in{};  ///< of the credential that `head` carries; nothing: none
    const policies::provider* by = nullptr; ///< whose credential that is
    bool shows_certificate = false;         ///< the credential is a certificate, which the listener asks for
};

/// The head of the test's request, with a credential of its identity in the first
/// place where the route that it matches looks for one.
[[nodiscard]] test_request_head make_test_request(const serving& rules, const config::test_settings& test);

/// Knows one credential, the stand-in: it verifies as the test's identity, by its
/// own provider only. Others are verified in earnest.
class test_outside final : public policies::outside {
public:
    test_outside(const config::test_settings& test, const test_request_head& request, policies::time_point now);
    [[nodiscard]] policies::verification verify(const policies::provider& by, std::string_view token) override;
    /// The test's identity, where that is by a certificate of this provider.
    [[nodiscard]] policies::tokens::verified_token_ptr identify(const policies::provider& by,
                                                                const policies::requests::client_certificate* shown) override;
    /// The identity is given: no certificate and no DPoP proof is asked of it.
    [[nodiscard]] bool vouches_for(const policies::tokens::verified_token& token) const noexcept override { return &token == known_.get(); }
    /// Who is revoked today is no part of a policy.
    [[nodiscard]] std::optional<policies::refusal> find_revocation(const policies::provider& by,
                                                                   const policies::tokens::verified_token& token) const override {
        return vouches_for(token) ? std::nullopt : outside::find_revocation(by, token);
    }
    [[nodiscard]] policies::tokens::proof_use use_proof(std::string_view key, std::string_view id, policies::time_point until) override {
        return others_.use_proof(key, id, until);
    }

private:
    const test_request_head& request_;
    policies::tokens::verified_token_ptr known_;
    policies::direct_outside others_;
};

} // namespace bearward::proxy::commands
