// Small awaiting steps that answers and the forwarding path share.
#pragma once

#include "proxy/downstream/exchange.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <string_view>

namespace bearward::proxy::downstream {

/// Contract 3: a rejected request's body is not read beyond this.
constexpr std::size_t longest_dropped_body = std::size_t{64} * 1024;

/// Writes all of `text` to the client, within write_timeout for each step. False:
/// the client is gone or does not read.
[[nodiscard]] awaitable<bool> write_all(connection& client, exchange& x, std::string_view text);

/// Reads the rest of a refused request's body and drops it, at most 64 KiB. True:
/// it ended and the connection can go on; else it must be closed.
[[nodiscard]] awaitable<bool> drop_body(connection& client, exchange& x);

/// Ends the client's connection so that the answer just written arrives although
/// the client may still be sending: no more writes, then a moment of reading (RFC
/// 9112 section 9.6).
awaitable<> linger(connection& client, exchange& x);

} // namespace bearward::proxy::downstream
