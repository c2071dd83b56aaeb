// How a worker waits for its sockets: the only place that knows. A stream reads
// and writes without blocking and says when it is ready again; the operation
// that waits has its memory inside the stream, so that waiting allocates nothing
// and an idle connection owns no coroutine and no buffer.
//
// Asio's public interface: async_wait costs one epoll_ctl when it is armed. It
// stays armed across exchanges, so that idle connections notice a close.
#pragma once

#include "proxy/net.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <sys/uio.h>
#include <utility>

namespace bearward::proxy {

/// Told on the worker's thread that a stream is ready. May close the stream.
class readiness_listener {
public:
    virtual void on_ready() = 0;

protected:
    ~readiness_listener() = default;
};

/// Lets one coroutine sleep until something that it listens to is ready.
/// Notifications while it does not sleep are remembered, once.
class waiter final : public readiness_listener {
public:
    /// `co_await w.wait();`
    [[nodiscard]] auto wait() {
        return asio::async_initiate<const asio::deferred_t&, void()>(
            [this](auto handler) {
                if (std::exchange(notified_, false)) {
                    std::move(handler)();
                } else {
                    resume_ = std::move(handler);
                }
            },
            asio::deferred);
    }
    void notify();
    void on_ready() override { notify(); }

private:
    std::move_only_function<void()> resume_;
    bool notified_ = false;
};

/// The outcome of one non-blocking read or write.
struct io_result {
    enum class kind : std::uint8_t { done, would_block, end_of_stream, failed };
    kind what = kind::failed;
    std::size_t bytes = 0;
    int error = 0; ///< errno, with kind::failed

    [[nodiscard]] bool done() const noexcept { return what == kind::done; }
    [[nodiscard]] bool would_block() const noexcept { return what == kind::would_block; }
};

/// A non-blocking stream socket with its two waits. Lives as long as somebody
/// holds it or a wait is under way. Belongs to one worker's thread.
class stream final : public boost::intrusive_ref_counter<stream, boost::thread_unsafe_counter> {
public:
    /// Takes a connected socket and makes it non-blocking.
    explicit stream(stream_socket socket);
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    [[nodiscard]] io_result read_some(std::span<char> into) noexcept;
    [[nodiscard]] io_result write_some(std::span<const iovec> from) noexcept;
    /// Looks at what is there without taking it.
    [[nodiscard]] io_result peek(std::span<char> into) noexcept;

    /// Who is told; null: nobody, readiness is remembered.
    void listen(readiness_listener* listener) noexcept { listener_ = listener; }
    /// Whether a read may have something: since a wait said so, until a read came up short.
    [[nodiscard]] bool readable() const noexcept { return readable_; }
    [[nodiscard]] bool writable() const noexcept { return writable_; }
    /// Starts to wait unless it is ready or waiting already.
    void want_read();
    void want_write();

    /// Tells the listener again: for who gave up its turn with more to do.
    void announce() {
        if (listener_ != nullptr) {
            listener_->on_ready();
        }
    }

    /// No more bytes to the peer.
    void shutdown_write() noexcept;
    /// Ends the connection with a reset, so that the peer can't take what it got for whole.
    void reset() noexcept;
    void close() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }
    [[nodiscard]] stream_socket& socket() noexcept { return socket_; }

private:
    struct wait_handler;

    void on_wait_done(bool read, error_code error);
    void start_wait(bool read);

    stream_socket socket_;
    readiness_listener* listener_ = nullptr;
    bool readable_ = false;
    bool writable_ = true;
    bool waiting_read_ = false;
    bool waiting_write_ = false;
    bool memory_in_use_ = false;
    /// For the read wait, which is nearly always under way; a write wait is rare.
    alignas(std::max_align_t) std::array<std::byte, 112> memory_;
};

using stream_ptr = boost::intrusive_ptr<stream>;

} // namespace bearward::proxy
