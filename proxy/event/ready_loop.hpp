// How a thread learns that its sockets are ready: an epoll set of its own. Whoever
// waits joins it once, edge-triggered; waiting then costs no system call, where
// Asio's async_wait costs one each time. Public interfaces only.
//
// A turn is one batch of events. Who has something to send may wait for its end:
// all sockets are read before the first one is written to. Peers then find several
// messages at a time and are woken less often, which is most of what a send costs.
//
// Nobody holds the thread: who has had its share gives up its turn, and what costs much
// (a handshake, a signature) waits for another turn once this one is spent. Those that
// wait get a few milliseconds a turn together, in which they take it by turns.
#pragma once

#include "proxy/event/net.hpp"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include <sys/epoll.h>

namespace bearward::proxy {

/// Has a descriptor in the set, and gets its events (epoll_ctl(2)).
class event_source {
public:
    /// May destroy any source, this one too.
    virtual void on_events(std::uint32_t events) = 0;

protected:
    ~event_source() = default;
};

class turn_listener;
/// Tagged, since who listens may be in another list as well.
using turn_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<turn_listener>, boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Called at the end of a turn. Leaves the queue when it is destroyed.
class turn_listener : public turn_hook {
public:
    virtual void on_turn_end() = 0;

protected:
    ~turn_listener() = default;
};

/// One for each io_context, used by its thread alone except for post().
///
/// A worker's thread waits in run(), for the set and nothing else: its io_context
/// only keeps the coroutines' executor and what was posted, so it must have no
/// timers, sockets or descriptors of Asio's. Where Asio has some, of() gives a loop
/// that Asio watches as one descriptor: a wake-up costs two system calls more.
class ready_loop final : public asio::execution_context::service {
public:
    using key_type = ready_loop;
    static inline asio::execution_context::id id;

    /// The loop of a thread that will call run(). Before anything else of the context.
    [[nodiscard]] static ready_loop& make(asio::io_context& context) { return asio::make_service<ready_loop>(context, context); }
    /// The context's; one that Asio watches if it has none.
    [[nodiscard]] static ready_loop& of(asio::io_context& context) { return asio::use_service<ready_loop>(context); }
    explicit ready_loop(asio::io_context& context);
    ready_loop(asio::execution_context& owner, asio::io_context& context);
    ~ready_loop() override;

    /// Waits and delivers events until the io_context is stopped.
    void run();
    /// Runs it on the loop's thread. Thread-safe.
    template <class Function>
    void post(Function&& what) {
        asio::post(executor_, std::forward<Function>(what));
        interrupt();
    }

    /// Delivers readability from now on, with `writes` also writability. False: out of resources.
    [[nodiscard]] bool join(int descriptor, event_source& what, bool writes = false) noexcept;
    /// Delivers writability too.
    void watch_writes(int descriptor, event_source& what) noexcept;
    /// Before the descriptor is closed: no event of this turn reaches it any more.
    void forget(const event_source& what) noexcept;
    /// The same where closing the descriptor does not take it out of the set, since
    /// there are others of its socket.
    void leave(int descriptor, const event_source& what) noexcept;
    /// Calls it once, when all events of this turn have been delivered. For what is short.
    void at_turn_end(turn_listener& who);
    /// Calls it once, in a later turn: who has more to do than others wait for.
    void give_up_turn(turn_listener& who);
    /// Whether this turn has taken so long that what costs much should not begin in it.
    /// Counted from the first of its events, or from the first question where it has at most one event.
    [[nodiscard]] bool turn_is_spent() noexcept;
    /// Calls it once, in a later turn, before those who gave up theirs: who comes first
    /// with something costly, after turn_is_spent().
    void await_turn(turn_listener& who);

private:
    void shutdown() override;
    void interrupt() noexcept;
    void drive();
    void run_posted();
    void wait();
    void run_turn(int timeout);
    void end_turn();
    void post_turn_end();

    static constexpr std::size_t batch = 128;
    /// What events may cost before what is costly waits; and half of what those that wait get.
    static constexpr std::chrono::milliseconds turn_share{2};
    using queue =
        boost::intrusive::list<turn_listener, boost::intrusive::base_hook<turn_hook>, boost::intrusive::constant_time_size<false>>;

    void serve(queue& who);
    void add(queue& to, turn_listener& who);

    executor executor_;
    int set_;
    int interrupt_ = -1;                                                    ///< an eventfd that wakes run()
    std::optional<asio::posix::basic_stream_descriptor<executor>> watched_; ///< `set_`, when Asio waits for it
    std::array<epoll_event, batch> events_{};
    std::size_t next_ = 0; ///< of the events, the first that was not told
    std::size_t count_ = 0;
    queue late_;
    queue newcomers_;                                    ///< of await_turn()
    queue busy_;                                         ///< of give_up_turn()
    std::chrono::steady_clock::time_point turn_began_{}; ///< zero: not read yet, since one event seldom needs it
    bool in_turn_ = false;
    bool end_posted_ = false;
};

} // namespace bearward::proxy
