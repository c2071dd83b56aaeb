// The rules by which a request is judged, from its head to its end: a reload in between changes
// nothing for it.
#pragma once

#include "proxy/serving.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bearward::proxy {

namespace upstream {
class group;
}

struct rules_generation {
    serving_ptr rules;
    std::shared_ptr<const std::vector<std::shared_ptr<upstream::group>>> upstreams;
    std::uint32_t listener = 0; ///< the client's, by the numbers of `rules`
    bool for_another = false;   ///< the client is another proxy that asks about its requests
    bool trusts_peer = false;   ///< what the peer says of the client is believed

    /// Whose word about clients is believed on its listener.
    [[nodiscard]] const policies::requests::trusted_peers& trusted() const noexcept { return rules->trusted(for_another); }
    [[nodiscard]] const config::limit_settings& limits() const noexcept { return rules->settings.limits; }
    /// Of the client's listener; empty: it is closed.
    [[nodiscard]] std::string listener_name() const {
        const auto& all = rules->settings.listeners;
        return listener < all.size() ? all[listener].name : std::string();
    }
    /// No old generation lives on for an exchange that waits for its next request.
    void let_go() noexcept {
        rules.reset();
        upstreams.reset();
    }
};

} // namespace bearward::proxy
