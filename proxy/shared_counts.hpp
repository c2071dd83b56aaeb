// What the workers of one server count together.
#pragma once

#include "proxy/address_counts.hpp"

#include <atomic>
#include <cstdint>

namespace bearward::proxy {

/// What the workers of one server share: written when connections come and go,
/// never for a request.
struct shared_counts {
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> websockets{0};
    address_counts addresses;
};

} // namespace bearward::proxy
