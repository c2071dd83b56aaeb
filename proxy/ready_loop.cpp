#include "proxy/ready_loop.hpp"

#include "proxy/readiness.hpp"

#include <boost/asio/post.hpp>

#include <cerrno>
#include <system_error>

namespace bearward::proxy {
namespace {

constexpr std::uint32_t read_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

int make_set() {
    const int made = ::epoll_create1(EPOLL_CLOEXEC);
    if (made < 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_create1");
    }
    return made;
}

} // namespace

ready_loop::ready_loop(asio::io_context& context) : service(context), executor_(context.get_executor()), set_(executor_, make_set()) {
    wait();
}

void ready_loop::shutdown() {
    late_.clear();
    next_ = count_ = 0;
}

bool ready_loop::join(int descriptor, stream& what) noexcept {
    epoll_event event{};
    event.events = read_events;
    event.data.ptr = &what;
    return ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void ready_loop::watch_writes(int descriptor, stream& what) noexcept {
    epoll_event event{};
    event.events = read_events | EPOLLOUT;
    event.data.ptr = &what;
    ::epoll_ctl(set_.native_handle(), EPOLL_CTL_MOD, descriptor, &event);
}

void ready_loop::forget(const stream& what) noexcept {
    for (std::size_t index = next_; index < count_; ++index) {
        if (events_[index].data.ptr == &what) {
            events_[index].data.ptr = nullptr;
        }
    }
}

void ready_loop::wait() {
    set_.async_wait(asio::posix::descriptor_base::wait_read, [this](error_code error) {
        if (!error) {
            run_turn();
            wait();
        }
    });
}

void ready_loop::run_turn() {
    const int found = ::epoll_wait(set_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
    count_ = found < 0 ? 0 : static_cast<std::size_t>(found);
    in_turn_ = true;
    for (next_ = 0; next_ < count_;) {
        const epoll_event event = events_[next_++];
        if (event.data.ptr != nullptr) {
            static_cast<stream*>(event.data.ptr)->on_events(event.events);
        }
    }
    in_turn_ = false;
    end_turn();
}

void ready_loop::end_turn() {
    // Those who come meanwhile belong to the next turn.
    queue now;
    now.swap(late_);
    while (!now.empty()) {
        turn_listener& who = now.front();
        now.pop_front();
        who.on_turn_end();
    }
}

void ready_loop::at_turn_end(turn_listener& who) {
    who.unlink();
    late_.push_back(who);
    if (!in_turn_) {
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
