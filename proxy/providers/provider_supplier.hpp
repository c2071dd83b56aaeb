// What decisions need of providers: keys, or what their issuers say of a token; and what their issuers revoke.
#pragma once

#include "proxy/providers/introspection_client.hpp"
#include "proxy/providers/key_sources.hpp"
#include "proxy/providers/revocations.hpp"

namespace bearward::proxy::providers {

class provider_supplier final : public supplier {
public:
    /// All must outlive this.
    provider_supplier(key_sources& keys, introspection_client& answers, revocations& revoked)
        : keys_(keys), answers_(answers), revoked_(revoked) {}

    [[nodiscard]] std::chrono::milliseconds begin(const policies::need& what, ready_loop& on, std::function<void()> over) override {
        const bool asks = what.what == policies::need::kind::answer;
        return asks ? answers_.begin(what, on, std::move(over)) : keys_.begin(what, on, std::move(over));
    }

    [[nodiscard]] std::chrono::milliseconds keep(std::vector<revocation_order> orders, ready_loop& on,
                                                 std::function<void(bool)> done) override {
        revoked_.keep_all(std::move(orders), [&on, done = std::move(done)](bool kept) { on.post([done, kept] { done(kept); }); });
        return longest_keeping;
    }

private:
    /// A Redis that answers is asked four times, after a connection.
    static constexpr std::chrono::seconds longest_keeping{10};

    key_sources& keys_;
    introspection_client& answers_;
    revocations& revoked_;
};

} // namespace bearward::proxy::providers
