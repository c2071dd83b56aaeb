#include "proxy/event/ready_loop.hpp"

#include "policies/invariant.hpp"

#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

constexpr std::uint32_t read_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

int checked(int descriptor, const char* what) {
    if (descriptor < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return descriptor;
}

} // namespace

ready_loop::ready_loop(asio::io_context& context)
    : service(context), executor_(context.get_executor()), set_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
    watched_.emplace(executor_, set_);
    wait();
}

ready_loop::ready_loop(asio::execution_context& owner, asio::io_context& context)
    : service(owner), executor_(context.get_executor()), set_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      interrupt_(checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
    // Edge-triggered it need not be read: each write is an event. It has no source, since waking up is all it is for.
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
    checked(::epoll_ctl(set_, EPOLL_CTL_ADD, interrupt_, &event), "epoll_ctl");
}

ready_loop::~ready_loop() {
    if (!watched_) {
        ::close(interrupt_);
        ::close(set_);
    }
}

void ready_loop::shutdown() {
    late_.clear();
    newcomers_.clear();
    busy_.clear();
    next_ = count_ = 0;
}

bool ready_loop::turn_is_spent() noexcept {
    const auto now = std::chrono::steady_clock::now();
    if (turn_began_ == std::chrono::steady_clock::time_point{}) {
        turn_began_ = now;
    }
    return now - turn_began_ > turn_share;
}

bool ready_loop::join(int descriptor, event_source& what, bool writes) noexcept {
    epoll_event event{.events = writes ? read_events | EPOLLOUT : read_events, .data = {.ptr = &what}};
    const bool joined = ::epoll_ctl(set_, EPOLL_CTL_ADD, descriptor, &event) == 0;
    policies::invariant(joined || (errno != EEXIST && errno != EBADF), "an open descriptor joins a loop once");
    return joined;
}

void ready_loop::watch_writes(int descriptor, event_source& what) noexcept {
    epoll_event event{.events = read_events | EPOLLOUT, .data = {.ptr = &what}};
    ::epoll_ctl(set_, EPOLL_CTL_MOD, descriptor, &event);
}

void ready_loop::forget(const event_source& what) noexcept {
    for (std::size_t index = next_; index < count_; ++index) {
        if (events_[index].data.ptr == &what) {
            events_[index].data.ptr = nullptr;
        }
    }
}

void ready_loop::leave(int descriptor, const event_source& what) noexcept {
    ::epoll_ctl(set_, EPOLL_CTL_DEL, descriptor, nullptr);
    forget(what);
}

void ready_loop::interrupt() noexcept {
    if (interrupt_ >= 0) {
        (void)::eventfd_write(interrupt_, 1);
    }
}

void ready_loop::run() {
    asio::post(executor_, [this] { drive(); });
    executor_.context().run();
}

/// Within a handler of the context: so what an event starts there runs at once, and
/// Asio's memory for handlers is kept from turn to turn.
void ready_loop::drive() {
    run_posted(); // what came before there was a loop
    while (!executor_.context().stopped()) {
        run_turn(late_.empty() && newcomers_.empty() && busy_.empty() ? -1 : 0);
        run_posted();
    }
}

void ready_loop::run_posted() {
    while (executor_.context().poll_one() != 0) {
        // Asio counts the work that a handler posts when the handler ends, which drive() does not:
        // without a word each of these would be taken off the count, down to "out of work".
        executor_.on_work_started();
    }
}

void ready_loop::wait() {
    watched_->async_wait(asio::posix::descriptor_base::wait_read, [this](error_code error) {
        if (!error) {
            run_turn(0);
            wait();
        }
    });
}

void ready_loop::run_turn(int timeout) {
    const int found = ::epoll_wait(set_, events_.data(), static_cast<int>(events_.size()), timeout);
    count_ = found < 0 ? 0 : static_cast<std::size_t>(found);
    in_turn_ = true;
    turn_began_ = count_ > 1 ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point{};
    for (next_ = 0; next_ < count_;) {
        const epoll_event event = events_[next_++];
        if (event.data.ptr != nullptr) {
            static_cast<event_source*>(event.data.ptr)->on_events(event.events);
        }
    }
    in_turn_ = false;
    end_turn();
}

void ready_loop::end_turn() {
    if (!late_.empty()) {
        queue now; // those who come meanwhile belong to the next turn
        now.swap(late_);
        do {
            turn_listener& who = now.front();
            now.pop_front();
            who.on_turn_end();
        } while (!now.empty());
    }
    if (!newcomers_.empty()) {
        serve(newcomers_);
    }
    if (!busy_.empty()) {
        serve(busy_);
    }
    if (watched_ && (!newcomers_.empty() || !busy_.empty())) {
        post_turn_end();
    }
}

/// For as long as a turn's share lasts, but one at least; those left over stay first.
/// `who` is not empty.
void ready_loop::serve(queue& who) {
    queue now;
    now.swap(who);
    const auto end = std::chrono::steady_clock::now() + turn_share;
    do {
        turn_listener& next = now.front();
        now.pop_front();
        next.on_turn_end();
    } while (!now.empty() && std::chrono::steady_clock::now() < end);
    who.splice(who.begin(), now);
}

void ready_loop::at_turn_end(turn_listener& who) {
    add(late_, who);
}

void ready_loop::give_up_turn(turn_listener& who) {
    add(busy_, who);
}

void ready_loop::await_turn(turn_listener& who) {
    add(newcomers_, who);
}

void ready_loop::add(queue& to, turn_listener& who) {
    who.unlink();
    to.push_back(who);
    if (watched_ && !in_turn_) {
        post_turn_end();
    }
}

void ready_loop::post_turn_end() {
    if (std::exchange(end_posted_, true)) {
        return;
    }
    asio::post(executor_, [this] {
        end_posted_ = false;
        end_turn();
    });
}

} // namespace bearward::proxy
