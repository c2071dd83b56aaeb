// Makes connections to servers: the one place where that happens, for requests
// and for health checks. Whatever a connection needs before its first request
// belongs here, within the time that connecting may take.
#pragma once

#include "proxy/event/readiness.hpp"
#include "proxy/upstream/connect_context.hpp"

#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <expected>

namespace bearward::proxy::upstream {

using address = asio::generic::stream_protocol::endpoint;

struct tls_target;

/// One attempt, at most `timeout`. `tls`: whom to shake hands with; null: plain.
[[nodiscard]] awaitable<std::expected<stream_ptr, connect_error>> open_stream(connect_context with, address to,
                                                                              std::chrono::milliseconds timeout, tls_target* tls);

} // namespace bearward::proxy::upstream
