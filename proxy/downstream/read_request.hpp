// Reads one request head and judges its form: steps 2 and 3 of run_exchange.
#pragma once

#include "proxy/downstream/client_stream.hpp"
#include "proxy/downstream/exchange.hpp"

#include <string_view>

namespace bearward::proxy::downstream {

struct read_outcome {
    enum class kind : std::uint8_t {
        request, ///< well formed; exchange::request, path and websocket are set
        refused, ///< to be answered with `status` and `why`
        nothing, ///< no byte of a request has come: back to waiting, without an exchange
        closed,  ///< the client left
    };
    kind what = kind::closed;
    unsigned status = 0;
    policies::reason why = policies::reason::ok;
    bool recoverable = false; ///< the connection may go on
    /// What is wrong with the request, in a few words for the log; empty with 408: it did not come in time.
    std::string_view detail{};
};

[[nodiscard]] awaitable<read_outcome> read_request(client_stream& client, exchange& x);

} // namespace bearward::proxy::downstream
