// What everything that runs on a worker's thread shares: the loop and its clocks, the
// pools, the rules in force. Class worker derives from this and owns connections and
// tunnels.
#pragma once

#include "policies/outside.hpp"
#include "proxy/assertion_memory.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/net.hpp"
#include "proxy/event/pipe_pool.hpp"
#include "proxy/event/ready_loop.hpp"
#include "proxy/guard_list.hpp"
#include "proxy/serving.hpp"
#include "proxy/shared_counts.hpp"
#include "proxy/socket_registry.hpp"
#include "proxy/supplier.hpp"
#include "proxy/telemetry/access_log.hpp"
#include "proxy/telemetry/tracer.hpp"
#include "proxy/token_memory.hpp"
#include "proxy/upstream/attempts.hpp"
#include "proxy/upstream/group.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::proxy {

struct exchange;
class tunnel;
namespace downstream {
class http1_connection;
}

/// The upstreams of one generation of the rules, by their index. A pool whose
/// server and settings did not change belongs to several.
using upstream_set = std::vector<std::shared_ptr<upstream::group>>;
using upstream_set_ptr = std::shared_ptr<const upstream_set>;

/// Used by its thread alone.
class worker_context {
public:
    worker_context(const worker_context&) = delete;
    worker_context& operator=(const worker_context&) = delete;

    [[nodiscard]] asio::io_context& context() noexcept { return context_; }
    [[nodiscard]] deadline_wheel& wheel() noexcept { return wheel_; }
    [[nodiscard]] ready_loop& loop() noexcept { return loop_; }
    [[nodiscard]] pipe_pool& pipes() noexcept { return pipes_; }
    [[nodiscard]] const serving_ptr& rules() const noexcept { return rules_; }
    [[nodiscard]] const upstream_set_ptr& upstreams() const noexcept { return upstreams_; }
    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    /// Its blocks in the order of the present rules.
    [[nodiscard]] const worker_counters& counters() const noexcept { return rules_->counters[index_]; }
    /// What decisions may ask, as it is at this moment.
    [[nodiscard]] policies::outside& outside_now() noexcept;
    [[nodiscard]] assertion_memory& assertions() noexcept { return assertions_; }
    /// Who gets what they need; null: nothing can be had.
    [[nodiscard]] supplier* supplies() const noexcept { return supplies_; }
    [[nodiscard]] access_log& log() noexcept { return log_; }
    /// Where rules that it has served with trace.
    [[nodiscard]] tracer& traces() noexcept { return *tracer_; }
    [[nodiscard]] address_counts& addresses() noexcept { return counts_.addresses; }
    [[nodiscard]] address_counts& users() noexcept { return counts_.users; }
    [[nodiscard]] notice_memory& notices() noexcept { return counts_.notices; }
    [[nodiscard]] socket_registry& named_sockets() noexcept { return counts_.named_sockets; }
    /// Its own open ones among them.
    [[nodiscard]] renewable_sockets& renewables() noexcept { return renewables_; }
    /// What is open on its thread and may have to end with its credential.
    [[nodiscard]] guard_list& guards() noexcept { return guards_; }
    [[nodiscard]] bool draining() const noexcept { return draining_; }
    [[nodiscard]] bool stopping() const noexcept { return stopping_; }

    [[nodiscard]] virtual std::unique_ptr<exchange> borrow_exchange() = 0;
    virtual void give_back(std::unique_ptr<exchange> used) = 0;
    /// Counts one more connection. False: max_connections are open. Who got true
    /// adopts a connection or says free_connection().
    [[nodiscard]] bool reserve_connection() noexcept;
    void free_connection() noexcept;
    virtual void adopt(std::unique_ptr<downstream::http1_connection> fresh) = 0;
    virtual void remove(downstream::http1_connection& ended) = 0;
    virtual void adopt(std::unique_ptr<tunnel> open) = 0;
    virtual void remove(tunnel& ended) = 0;

    /// Appends 32 random hex digits.
    void append_request_id(std::string& out);
    /// The Date of this second (RFC 9110 section 5.6.7).
    [[nodiscard]] std::string_view http_date();
    /// Random bits that nobody outside can guess in time to use them (masks).
    [[nodiscard]] std::uint32_t random_bits() { return static_cast<std::uint32_t>(random_()); }

protected:
    /// `index`: its place among the workers, and in serving::counters.
    worker_context(serving_ptr rules, access_log& log, shared_counts& counts, upstream::directory& known, supplier* supplies,
                   std::size_t index);
    ~worker_context() = default;

    /// From the next request on; what is under way keeps its own.
    void adopt_rules(serving_ptr rules);
    void note_drain() noexcept { draining_ = true; }
    void note_stop() noexcept { stopping_ = true; }
    [[nodiscard]] shared_counts& counts() noexcept { return counts_; }
    [[nodiscard]] upstream::attempts& attempts() noexcept { return attempts_; }

private:
    [[nodiscard]] upstream_set_ptr make_upstreams(const serving& rules);
    /// There is a tracer if the rules want one; it stays for what is under way when they no longer do.
    void prepare_tracer();
    [[nodiscard]] std::shared_ptr<upstream::pool> find_pool(const upstream::pool_settings& wanted) const;

    asio::io_context context_;
    ready_loop& loop_;
    deadline_wheel wheel_;
    pipe_pool pipes_;
    serving_ptr rules_;
    access_log& log_;
    shared_counts& counts_;
    upstream::directory& known_;
    supplier* supplies_;
    std::size_t index_;
    token_memory tokens_;
    assertion_memory assertions_; ///< of the present rules
    guard_list guards_;
    renewable_sockets renewables_;
    upstream::attempts attempts_; ///< of all generations
    upstream_set_ptr upstreams_;
    std::unique_ptr<tracer> tracer_; ///< null: nothing was ever traced
    std::mt19937_64 random_;
    std::string date_;
    std::chrono::sys_seconds date_second_{};
    bool draining_ = false;
    bool stopping_ = false;
};

} // namespace bearward::proxy
