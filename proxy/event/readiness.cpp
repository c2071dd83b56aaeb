#include "proxy/event/readiness.hpp"

#include "proxy/event/pipe_pool.hpp"

#include <cerrno>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace bearward::proxy {

using policies::invariant;

void waiter::notify() {
    if (resume_) {
        // Moved out first: the coroutine may wait again, or end and destroy this.
        auto resume = std::exchange(resume_, nullptr);
        resume();
    } else {
        notified_ = true;
    }
}

stream::stream(asio::io_context& context, int descriptor, bool connected)
    : loop_(ready_loop::of(context)), descriptor_(descriptor), writable_(connected), watches_writes_(!connected) {
    if (!loop_.join(descriptor_, *this, watches_writes_)) {
        readable_ = writable_ = ended_ = true; // whoever reads or writes learns that it is over
        ::close(std::exchange(descriptor_, -1));
    }
}

void stream::secure(std::unique_ptr<tls::session> session) noexcept {
    invariant(is_open() && session_ == nullptr, "an open stream becomes a TLS one once");
    session_ = std::move(session);
}

/// What a read through TLS says about readiness.
io_result stream::note_read(io_result result) noexcept {
    if (!result.would_block()) {
        readable_ = ended_ || !result.done() || session_->has_more();
        return result;
    }
    readable_ = false;
    read_needs_write_ = session_->wants_write();
    writable_ = writable_ && !read_needs_write_;
    return result;
}

io_result stream::note_write(io_result result) noexcept {
    writable_ = writable_ && !result.would_block();
    return result;
}

/// The kernel reports a reset once, to whichever call comes first. From then on it says that
/// the peer has ended orderly, which must not make a whole of a part.
io_result stream::fail(int error) noexcept {
    if (error != EPIPE && error != EINVAL) { // a peer that closed: what it sent before is whole; a kind of socket that has no splice(2)
        lost_ = error;
    }
    return {io_result::kind::failed, 0, error};
}

io_result stream::end_of_read() const noexcept {
    return {lost_ == 0 ? io_result::kind::end_of_stream : io_result::kind::failed, 0, lost_};
}

io_result stream::handshake() noexcept {
    const auto result = session_->handshake();
    if (result.would_block() && session_->wants_write()) {
        writable_ = false;
        return result;
    }
    return note_read(result);
}

io_result stream::read_some(std::span<char> into) noexcept {
    if (session_) {
        return note_read(session_->read_some(into));
    }
    while (true) {
        const auto got = ::recv(descriptor_, into.data(), into.size(), 0);
        if (got > 0) {
            const auto bytes = static_cast<std::size_t>(got);
            // A short read has emptied the socket: the next one would find nothing,
            // unless it is to see the end.
            readable_ = ended_ || bytes == into.size();
            return {io_result::kind::done, bytes, 0};
        }
        if (got == 0) {
            return end_of_read();
        }
        if (errno == EINTR) {
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            readable_ = false;
            return {io_result::kind::would_block, 0, 0};
        }
        return fail(errno);
    }
}

io_result stream::peek(std::span<char> into) noexcept {
    if (session_) {
        return note_read(session_->peek(into));
    }
    const auto got = ::recv(descriptor_, into.data(), into.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got > 0) {
        return {io_result::kind::done, static_cast<std::size_t>(got), 0};
    }
    if (got == 0) {
        return end_of_read();
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        readable_ = false;
        return {io_result::kind::would_block, 0, 0};
    }
    return fail(errno);
}

io_result stream::write_some(std::span<const iovec> from, bool last) noexcept {
    if (session_) {
        return note_write(session_->write_some(from));
    }
    msghdr message{};
    // sendmsg does not write through the pointer; its type predates const.
    message.msg_iov = const_cast<iovec*>(from.data());
    message.msg_iovlen = from.size();
    const int flags = last ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
    while (true) {
        const auto sent =
            from.size() == 1 ? ::send(descriptor_, from[0].iov_base, from[0].iov_len, flags) : ::sendmsg(descriptor_, &message, flags);
        if (sent >= 0) {
            return {io_result::kind::done, static_cast<std::size_t>(sent), 0};
        }
        if (errno == EINTR) {
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            writable_ = false;
            return {io_result::kind::would_block, 0, 0};
        }
        return fail(errno);
    }
}

io_result stream::splice_to(splice_pipe& pipe, std::size_t most) noexcept {
    invariant(session_ == nullptr, "only what is plain passes through a pipe");
    const auto moved = pipe.fill(descriptor_, most);
    if (moved > 0) {
        return {io_result::kind::done, static_cast<std::size_t>(moved), 0};
    }
    if (moved == 0) {
        return end_of_read();
    }
    if (errno == EAGAIN) {
        readable_ = false;
        return {io_result::kind::would_block, 0, 0};
    }
    return fail(errno);
}

io_result stream::splice_from(splice_pipe& pipe, bool last) noexcept {
    invariant(session_ == nullptr, "only what is plain passes through a pipe");
    const auto moved = pipe.drain(descriptor_, last);
    if (moved > 0) {
        return {io_result::kind::done, static_cast<std::size_t>(moved), 0};
    }
    if (moved < 0 && errno == EAGAIN) {
        writable_ = false;
        return {io_result::kind::would_block, 0, 0};
    }
    return fail(moved == 0 ? EPIPE : errno);
}

void stream::want_read() {
    if (read_needs_write_) {
        want_write();
    } else {
        waiting_read_ = !readable_;
        invariant(!waiting_read_ || is_open(), "nobody waits for a stream that is closed");
    }
}

void stream::want_write() {
    waiting_write_ = !writable_;
    invariant(!waiting_write_ || is_open(), "nobody waits for a stream that is closed");
    if (waiting_write_ && !std::exchange(watches_writes_, true)) {
        loop_.watch_writes(descriptor_, *this);
    }
}

/// Returns whether somebody waits for this.
bool stream::note_end(std::uint32_t events) noexcept {
    ended_ = readable_ = true;
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
        broken_ = writable_ = true;
    }
    return std::exchange(waiting_end_, false);
}

void stream::on_events(std::uint32_t events) {
    bool awaited = false;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        awaited = note_end(events);
    }
    if ((events & EPOLLIN) != 0) {
        readable_ = true;
        if (session_) {
            session_->note_arrival();
        }
    }
    writable_ |= (events & EPOLLOUT) != 0;
    if (read_needs_write_ && writable_) {
        read_needs_write_ = false;
        readable_ = true;
    }
    if (waiting_read_ && readable_) {
        waiting_read_ = false;
        awaited = true;
    }
    if (waiting_write_ && writable_) {
        waiting_write_ = false;
        awaited = true;
    }
    if (awaited && listener_ != nullptr) {
        listener_->on_ready(); // may destroy this
    }
}

bool stream::has_unsent() const noexcept {
    int bytes = 0;
    return ::ioctl(descriptor_, SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

bool stream::shutdown_write() noexcept {
    if (session_ && !session_->close_notify()) {
        writable_ = false;
        return false;
    }
    ::shutdown(descriptor_, SHUT_WR);
    return true;
}

void stream::reset() noexcept {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    end_socket();
}

void stream::close() noexcept {
    if (session_ && is_open()) {
        (void)session_->close_notify();
    }
    end_socket();
}

void stream::end_socket() noexcept {
    listener_ = nullptr;
    session_.reset(); // the descriptor's number may soon be another connection's
    if (descriptor_ >= 0) {
        loop_.forget(*this);
        ::close(std::exchange(descriptor_, -1));
    }
}

} // namespace bearward::proxy
