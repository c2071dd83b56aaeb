#include "proxy/upstream/resolver.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace bearward::proxy::upstream {

resolver::resolver(asio::io_context& context, const config::endpoint& server, std::chrono::milliseconds refresh)
    : resolver_(context.get_executor()), server_(server), refresh_(refresh) {
    if (!server_.unix_path.empty()) {
        known_.emplace_back(asio::local::stream_protocol::endpoint(server_.unix_path));
        literal_ = true;
        return;
    }
    error_code error;
    const auto ip = asio::ip::make_address(server_.host, error);
    if (!error) {
        known_.emplace_back(protocol::endpoint(ip, server_.port));
        literal_ = true;
    }
}

awaitable<std::vector<address>> resolver::addresses() {
    if (!literal_ && clock::now() >= fresh_until_) {
        co_await look_up();
    }
    co_return known_;
}

awaitable<> resolver::look_up() {
    // Set first: requests that come meanwhile use what is known instead of asking again.
    if (!known_.empty()) {
        fresh_until_ = clock::now() + refresh_;
    }
    auto [error, results] =
        co_await resolver_.async_resolve(server_.host, std::to_string(server_.port), protocol::resolver::numeric_service, use_result);
    if (error) {
        co_return; // what is known stays in use
    }
    known_.clear();
    for (const auto& result : results) {
        known_.emplace_back(result.endpoint());
    }
    fresh_until_ = clock::now() + refresh_;
}

} // namespace bearward::proxy::upstream
