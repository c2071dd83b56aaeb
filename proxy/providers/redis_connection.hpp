// One connection to Redis: opened with everything that comes before the first command
// (TLS, AUTH), asked, listened to.
#pragma once

#include "config/redis_settings.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/providers/resp.hpp"
#include "proxy/upstream/connect_context.hpp"
#include "proxy/upstream/handshake.hpp"

#include <chrono>
#include <cstddef>
#include <expected>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::providers {

/// Belongs to the thread of its context. One coroutine uses it at a time.
class redis_connection {
public:
    /// Connects, at most `timeout`. `tls`: null when plain. Error: a sentence, never with the password.
    [[nodiscard]] static awaitable<std::expected<std::unique_ptr<redis_connection>, std::string>>
    open(upstream::connect_context with, config::redis_settings settings, upstream::tls_target* tls, std::chrono::milliseconds timeout);
    ~redis_connection() { peer_->close(); }
    redis_connection(const redis_connection&) = delete;
    redis_connection& operator=(const redis_connection&) = delete;

    /// Sends one command and waits for its reply, at most `timeout`. A reply that is an error of
    /// Redis' is an error here. After an error of the connection it is of no use.
    [[nodiscard]] awaitable<std::expected<resp_value, std::string>> ask(std::vector<std::string> command,
                                                                        std::chrono::milliseconds timeout);
    /// Sends one command whose reply comes with others.
    [[nodiscard]] awaitable<std::expected<void, std::string>> send(std::vector<std::string> command, std::chrono::milliseconds timeout);
    /// The next reply; nothing: none came in time.
    [[nodiscard]] awaitable<std::expected<std::optional<resp_value>, std::string>> receive(std::chrono::milliseconds timeout);

private:
    redis_connection(upstream::connect_context with, stream_ptr peer) : with_(with), peer_(std::move(peer)) {}

    upstream::connect_context with_;
    stream_ptr peer_;
    resp_reader reader_;
};

} // namespace bearward::proxy::providers
