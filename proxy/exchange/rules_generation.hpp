// The rules by which a request is judged, from its head to its end: a reload in between changes
// nothing for it.
#pragma once

#include "proxy/serving.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace bearward::proxy {

namespace upstream {
class group;
}

struct rules_generation {
    serving_ptr rules;
    std::shared_ptr<const std::vector<std::shared_ptr<upstream::group>>> upstreams;
    std::uint32_t listener = 0; ///< the client's, by the numbers of `rules`
    bool trusts_peer = false;   ///< what the peer says of the client is believed

    /// No old generation lives on for an exchange that waits for its next request.
    void let_go() noexcept {
        rules.reset();
        upstreams.reset();
    }
};

} // namespace bearward::proxy
