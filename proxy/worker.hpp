// One thread: its io_context, listeners, upstream pools, exchanges, counters.
// Nothing that a request touches is shared with another worker.
#pragma once

#include "policies/decide.hpp"
#include "proxy/control/access_log.hpp"
#include "proxy/deadline_wheel.hpp"
#include "proxy/downstream/address_counts.hpp"
#include "proxy/downstream/connection.hpp"
#include "proxy/downstream/listener.hpp"
#include "proxy/pipe_pool.hpp"
#include "proxy/serving.hpp"
#include "proxy/token_memory.hpp"
#include "proxy/upstream/group.hpp"
#include "proxy/websocket/tunnel.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace bearward::proxy {

struct exchange;

/// What the workers of one server share: written when connections come and go,
/// never for a request.
struct shared_counts {
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> websockets{0};
    downstream::address_counts addresses;
};

/// The upstreams of one generation of the rules, by their index. A pool whose
/// server and settings did not change belongs to several.
using upstream_set = std::vector<std::shared_ptr<upstream::group>>;
using upstream_set_ptr = std::shared_ptr<const upstream_set>;

/// What a reload means for the listeners of one worker.
struct listener_change {
    std::vector<std::optional<std::uint32_t>> moved_to; ///< by old index: the new one; nothing: closed
    std::vector<std::pair<int, std::uint32_t>> opened;  ///< descriptors and their indices
};

class worker {
public:
    /// `index`: its place among the workers, and in serving::counters.
    worker(serving_ptr rules, access_log& log, shared_counts& counts, upstream::directory& known, std::size_t index);
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    /// Before run(): takes a listening socket.
    void add_listener(int descriptor, std::uint32_t index);
    /// The thread's body: returns when all is done after drain(), or soon after stop().
    void run();
    /// No new connections; idle ones end, busy ones after their answer, WebSockets
    /// get 1001. Thread-safe.
    void drain();
    /// Everything ends now. Thread-safe.
    void stop();
    /// Serves with new rules from the next request on; what is under way ends with
    /// the old ones. Says `adopted` on its thread, unless it ends before. Thread-safe.
    void replace_rules(serving_ptr rules, listener_change listeners, std::function<void()> adopted);
    /// Whether run() has nothing left. Thread-safe.
    [[nodiscard]] bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }
    /// Requests being served. Thread-safe.
    [[nodiscard]] std::uint64_t active_exchanges() const noexcept { return active_exchanges_.load(std::memory_order_relaxed); }

    // --- for what runs on this worker's thread ---
    [[nodiscard]] asio::io_context& context() noexcept { return context_; }
    [[nodiscard]] deadline_wheel& wheel() noexcept { return wheel_; }
    [[nodiscard]] ready_loop& loop() noexcept { return loop_; }
    [[nodiscard]] pipe_pool& pipes() noexcept { return pipes_; }
    [[nodiscard]] const serving_ptr& rules() const noexcept { return rules_; }
    [[nodiscard]] const upstream_set_ptr& upstreams() const noexcept { return upstreams_; }
    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    /// Its blocks in the order of the present rules.
    [[nodiscard]] const worker_counters& counters() const noexcept { return rules_->counters[index_]; }
    [[nodiscard]] policies::token_source& tokens() noexcept { return tokens_; }
    [[nodiscard]] access_log& log() noexcept { return log_; }
    [[nodiscard]] bool draining() const noexcept { return draining_; }
    [[nodiscard]] bool stopping() const noexcept { return stopping_; }

    [[nodiscard]] std::unique_ptr<exchange> borrow_exchange();
    void give_back(std::unique_ptr<exchange> used);
    /// Counts one more connection. False: max_connections are open. Who got true
    /// adopts a connection or says free_connection().
    [[nodiscard]] bool reserve_connection() noexcept;
    void free_connection() noexcept;
    void adopt(std::unique_ptr<downstream::connection> fresh);
    void remove(downstream::connection& ended);
    void adopt(std::unique_ptr<websocket::tunnel> open);
    void remove(websocket::tunnel& ended);
    [[nodiscard]] downstream::address_counts& addresses() noexcept { return counts_.addresses; }

    /// Appends 32 random hex digits.
    void append_request_id(std::string& out);
    /// The Date of this second (RFC 9110 section 5.6.7).
    [[nodiscard]] std::string_view http_date();
    /// Random bits that nobody outside can guess in time to use them (masks).
    [[nodiscard]] std::uint32_t random_bits() { return static_cast<std::uint32_t>(random_()); }

private:
    void adopt_rules(serving_ptr rules, const listener_change& listeners);
    [[nodiscard]] upstream_set_ptr make_upstreams(const serving& rules);
    [[nodiscard]] std::shared_ptr<upstream::pool> find_pool(const config::upstream_settings& wanted, const config::endpoint& server) const;
    void begin_drain();
    void begin_stop();
    void end_if_done();
    void accept_more();

    asio::io_context context_;
    ready_loop& loop_;
    deadline_wheel wheel_;
    pipe_pool pipes_;
    asio::executor_work_guard<executor> work_;
    serving_ptr rules_;
    access_log& log_;
    shared_counts& counts_;
    upstream::directory& known_;
    std::size_t index_;
    token_memory tokens_;
    upstream::attempts attempts_; ///< of all generations
    upstream_set_ptr upstreams_;
    std::vector<std::unique_ptr<downstream::listener>> listeners_;
    boost::intrusive::list<downstream::connection, boost::intrusive::constant_time_size<true>> connections_;
    boost::intrusive::list<websocket::tunnel, boost::intrusive::constant_time_size<true>> tunnels_;
    std::vector<std::unique_ptr<exchange>> idle_exchanges_;
    std::mt19937_64 random_;
    std::string date_;
    std::chrono::sys_seconds date_second_{};
    std::atomic<std::uint64_t> active_exchanges_{0};
    std::atomic<bool> finished_{false};
    bool draining_ = false;
    bool stopping_ = false;
};

} // namespace bearward::proxy
