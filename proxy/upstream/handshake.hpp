// TLS towards a server, from the connected socket to the point where both sides
// agree. Nothing of a request is sent before the certificate was verified.
#pragma once

#include "proxy/event/readiness.hpp"
#include "proxy/tls/client_context.hpp"
#include "proxy/upstream/connect_context.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace bearward::proxy::upstream {

/// The TLS of one server as one worker keeps it.
struct tls_target {
    std::shared_ptr<const tls::client_context> context;
    std::string host;   ///< without port; empty for unix sockets
    std::string server; ///< for the log
    std::shared_ptr<tls::resumption> last = std::make_shared<tls::resumption>();
    std::chrono::steady_clock::time_point warned{};
};

/// Secures the stream, at most `timeout`. Nothing: done. Why it failed is logged,
/// now and then.
[[nodiscard]] awaitable<std::optional<connect_error>> shake_hands(connect_context with, stream& peer, tls_target& server,
                                                                  std::chrono::milliseconds timeout);

} // namespace bearward::proxy::upstream
