// What an exchange has of its client, whatever the protocol: who it is and whether it is still
// there, the request's body, an answer's head and body, an end that can't pass for whole. How the
// protocol says an answer (framing, Connection, text) and what may follow it is decided here.
// HTTP/1 makes one at a time and owns the socket; what comes between two requests on it belongs to
// its connection. A protocol with many streams on a socket is another branch in these functions, as
// a stream is plain or TLS.
#pragma once

#include "proxy/address_counts.hpp"
#include "proxy/event/read_buffer.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/exchange/client_watch.hpp"
#include "proxy/http/body_pump.hpp"
#include "proxy/http/head.hpp"
#include "proxy/http/outgoing_head.hpp"
#include "proxy/http/request_rest.hpp"
#include "proxy/telemetry/counters.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <utility>

namespace bearward::proxy {

/// Of a connection whose listener was closed by a reload.
inline constexpr std::uint32_t no_listener = 0xFFFF'FFFF;

class worker_context;

/// A response's body as it comes from a server.
struct response_body {
    stream& from;
    read_buffer& read; ///< what has come of it already
    http::body_reader::plan how;
    bool has_events = false; ///< it is a text/event-stream that may have to end early
};

class client_stream {
public:
    client_stream(const client_stream&) = delete;
    client_stream& operator=(const client_stream&) = delete;

    // --- who it is ---
    /// Whether it came through TLS.
    [[nodiscard]] bool secure() const noexcept { return stream_->session() != nullptr; }
    /// Of its connection; null: it is plain.
    [[nodiscard]] const policies::requests::client_certificate* certificate() const noexcept { return stream_->session(); }
    /// The index of its listener, or no_listener.
    [[nodiscard]] std::uint32_t listener() const noexcept { return listener_; }
    /// Whether it was accepted by a listener that decides for another proxy, whatever that listener does by now.
    [[nodiscard]] bool decides_for_another() const noexcept { return decides_for_another_; }
    /// The peer's, or the one in its PROXY header; without port, empty for unix sockets.
    [[nodiscard]] const std::string& client_address() const noexcept { return address_; }
    /// How the log names the protocol of a request; empty: it has no head.
    [[nodiscard]] static std::string_view protocol_of(const http::request_head& request) noexcept;
    /// Looks from now on whether it is still there. `limit` is armed once it has ended its side.
    [[nodiscard]] client_watch watch(deadline& limit) noexcept { return {*stream_, limit}; }

    // --- a request ---
    /// Its body goes up behind `head_text`: from here and what is in `read` already, to `to`.
    void start_upload(http::body_pump& pump, read_buffer& read, stream& to, std::string_view head_text, const http::body_reader::plan& how);

    /// Its body is read here, from what is in `read` already on.
    void start_body(http::body_reader& reader, read_buffer& read, const http::body_reader::plan& how) {
        reader.start(stream_.get(), read, how);
    }

    // --- an answer ---
    /// Whether it takes 1xx responses before the answer (RFC 9110 section 15.2).
    [[nodiscard]] static bool takes_interim(const http::request_head& request) noexcept { return request.minor_version != 0; }
    /// Makes text of an interim response, or of one that switches to a WebSocket, for write_some().
    static void put_interim(const http::outgoing_response& head, std::string& text);
    /// Makes text of a whole answer, for write_some(), and decides what may follow it. `body`: all
    /// of it, whatever the head says of its length (RFC 9110 section 9.3.2).
    void put_answer(const http::request_head& request, const http::request_rest& rest, http::outgoing_response& head, std::string_view body,
                    std::string& text);
    /// A response comes down behind its head, of which `text` has the bytes until they are written;
    /// decides what may follow it. `watched`: what is known of the client meanwhile.
    void start_download(http::body_pump& pump, const http::request_head& request, const http::request_rest& rest,
                        const client_watch& watched, http::outgoing_response& head, const response_body& body, std::string& text);
    /// Writes of a message that lies in memory. After would_block: want_write().
    [[nodiscard]] io_result write_some(std::string_view text) noexcept {
        const iovec piece{const_cast<char*>(text.data()), text.size()}; // iovec is not const-correct
        return stream_->write_some({&piece, 1});
    }
    void want_write() { stream_->want_write(); }
    /// Whether bytes of a write that blocked go out all the same: nothing else may follow.
    [[nodiscard]] bool write_pending() const noexcept { return stream_->write_pending(); }
    /// Reads of what comes behind an answer: a WebSocket's frames. After would_block: want_read().
    [[nodiscard]] io_result read_some(std::span<char> space) { return stream_->read_some(space); }
    [[nodiscard]] bool readable() const noexcept { return stream_->readable(); }
    void want_read() { stream_->want_read(); }
    /// The answer is not out as a whole: nothing may follow it.
    void give_up() noexcept { goes_on_ = false; }
    /// Ends it so that what was sent can't pass for whole.
    void abort() noexcept {
        give_up();
        stream_->reset();
    }

    // --- a tunnel ---
    /// Hands the socket on to it.
    [[nodiscard]] stream_ptr share_stream() noexcept { return stream_; }
    /// The socket belongs to somebody else now: don't close it.
    void detach() noexcept { stream_.reset(); }
    /// Where it is counted while it is open.
    [[nodiscard]] gauge& open_gauge() const noexcept { return open_.where(); }
    /// Hands on what its address is counted by.
    [[nodiscard]] address_counts::slot take_slot() noexcept { return std::move(slot_); }

protected:
    client_stream(worker_context& owner, stream_ptr peer, std::uint32_t listener, std::string address, gauge& open)
        : owner_(owner), stream_(std::move(peer)), listener_(listener), address_(std::move(address)), open_(open) {}
    ~client_stream() {
        if (stream_) {
            stream_->close();
        }
    }

    // --- what HTTP/1's connection alone may use ---
    [[nodiscard]] stream& peer() noexcept { return *stream_; }
    /// A request begins: until it is answered nothing may follow.
    void begin_request() noexcept { goes_on_ = leaves_doubt_ = false; }
    /// Whether the connection goes on behind the answer.
    [[nodiscard]] bool goes_on() const noexcept { return goes_on_; }
    void set_goes_on(bool whether) noexcept { goes_on_ = whether; }
    /// Where the answered request ends is unknown, or its body does not come.
    [[nodiscard]] bool leaves_doubt() const noexcept { return leaves_doubt_; }

    [[nodiscard]] worker_context& owner() const noexcept { return owner_; }
    /// Null: detached.
    [[nodiscard]] const stream_ptr& held() const noexcept { return stream_; }
    void set_listener(std::uint32_t index) noexcept { listener_ = index; }
    void set_decides_for_another(bool whether) noexcept { decides_for_another_ = whether; }
    void set_address(std::string address) noexcept { address_ = std::move(address); }
    void set_slot(address_counts::slot slot) noexcept { slot_ = std::move(slot); }

private:
    worker_context& owner_;
    stream_ptr stream_;
    std::uint32_t listener_;
    bool decides_for_another_ = false;
    bool goes_on_ = false;
    bool leaves_doubt_ = false;
    std::string address_;
    counted open_;
    address_counts::slot slot_;
};

} // namespace bearward::proxy
