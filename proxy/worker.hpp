// One thread: its listeners, connections, tunnels and exchanges, beside what they share
// (worker_context). Nothing that a request touches is shared with another worker.
#pragma once

#include "proxy/downstream/http1_connection.hpp"
#include "proxy/downstream/listener.hpp"
#include "proxy/event/owned_descriptor.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/exchange/tunnel.hpp"
#include "proxy/guard_sweep.hpp"
#include "proxy/worker_context.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace bearward::proxy {

/// What a reload means for the listeners of one worker.
struct listener_change {
    std::vector<std::optional<std::uint32_t>> moved_to;             ///< by old index: the new one; nothing: closed
    std::vector<std::pair<owned_descriptor, std::uint32_t>> opened; ///< sockets and their indices
};

class worker final : public worker_context {
public:
    /// `supplies`: gets what decisions need; null: nothing can be had. `index`: its place
    /// among the workers, and in serving::counters.
    worker(serving_ptr rules, access_log& log, shared_counts& counts, upstream::directory& known, supplier* supplies, std::size_t index);
    ~worker();

    /// Before run(): takes a listening socket.
    void add_listener(int descriptor, std::uint32_t index);
    /// The thread's body: returns when all is done after drain(), or soon after stop().
    void run();
    /// No new connections; busy ones end after their answer, idle ones after a moment in which a request that is on its way
    /// arrives and is answered, WebSockets get 1001. Thread-safe.
    void drain();
    /// Everything ends now. Thread-safe.
    void stop();
    /// Serves with new rules from the next request on; what is under way ends with
    /// the old ones. Says `adopted` on its thread, unless it ends before. Thread-safe.
    void replace_rules(serving_ptr rules, listener_change listeners, std::function<void()> adopted);
    /// What is revoked by now ends soon. Thread-safe.
    void recheck_guarded();
    /// What is open and guarded, of the user alone where one is named: gives up to `most` of it and how many there are
    /// to `done`, on its thread; never if it has ended. Thread-safe.
    void describe_guarded(std::optional<std::string> user, std::size_t most,
                          std::function<void(std::vector<guarded_facts>, std::size_t)> done);
    /// Gives copies of its listening sockets, with their listeners' indices, to `done` on its thread; never if it has ended. Thread-safe.
    void copy_listeners(std::function<void(std::vector<std::pair<owned_descriptor, std::uint32_t>>)> done);
    /// Calls `done` on its thread, unless it ends before. Thread-safe.
    void answer(std::function<void()> done);
    /// Whether run() has nothing left. Thread-safe.
    [[nodiscard]] bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }
    /// Requests being served. Thread-safe.
    [[nodiscard]] std::uint64_t active_exchanges() const noexcept { return active_exchanges_.load(std::memory_order_relaxed); }

    [[nodiscard]] std::unique_ptr<exchange> borrow_exchange() override;
    void give_back(std::unique_ptr<exchange> used) override;
    void adopt(std::unique_ptr<downstream::http1_connection> fresh) override;
    void remove(downstream::http1_connection& ended) override;
    void adopt(std::unique_ptr<tunnel> open) override;
    void remove(tunnel& ended) override;

private:
    void adopt_rules(serving_ptr rules, listener_change& listeners);
    void begin_drain(bool serves_what_waits);
    void begin_stop();
    void end_if_done();
    void accept_more();

    asio::executor_work_guard<executor> work_;
    std::vector<std::unique_ptr<downstream::listener>> listeners_;
    boost::intrusive::list<downstream::http1_connection, boost::intrusive::constant_time_size<true>> connections_;
    boost::intrusive::list<tunnel, boost::intrusive::constant_time_size<true>> tunnels_;
    std::vector<std::unique_ptr<exchange>> idle_exchanges_;
    guard_sweep sweep_{*this};
    std::atomic<bool> sweep_posted_{false};
    std::atomic<std::uint64_t> active_exchanges_{0};
    std::atomic<bool> finished_{false};
};

} // namespace bearward::proxy
