// The app behind the demo's proxy: shows each request as it received it, and
// echoes WebSocket messages. Plain Beast; it knows nothing of tokens.
#pragma once

#include <cstdint>
#include <memory>

namespace bearward::proxy::demo {

class upstream {
public:
    /// Listens on a free port of 127.0.0.1 and serves on its own thread. Throws
    /// boost::system::system_error.
    upstream();
    /// Ends the thread; open connections are dropped.
    ~upstream();
    upstream(const upstream&) = delete;
    upstream& operator=(const upstream&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace bearward::proxy::demo
