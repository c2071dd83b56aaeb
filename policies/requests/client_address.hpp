// Who the client is, behind proxies that are trusted (policies/BEHAVIOUR.md 16). What a client
// writes into X-Forwarded-For itself stands left of what proxies add, and is
// never reached.
#pragma once

#include "policies/requests/network.hpp"
#include "policies/requests/request_view.hpp"

#include <span>
#include <string_view>

namespace bearward::policies::requests {

/// The rightmost address of X-Forwarded-For that is no trusted proxy, without
/// port; the leftmost when all are. What is no address ends the search at the
/// proxy that wrote it. `peer`, the address of the connection (empty: a unix
/// socket), when it isn't trusted or there is no X-Forwarded-For. A view of
/// `peer` or of the headers.
[[nodiscard]] std::string_view find_client_address(std::string_view peer, std::span<const header> headers, const trusted_peers& trusted);

} // namespace bearward::policies::requests
