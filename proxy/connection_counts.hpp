// How many connections are open, over all workers.
#pragma once

#include <cstdint>

namespace bearward::proxy {

struct connection_counts {
    std::uint64_t connections = 0; ///< open client connections
    std::uint64_t exchanges = 0;   ///< requests being served
    std::uint64_t websockets = 0;  ///< open tunnels
};

} // namespace bearward::proxy
