// What the workers of one service count and remember together.
#pragma once

#include "policies/rules/rate_table.hpp"
#include "policies/tokens/proof_memory.hpp"
#include "proxy/address_counts.hpp"
#include "proxy/notice_memory.hpp"
#include "proxy/random_hash_key.hpp"
#include "proxy/socket_registry.hpp"
#include "proxy/telemetry/span_queues.hpp"

#include <atomic>
#include <cstdint>

namespace bearward::proxy {

/// What the workers of one service share: written when connections come and go, and by
/// requests of routes with a rate limit or with a DPoP proof.
struct shared_counts {
    policies::rules::rate_table rates{random_hash_key()};
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> websockets{0};
    address_counts addresses;
    address_counts users; ///< their WebSockets
    socket_registry named_sockets;
    policies::tokens::proof_memory proofs;
    notice_memory notices;
    span_queues spans; ///< of requests that are traced
};

} // namespace bearward::proxy
