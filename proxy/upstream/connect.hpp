// Makes connections to servers: the one place where that happens, for requests
// and for health checks. Whatever a connection needs before its first request
// belongs here, within the time that connecting may take.
#pragma once

#include "proxy/deadline_wheel.hpp"
#include "proxy/readiness.hpp"
#include "proxy/upstream/attempts.hpp"
#include "proxy/upstream/server_status.hpp"

#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>

namespace bearward::proxy::upstream {

using address = asio::generic::stream_protocol::endpoint;

/// Why there is no connection. Nothing of a request was sent.
struct connect_error {
    enum class kind : std::uint8_t { unresolved, refused, timed_out };
    kind what = kind::refused;
    std::string cause; ///< for people: "Connection refused"; of a pool with the server's address before it
};

/// What connecting needs of the thread on which it runs.
struct connect_context {
    asio::io_context& context;
    deadline_wheel& wheel;
    attempts& under_way;
    directory& known;
};

struct tls_target;

/// One attempt, at most `timeout`. `tls`: whom to shake hands with; null: plain.
[[nodiscard]] awaitable<std::expected<stream_ptr, connect_error>> open_stream(connect_context with, address to,
                                                                              std::chrono::milliseconds timeout, tls_target* tls);

} // namespace bearward::proxy::upstream
