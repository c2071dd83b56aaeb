// A client of HTTP/1 as the code between two exchanges sees it: with the socket, and with what may
// follow the last answer.
#pragma once

#include "proxy/exchange/client_stream.hpp"

namespace bearward::proxy::downstream {

class http1_client : public client_stream {
public:
    using client_stream::begin_request;
    using client_stream::goes_on;
    using client_stream::leaves_doubt;
    using client_stream::peer;
    using client_stream::set_goes_on;

protected:
    using client_stream::client_stream;
    ~http1_client() = default;
};

} // namespace bearward::proxy::downstream
