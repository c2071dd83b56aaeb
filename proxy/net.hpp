// The network types of the data path, fixed once: no type-erased executor, one
// socket type for TCP and unix streams.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace bearward::proxy {

namespace asio = boost::asio;
using boost::system::error_code;

using executor = asio::io_context::executor_type;
using stream_socket = asio::basic_stream_socket<asio::generic::stream_protocol, executor>;

template <class T = void>
using awaitable = asio::awaitable<T, executor>;

/// Awaits without throwing: `auto [error, n] = co_await op(..., use_result);`
inline constexpr auto use_result = asio::as_tuple(asio::use_awaitable_t<executor>{});

} // namespace bearward::proxy
