// The addresses of one server: resolved before they are needed, and refreshed
// while requests go on with those that are known.
#pragma once

#include "config/settings.hpp"
#include "proxy/upstream/connect.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bearward::proxy::upstream {

/// One address of a server. The same address keeps its number through refreshes.
struct target {
    address to;
    std::uint32_t number = 0;
};

/// Belongs to one thread.
class resolver final : public deadline_listener {
public:
    /// Begins to look the name up. `changed` is notified when addresses are gone.
    resolver(connect_context with, const config::endpoint& server, std::chrono::milliseconds refresh, std::function<void()> changed);
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    /// The server's addresses, in the order in which to try them. Waits only while
    /// none is known, and not longer than `patience`; empty when the name can't be
    /// resolved. IP literals and unix sockets never wait.
    [[nodiscard]] awaitable<std::vector<target>> addresses(std::chrono::milliseconds patience);
    /// Why the last look-up failed; empty: it did not.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
    /// A connection could be made to it: it is tried first from now on.
    void worked(std::uint32_t number);
    /// Whether it is still one of the server's addresses.
    [[nodiscard]] bool knows(std::uint32_t number) const noexcept;

private:
    using clock = std::chrono::steady_clock;

    void on_deadline() override { look_up(); }
    void look_up();
    /// May destroy this: those who waited go on.
    void take(const lookup_result& result);
    void adopt(const std::vector<asio::ip::address>& fresh);

    connect_context with_;
    config::endpoint server_;
    std::chrono::milliseconds refresh_;
    std::function<void()> changed_;
    std::vector<target> known_;
    std::uint32_t next_number_ = 0;
    std::uint32_t last_good_ = 0;
    deadline due_;
    wait_queue waiting_;
    clock::time_point not_before_{}; ///< after a failure
    std::string failure_;
    bool asking_ = false;
    std::shared_ptr<resolver*> self_ = std::make_shared<resolver*>(this); ///< answers that come too late find it gone
};

} // namespace bearward::proxy::upstream
