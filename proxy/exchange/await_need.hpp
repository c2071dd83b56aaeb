// What a request waits for when its decision needs something from outside.
#pragma once

#include "policies/need.hpp"
#include "proxy/event/net.hpp"

#include <cstdint>

namespace bearward::proxy {

struct exchange;
class client_stream;
class supplier;

enum class need_wait : std::uint8_t {
    over,        ///< it came, can't be had, or takes too long: the decision says what that means
    client_gone, ///< there is nobody to answer
    stopping,    ///< the worker stops
};

/// Has `from` get it, and waits.
[[nodiscard]] awaitable<need_wait> await_need(client_stream& client, exchange& x, supplier& from, const policies::need& lacking);

} // namespace bearward::proxy
