// The addresses of one server, resolved once and refreshed while requests go on
// with those that are known.
#pragma once

#include "config/settings.hpp"
#include "proxy/net.hpp"
#include "proxy/upstream/connect.hpp"

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <vector>

namespace bearward::proxy::upstream {

/// Belongs to one worker's thread.
class resolver {
public:
    resolver(asio::io_context& context, const config::endpoint& server, std::chrono::milliseconds refresh);

    /// The server's addresses, in the order in which to try them; empty when the
    /// name can't be resolved. IP literals and unix sockets never wait.
    [[nodiscard]] awaitable<std::vector<address>> addresses();

    /// Ends a look-up that is under way.
    void cancel() { resolver_.cancel(); }

private:
    using clock = std::chrono::steady_clock;
    using protocol = asio::ip::tcp;

    awaitable<> look_up();

    asio::ip::basic_resolver<protocol, executor> resolver_;
    config::endpoint server_;
    std::chrono::milliseconds refresh_;
    std::vector<address> known_;
    clock::time_point fresh_until_{};
    bool literal_ = false;
};

} // namespace bearward::proxy::upstream
