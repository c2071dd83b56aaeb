// How a worker waits for its sockets: the only place that knows. A stream reads
// and writes without blocking and says when it is ready again; the operation
// that waits has its memory inside the stream, so that waiting allocates nothing
// and an idle connection owns no coroutine and no buffer.
//
// Asio's public interface: async_wait costs one epoll_ctl when it is armed. It
// stays armed across exchanges, so that idle connections notice a close.
#pragma once

#include "proxy/io_result.hpp"
#include "proxy/net.hpp"
#include "proxy/tls/session.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
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

/// A non-blocking stream socket with its two waits, plain or with TLS over it. Lives
/// as long as somebody holds it or a wait is under way. Belongs to one worker's thread.
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

    /// From here on bytes pass through `session`, after handshake() was done.
    void secure(std::unique_ptr<tls::session> session) noexcept { session_ = std::move(session); }
    [[nodiscard]] const tls::session* session() const noexcept { return session_.get(); } ///< null: plain, or closed
    /// Goes on with the handshake. After would_block: want_handshake().
    [[nodiscard]] io_result handshake() noexcept;
    void want_handshake() { session_->wants_write() ? want_write() : want_read(); }

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

    /// No more bytes to the peer; with TLS it is told so.
    void shutdown_write() noexcept;
    /// Ends the connection with a reset, so that the peer can't take what it got for whole.
    void reset() noexcept;
    /// Ends it orderly; with TLS the peer is told so.
    void close() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }
    [[nodiscard]] stream_socket& socket() noexcept { return socket_; }

private:
    struct wait_handler;

    void on_wait_done(bool read, error_code error);
    void start_wait(bool read);
    void end_socket() noexcept;
    [[nodiscard]] io_result note_read(io_result result) noexcept;
    [[nodiscard]] io_result note_write(io_result result) noexcept;

    stream_socket socket_;
    readiness_listener* listener_ = nullptr;
    bool readable_ = false;
    bool writable_ = true;
    bool waiting_read_ = false;
    bool waiting_write_ = false;
    bool memory_in_use_ = false;
    bool read_needs_write_ = false;         ///< TLS has to answer before it can read on
    std::unique_ptr<tls::session> session_; ///< null: plain
    /// For the read wait, which is nearly always under way; a write wait is rare.
    alignas(std::max_align_t) std::array<std::byte, 112> memory_;
};

using stream_ptr = boost::intrusive_ptr<stream>;

} // namespace bearward::proxy
