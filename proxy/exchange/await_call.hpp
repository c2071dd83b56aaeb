// How an exchange waits for a word from elsewhere, which may come when nobody waits any more.
#pragma once

#include "proxy/event/net.hpp"
#include "proxy/event/readiness.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace bearward::proxy {

class client_stream;
struct waits;

/// How a wait ended.
enum class call_end : std::uint8_t {
    over,        ///< the word came, or its time is up
    client_gone, ///< the client left meanwhile
    stopping,    ///< the worker ends
};

/// One wait. Whatever ends it, a later call finds nobody.
class call_wait {
public:
    explicit call_wait(waiter& who) : shared_(std::make_shared<state>(&who)) {}
    ~call_wait() { shared_->who = nullptr; }
    call_wait(const call_wait&) = delete;
    call_wait& operator=(const call_wait&) = delete;

    /// Gives the word: on the waiter's thread, at most once. Outlives the wait.
    [[nodiscard]] std::function<void()> callback() const;
    /// Whether the word came.
    [[nodiscard]] bool called() const noexcept { return shared_->over; }
    /// Sleeps until the word comes, for `most` at most.
    [[nodiscard]] awaitable<call_end> sleep(client_stream& client, waits& w, std::chrono::milliseconds most);

private:
    struct state {
        waiter* who; ///< null: nobody
        bool over = false;
    };
    std::shared_ptr<state> shared_;
};

} // namespace bearward::proxy
