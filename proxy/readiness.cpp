#include "proxy/readiness.hpp"

#include <boost/asio/associated_allocator.hpp>

#include <cerrno>
#include <memory>
#include <sys/socket.h>

namespace bearward::proxy {

void waiter::notify() {
    if (resume_) {
        // Moved out first: the coroutine may wait again, or end and destroy this.
        auto resume = std::exchange(resume_, nullptr);
        resume();
    } else {
        notified_ = true;
    }
}

/// The handler of a wait. Keeps the stream alive; its operation lies in the
/// stream's memory when that is free.
struct stream::wait_handler {
    stream_ptr owner;
    bool read;

    template <class T>
    struct allocator {
        using value_type = T;
        stream* owner;
        bool read;

        allocator(stream* of, bool for_read) noexcept : owner(of), read(for_read) {}
        template <class U>
        allocator(const allocator<U>& other) noexcept : owner(other.owner), read(other.read) {}

        T* allocate(std::size_t count) {
            const std::size_t size = sizeof(T) * count;
            if (read && size <= sizeof(owner->memory_) && !owner->memory_in_use_) {
                owner->memory_in_use_ = true;
                return static_cast<T*>(static_cast<void*>(owner->memory_.data()));
            }
            return std::allocator<T>{}.allocate(count);
        }
        void deallocate(T* pointer, std::size_t count) noexcept {
            if (static_cast<void*>(pointer) == static_cast<void*>(owner->memory_.data())) {
                owner->memory_in_use_ = false;
            } else {
                std::allocator<T>{}.deallocate(pointer, count);
            }
        }
        template <class U>
        bool operator==(const allocator<U>& other) const noexcept {
            return owner == other.owner;
        }
    };

    using allocator_type = allocator<std::byte>;
    [[nodiscard]] allocator_type get_allocator() const noexcept { return {owner.get(), read}; }

    void operator()(error_code error) { owner->on_wait_done(read, error); }
};

stream::stream(stream_socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.native_non_blocking(true, ignored);
}

/// What a read through TLS says about readiness.
io_result stream::note_read(io_result result) noexcept {
    if (!result.would_block()) {
        readable_ = !result.done() || session_->has_more();
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
        const auto got = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
        if (got > 0) {
            const auto bytes = static_cast<std::size_t>(got);
            // A short read has emptied the socket: the next one would be in vain.
            readable_ = bytes == into.size();
            return {io_result::kind::done, bytes, 0};
        }
        if (got == 0) {
            return {io_result::kind::end_of_stream, 0, 0};
        }
        if (errno == EINTR) {
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            readable_ = false;
            return {io_result::kind::would_block, 0, 0};
        }
        return {io_result::kind::failed, 0, errno};
    }
}

io_result stream::peek(std::span<char> into) noexcept {
    if (session_) {
        return note_read(session_->peek(into));
    }
    const auto got = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got > 0) {
        return {io_result::kind::done, static_cast<std::size_t>(got), 0};
    }
    if (got == 0) {
        return {io_result::kind::end_of_stream, 0, 0};
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        readable_ = false;
        return {io_result::kind::would_block, 0, 0};
    }
    return {io_result::kind::failed, 0, errno};
}

io_result stream::write_some(std::span<const iovec> from) noexcept {
    if (session_) {
        return note_write(session_->write_some(from));
    }
    msghdr message{};
    // sendmsg does not write through the pointer; its type predates const.
    message.msg_iov = const_cast<iovec*>(from.data());
    message.msg_iovlen = from.size();
    while (true) {
        const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
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
        return {io_result::kind::failed, 0, errno};
    }
}

void stream::want_read() {
    if (read_needs_write_) {
        want_write();
    } else if (!readable_ && !waiting_read_) {
        waiting_read_ = true;
        start_wait(true);
    }
}

void stream::want_write() {
    if (!writable_ && !waiting_write_) {
        waiting_write_ = true;
        start_wait(false);
    }
}

void stream::start_wait(bool read) {
    socket_.async_wait(read ? stream_socket::wait_read : stream_socket::wait_write, wait_handler{stream_ptr{this}, read});
}

void stream::on_wait_done(bool read, error_code error) {
    (read ? waiting_read_ : waiting_write_) = false;
    if (error == asio::error::operation_aborted) {
        return; // closed by us: whoever closed it knows
    }
    (read ? readable_ : writable_) = true;
    if (!read && std::exchange(read_needs_write_, false)) {
        readable_ = true;
    }
    if (listener_ != nullptr) {
        listener_->on_ready();
    }
}

void stream::shutdown_write() noexcept {
    if (session_) {
        session_->close_notify();
    }
    error_code ignored;
    socket_.shutdown(stream_socket::shutdown_send, ignored);
}

void stream::reset() noexcept {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    end_socket();
}

void stream::close() noexcept {
    if (session_ && socket_.is_open()) {
        session_->close_notify();
    }
    end_socket();
}

void stream::end_socket() noexcept {
    listener_ = nullptr;
    session_.reset(); // the descriptor's number may soon be another connection's
    error_code ignored;
    socket_.close(ignored);
}

} // namespace bearward::proxy
