// How a worker waits for its sockets: the only place that knows. A stream reads
// and writes without blocking and says when it is ready again. Waiting is a flag
// in the stream: it allocates nothing and costs no system call (ready_loop), and
// an idle connection owns no coroutine and no buffer.
#pragma once

#include "policies/invariant.hpp"
#include "proxy/event/net.hpp"
#include "proxy/event/ready_loop.hpp"
#include "proxy/io_result.hpp"
#include "proxy/tls/session.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>

namespace bearward::proxy {

class splice_pipe;

/// Told on the worker's thread that a stream is ready. May close the stream.
class readiness_listener {
public:
    virtual void on_ready() = 0;

protected:
    ~readiness_listener() = default;
};

/// Lets one coroutine sleep until something that it listens to is ready.
/// Notifications while it does not sleep are remembered, once.
class waiter final : public readiness_listener, public turn_listener {
public:
    /// `co_await w.wait();`
    [[nodiscard]] auto wait() {
        return asio::async_initiate<const asio::deferred_t&, void()>(
            [this](auto handler) {
                policies::invariant(!resume_, "one coroutine sleeps at a waiter");
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
    void on_turn_end() override { notify(); }

private:
    std::move_only_function<void()> resume_;
    bool notified_ = false;
};

/// A non-blocking stream socket with its two waits, plain or with TLS over it. Lives
/// as long as somebody holds it. Belongs to one worker's thread.
class stream final : public event_source, public boost::intrusive_ref_counter<stream, boost::thread_unsafe_counter> {
public:
    /// Takes a non-blocking socket: TCP or unix, connected or connecting. The latter
    /// becomes writable when that is over; its SO_ERROR tells how. Out of resources it
    /// is closed.
    stream(asio::io_context& context, int descriptor, bool connected = true);
    ~stream() { close(); }
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    [[nodiscard]] io_result read_some(std::span<char> into) noexcept;
    /// `last`: the end of the stream follows at once, and may leave in the same segment.
    [[nodiscard]] io_result write_some(std::span<const iovec> from, bool last = false) noexcept;
    /// Looks at what is there without taking it.
    [[nodiscard]] io_result peek(std::span<char> into) noexcept;

    /// Moves up to `most` bytes into an empty pipe, or out of one what it holds, inside the
    /// kernel (splice(2)). Plain streams only. `last`: as for write_some().
    [[nodiscard]] io_result splice_to(splice_pipe& pipe, std::size_t most) noexcept;
    [[nodiscard]] io_result splice_from(splice_pipe& pipe, bool last) noexcept;

    /// From here on bytes pass through `session`, after handshake() was done.
    void secure(std::unique_ptr<tls::session> session) noexcept;
    [[nodiscard]] const tls::session* session() const noexcept { return session_.get(); } ///< null: plain, or closed
    /// Whether bytes of a write that blocked go out all the same: nothing else may follow.
    [[nodiscard]] bool write_pending() const noexcept { return session_ != nullptr && session_->write_pending(); }
    /// Through TLS: grows also while a record goes out that write_some() does not count yet. Plain: 0.
    [[nodiscard]] std::uint64_t tls_bytes_sent() const noexcept { return session_ != nullptr ? session_->bytes_sent() : 0; }
    /// Goes on with the handshake. After would_block: want_handshake().
    [[nodiscard]] io_result handshake() noexcept;
    void want_handshake() { session_->wants_write() ? want_write() : want_read(); }

    /// Who is notified; null: nobody, readiness is remembered.
    void listen(readiness_listener* listener) noexcept { listener_ = listener; }
    /// Whether a read may have something: since the kernel said so, until a read came up short.
    [[nodiscard]] bool readable() const noexcept { return readable_; }
    [[nodiscard]] bool writable() const noexcept { return writable_; }
    /// Starts to wait unless it is ready or waiting already.
    void want_read();
    void want_write();
    /// Reports the peer's end too, whatever is still unread before it.
    void want_end() noexcept { waiting_end_ = true; }
    /// Whether the peer sends nothing more behind what is unread, as far as the kernel has said.
    [[nodiscard]] bool peer_ended() const noexcept { return ended_; }
    /// Whether the connection is gone in both directions.
    [[nodiscard]] bool broken() const noexcept { return broken_; }

    /// Whether the kernel still holds bytes that the peer has not taken.
    [[nodiscard]] bool has_unsent() const noexcept;

    /// No more bytes to the peer; with TLS a record says so, which needs room as any other
    /// does. False: there is none now; want_write(), then once more.
    [[nodiscard]] bool shutdown_write() noexcept;
    /// Ends the connection with a reset, so that the peer can't take what it got for whole.
    void reset() noexcept;
    /// Ends it orderly; with TLS a record says so, if there is room for it.
    void close() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    void on_events(std::uint32_t events) override;
    void end_socket() noexcept;
    [[nodiscard]] io_result note_read(io_result result) noexcept;
    [[nodiscard]] io_result note_write(io_result result) noexcept;
    [[nodiscard]] io_result end_of_read() const noexcept;
    [[nodiscard]] io_result fail(int error) noexcept;
    [[nodiscard]] bool note_end(std::uint32_t events) noexcept;

    ready_loop& loop_;
    readiness_listener* listener_ = nullptr;
    std::unique_ptr<tls::session> session_; ///< null: plain
    int descriptor_;
    int lost_ = 0; ///< errno of the failure that ended the connection, of a read or a write; 0: none
    bool readable_ = false;
    bool writable_ = true;
    bool ended_ = false; ///< the peer sends nothing more, or the connection broke: reads say which
    bool broken_ = false;
    bool waiting_read_ = false;
    bool waiting_write_ = false;
    bool waiting_end_ = false;
    bool watches_writes_ = false;
    bool read_needs_write_ = false; ///< TLS has to answer before it can read on
};

using stream_ptr = boost::intrusive_ptr<stream>;

} // namespace bearward::proxy
