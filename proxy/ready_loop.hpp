// How a worker learns that its sockets are ready: an epoll set of its own, which
// Asio watches as one descriptor. A stream joins it once, edge-triggered; waiting
// then costs no system call, where Asio's async_wait costs one each time. Public
// interfaces only.
//
// A turn is one batch of events. Who has something to send may wait for its end:
// all sockets are read before the first one is written to. Peers then find several
// messages at a time and are woken less often, which is most of what a send costs.
#pragma once

#include "proxy/net.hpp"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/intrusive/list.hpp>

#include <array>
#include <cstdint>

#include <sys/epoll.h>

namespace bearward::proxy {

class stream;

/// Called at the end of a turn. Leaves the queue when it is destroyed.
class turn_listener : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    virtual void on_turn_end() = 0;

protected:
    ~turn_listener() = default;
};

/// One for each io_context, used by its thread alone.
class ready_loop final : public asio::execution_context::service {
public:
    using key_type = ready_loop;
    static inline asio::execution_context::id id;

    explicit ready_loop(asio::io_context& context);
    [[nodiscard]] static ready_loop& of(asio::io_context& context) { return asio::use_service<ready_loop>(context); }

    /// Tells the stream of readability from now on. False: out of resources.
    [[nodiscard]] bool join(int descriptor, stream& what) noexcept;
    /// Tells it of writability too.
    void watch_writes(int descriptor, stream& what) noexcept;
    /// Before the descriptor is closed: no event of this turn reaches the stream any more.
    void forget(const stream& what) noexcept;
    /// Calls it once, when all events of this turn have been told.
    void at_turn_end(turn_listener& who);

private:
    void shutdown() override;
    void wait();
    void run_turn();
    void end_turn();
    void post_turn_end();

    static constexpr std::size_t batch = 128;
    using queue = boost::intrusive::list<turn_listener, boost::intrusive::constant_time_size<false>>;

    executor executor_;
    asio::posix::basic_stream_descriptor<executor> set_;
    std::array<epoll_event, batch> events_{};
    std::size_t next_ = 0; ///< of the events, the first that was not told
    std::size_t count_ = 0;
    queue late_;
    bool in_turn_ = false;
    bool end_posted_ = false;
};

} // namespace bearward::proxy
