// The types that the data path has of Asio, fixed once: no type-erased executor.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace bearward::proxy {

namespace asio = boost::asio;
using boost::system::error_code;

using executor = asio::io_context::executor_type;

template <class T = void>
using awaitable = asio::awaitable<T, executor>;

/// Awaits without throwing: `auto [error, n] = co_await op(..., use_result);`
inline constexpr auto use_result = asio::as_tuple(asio::use_awaitable_t<executor>{});

} // namespace bearward::proxy
