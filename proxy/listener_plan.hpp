// Which listening sockets a configuration needs: opened at the start, and at a
// reload only where an address is new.
#pragma once

#include "config/settings.hpp"
#include "proxy/bound_listener.hpp"
#include "proxy/event/inherited_sockets.hpp"
#include "proxy/worker.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace bearward::proxy {

struct listener_plan {
    std::vector<bound_listener> bound;    ///< by index of the wanted listeners
    std::vector<listener_change> changes; ///< by worker
    std::vector<socket_file> abandoned;   ///< of unix sockets that nobody listens on any more
};

/// What each worker's listeners become when `had` (with the addresses `bound`)
/// become `wanted`. Opens the new ones, or takes them out of `inherited`; throws std::runtime_error when
/// one can't be bound, and then has opened nothing.
[[nodiscard]] listener_plan plan_listeners(const std::vector<config::listener_settings>& had, const std::vector<bound_listener>& bound,
                                           const std::vector<config::listener_settings>& wanted, std::size_t workers,
                                           inherited_sockets& inherited);

} // namespace bearward::proxy
