// What is noted and signed of a permitted request, whoever forwards it.
#pragma once

#include "policies/decision.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/exchange.hpp"

#include <string_view>

namespace bearward::proxy {

/// Begins the record of a permitted request, and notes the decision.
void record_permit(const client_stream& client, exchange& x, const policies::permit& leave);

/// Who asks, signed for the upstream; without value where no identity asks, without name where nothing is signed.
[[nodiscard]] http::header make_assertion(exchange& x, const policies::permit& leave, std::string_view upstream);

} // namespace bearward::proxy
