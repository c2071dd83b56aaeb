#include "tests/simulation/connection.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/epoll.h>

namespace bearward::simulation {

connection::connection(timeline& when, choices random, const network_conduct& conduct) : when_(when), random_(random), conduct_(conduct) {}

int connection::fail(int error) noexcept {
    errno = error;
    return -1;
}

/// Segments of one direction arrive in their order.
nanoseconds connection::next_arrival(nanoseconds& last) {
    last = std::max(last, when_.now() + nanoseconds(random_.below(static_cast<std::uint64_t>(conduct_.latency.count()))));
    return last;
}

// tcp_recvmsg: what was received, then the end, then an error, once.
ssize_t connection::receive(char* into, std::size_t most, bool peek) {
    if (unread() == 0) {
        if (end_received_) {
            return 0;
        }
        if (error_ != 0) {
            return fail(take_error());
        }
        return dead_ ? 0 : fail(EAGAIN);
    }
    std::size_t count = std::min(most, unread());
    if (const std::size_t least = std::max<std::size_t>(shown_, 1); count > least && !whole_ && random_.one_in(40)) {
        // As if the rest arrived after the call: it gets an event of its own. Peeked bytes stay.
        count = random_.between(least, count - 1);
        wake(EPOLLIN);
    }
    shown_ = peek ? std::max(shown_, count) : shown_ - std::min(shown_, count);
    std::copy_n(received_.data() + taken_, count, into);
    if (!peek) {
        taken_ += count;
        refill();
    }
    return static_cast<ssize_t>(count);
}

/// There is room again for what the actor sends.
void connection::refill() {
    if (taken_ == received_.size()) {
        received_.clear();
        taken_ = 0;
    } else if (taken_ > 64 * 1024) {
        received_.erase(0, std::exchange(taken_, 0));
    }
    if (conduct_.refills && !gone_) {
        deliver();
    } else if (undelivered() != 0 && !std::exchange(delivering_, true)) {
        when_.at(next_arrival(last_to_worker_), [self = shared_from_this()] {
            self->delivering_ = false;
            self->deliver();
        });
    }
}

// tcp_sendmsg.
ssize_t connection::send(std::string_view bytes) {
    if (error_ != 0) {
        return fail(take_error());
    }
    if (dead_ || shut_) {
        return fail(EPIPE);
    }
    if (connecting_ || unacknowledged_ >= conduct_.send_window || random_.one_in(60)) {
        if (!connecting_ && unacknowledged_ < conduct_.send_window) { // out of memory for a moment
            when_.after(20us, [self = shared_from_this()] { self->wake(EPOLLOUT); });
        }
        wants_room_ = true;
        return fail(EAGAIN);
    }
    std::size_t count = std::min(bytes.size(), conduct_.send_window - unacknowledged_);
    if (count > 1 && random_.one_in(40)) {
        count = 1 + random_.below(count - 1);
    }
    wants_room_ = wants_room_ || count < bytes.size();
    unacknowledged_ += count;
    in_flight_ += count;
    when_.at(next_arrival(last_to_actor_),
             [self = shared_from_this(), part = std::string(bytes.substr(0, count))]() mutable { self->arrive(std::move(part)); });
    return static_cast<ssize_t>(count);
}

int connection::shut_down() {
    if (dead_ || connecting_) {
        return fail(ENOTCONN);
    }
    if (!std::exchange(shut_, true)) {
        when_.at(next_arrival(last_to_actor_), [self = shared_from_this()] { self->arrive_end(false); });
    }
    return 0;
}

void connection::close(bool reset) {
    const bool breaks = reset || unread() != 0;
    closed_ = true;
    wake = [](std::uint32_t) {};
    resume(writer_);
    if (dead_) {
        return;
    }
    if (breaks || connecting_) {
        when_.at(next_arrival(last_to_actor_), [self = shared_from_this()] { self->arrive_end(true); });
    } else if (!shut_) {
        when_.at(next_arrival(last_to_actor_), [self = shared_from_this()] { self->arrive_end(false); });
    }
}

// tcp_poll.
std::uint32_t connection::level() noexcept {
    std::uint32_t mask = 0;
    if (dead_ || (shut_ && end_received_)) {
        mask |= EPOLLHUP;
    }
    if (dead_ || end_received_) {
        mask |= EPOLLIN | EPOLLRDHUP;
    }
    if (unread() != 0) {
        mask |= EPOLLIN;
    }
    if (!connecting_ && (dead_ || shut_ || writable())) {
        mask |= EPOLLOUT;
    } else {
        wants_room_ = true;
    }
    return error_ != 0 ? mask | EPOLLERR : mask;
}

void connection::establish(int error) {
    connecting_ = false;
    if (error != 0) {
        break_worker_side(error);
    } else if (!closed_) {
        wake(EPOLLOUT);
    }
}

void connection::break_worker_side(int error) {
    if (!dead_ && !closed_) {
        error_ = end_received_ && error == ECONNRESET ? EPIPE : error;
        dead_ = true;
        wake(0);
        resume(writer_);
    }
}

void connection::push(std::string_view bytes) {
    if (gone_ || end_pushed_ || bytes.empty()) {
        return;
    }
    outgoing_ += bytes;
    refill();
}

bool connection::push_whole(std::string_view bytes) {
    if (unread() + undelivered() + bytes.size() > conduct_.receive_window) {
        return false;
    }
    whole_ = true;
    push(bytes);
    return true;
}

void connection::finish() {
    if (!gone_ && !std::exchange(end_pushed_, true) && !std::exchange(delivering_, true)) {
        when_.at(next_arrival(last_to_worker_), [self = shared_from_this()] {
            self->delivering_ = false;
            self->deliver();
        });
    }
}

void connection::reset() {
    if (std::exchange(gone_, true)) {
        return;
    }
    drop_outgoing(); // what was not sent never is
    abandon();
    when_.at(next_arrival(last_to_worker_), [self = shared_from_this()] { self->break_worker_side(ECONNRESET); });
}

void connection::leave() {
    if (has_bytes()) {
        reset();
    } else if (!gone_ && !std::exchange(left_, true)) {
        finish();
    }
}

void connection::abandon() {
    resume(reader_);
    resume(writer_);
}

std::string connection::take() {
    unacknowledged_ -= arrived_.size();
    if (wants_room_ && writable()) {
        wants_room_ = false;
        when_.at(next_arrival(last_to_worker_), [self = shared_from_this()] { self->wake(EPOLLOUT); });
    }
    return std::exchange(arrived_, {});
}

/// Moves what the actor has pushed into the worker's kernel, as far as there is room.
void connection::deliver() {
    if (dead_ || gone_) {
        return;
    }
    if (closed_) {
        if (undelivered() != 0) { // nobody is there to take it
            drop_outgoing();
            arrive_end(true);
        }
        return;
    }
    if (undelivered() != 0) {
        const std::size_t room = conduct_.receive_window - std::min(conduct_.receive_window, unread());
        std::size_t count = std::min(room, undelivered());
        if (count > 1 && !conduct_.refills && !whole_ && random_.one_in(8)) {
            count = 1 + random_.below(count - 1);
        }
        if (count != 0) {
            received_.append(outgoing_, given_, count);
            given_ += count;
            if (undelivered() == 0) {
                drop_outgoing();
            }
            wake(EPOLLIN);
        }
        if (undelivered() == 0) {
            resume(writer_);
        } else if (count != 0 && !conduct_.refills) {
            refill();
        }
    }
    if (undelivered() == 0 && end_pushed_ && !std::exchange(end_delivered_, true)) {
        end_received_ = true;
        wake(0);
    }
}

void connection::suspend_reader(std::coroutine_handle<> awaiting, nanoseconds at_most) {
    reader_ = awaiting;
    reader_until_ = when_.now() + at_most;
    time_reader();
}

/// One moment a connection, however often its reader waits, unless it is to wait for less.
void connection::time_reader() {
    if (reader_moment_ <= reader_until_) {
        return;
    }
    reader_moment_ = reader_until_;
    when_.at(reader_moment_, [self = shared_from_this(), moment = reader_moment_] {
        if (self->reader_moment_ != moment) {
            return;
        }
        self->reader_moment_ = nanoseconds::max();
        if (self->reader_ && self->when_.now() < self->reader_until_) {
            self->time_reader();
        } else {
            self->resume(self->reader_);
        }
    });
}

void connection::arrive(std::string bytes) {
    in_flight_ -= bytes.size();
    if (gone_) {
        return;
    }
    if (left_) {
        reset();
        return;
    }
    arrived_ += bytes;
    resume(reader_);
}

void connection::arrive_end(bool broken) {
    end_arrived_ = true;
    broken_ = broken_ || broken;
    resume(reader_);
    if (broken) {
        resume(writer_);
    }
}

void connection::resume(std::coroutine_handle<>& who) {
    if (who) {
        when_.after(0ns, [waiting = std::exchange(who, nullptr)] { waiting.resume(); });
    }
}

} // namespace bearward::simulation
