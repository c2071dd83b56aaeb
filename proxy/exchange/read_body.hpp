// The body of a request that Bearward itself answers, read as a whole: small ones.
#pragma once

#include "proxy/event/net.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace bearward::proxy {

class client_stream;
struct exchange;

enum class body_end : std::uint8_t {
    whole,
    too_large, ///< over the limit, or its trailers are
    malformed,
    late, ///< it stopped coming (limits.request_body_timeout)
    client_gone,
};

/// Reads it into `body`, at most `most` bytes. Behind one that is not whole no request can follow, unless its length was
/// announced and nothing of it was read.
[[nodiscard]] awaitable<body_end> read_body(client_stream& client, exchange& x, std::size_t most, std::string& body);

/// Answers a request whose body is not whole: 400, 408 or 413.
[[nodiscard]] awaitable<> answer_body_end(client_stream& client, exchange& x, body_end end, std::size_t most);

} // namespace bearward::proxy
