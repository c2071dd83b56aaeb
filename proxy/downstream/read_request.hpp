// Reads one request head of HTTP/1 and judges its form.
#pragma once

#include "proxy/downstream/http1_client.hpp"
#include "proxy/exchange/exchange.hpp"

#include <cstdint>

namespace bearward::proxy::downstream {

enum class read_result : std::uint8_t {
    request, ///< exchange::request, path and websocket are set, or exchange::refused says what is wrong
    nothing, ///< no byte of a request has come: back to waiting, without an exchange
    closed,  ///< the client left
};

[[nodiscard]] awaitable<read_result> read_request(http1_client& client, exchange& x);

} // namespace bearward::proxy::downstream
