// What an exchange has of its client, whatever the protocol: who it is, the request's body, an
// answer that is written, an end that can't pass for whole. HTTP/1 makes one at a time and owns the
// socket; what comes between two requests on it belongs to its connection. A protocol with many
// streams on a socket is another branch in these functions, as a stream is plain or TLS.
#pragma once

#include "proxy/address_counts.hpp"
#include "proxy/event/read_buffer.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/http/body_pump.hpp"
#include "proxy/telemetry/counters.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <utility>

namespace bearward::proxy {

/// Of a connection whose listener was closed by a reload.
inline constexpr std::uint32_t no_listener = 0xFFFF'FFFF;

class client_stream {
public:
    client_stream(const client_stream&) = delete;
    client_stream& operator=(const client_stream&) = delete;

    /// HTTP/1's socket: for its connection, its tunnel and the functions below.
    [[nodiscard]] stream& peer() noexcept { return *stream_; }
    /// Whether it came through TLS.
    [[nodiscard]] bool secure() const noexcept { return stream_->session() != nullptr; }
    /// The request's body goes up behind `head_text`: from here and what is in `read` already, to `to`.
    void start_upload(http::body_pump& pump, read_buffer& read, stream& to, std::string_view head_text, const http::body_pump::plan& how) {
        pump.start(stream_.get(), read, to, head_text, how);
    }
    /// A response comes down behind `head_text`: from `from` and what is in `read` already.
    void start_download(http::body_pump& pump, stream& from, read_buffer& read, std::string_view head_text,
                        const http::body_pump::plan& how) {
        pump.start(&from, read, *stream_, head_text, how);
    }
    /// Writes of a message that lies in memory. After would_block: want_write().
    [[nodiscard]] io_result write_some(std::string_view text) noexcept {
        const iovec piece{const_cast<char*>(text.data()), text.size()}; // iovec is not const-correct
        return stream_->write_some({&piece, 1});
    }
    void want_write() { stream_->want_write(); }
    /// Whether bytes of a write that blocked go out all the same: nothing else may follow.
    [[nodiscard]] bool write_pending() const noexcept { return stream_->write_pending(); }
    /// Ends it so that what was sent can't pass for whole.
    void abort() noexcept { stream_->reset(); }

    /// Hands the socket on to a tunnel.
    [[nodiscard]] stream_ptr share_stream() noexcept { return stream_; }
    /// The socket belongs to somebody else now: don't close it.
    void detach() noexcept { stream_.reset(); }
    /// The index of its listener, or no_listener.
    [[nodiscard]] std::uint32_t listener() const noexcept { return listener_; }
    /// The peer's, or the one in its PROXY header; without port, empty for unix sockets.
    [[nodiscard]] const std::string& client_address() const noexcept { return address_; }
    /// Where it is counted while it is open.
    [[nodiscard]] gauge& open_gauge() const noexcept { return open_.where(); }
    /// Hands on what its address is counted by.
    [[nodiscard]] address_counts::slot take_slot() noexcept { return std::move(slot_); }

protected:
    client_stream(stream_ptr peer, std::uint32_t listener, std::string address, gauge& open)
        : stream_(std::move(peer)), listener_(listener), address_(std::move(address)), open_(open) {}
    ~client_stream() {
        if (stream_) {
            stream_->close();
        }
    }

    /// Null: detached.
    [[nodiscard]] const stream_ptr& held() const noexcept { return stream_; }
    void set_listener(std::uint32_t index) noexcept { listener_ = index; }
    void set_address(std::string address) noexcept { address_ = std::move(address); }
    void set_slot(address_counts::slot slot) noexcept { slot_ = std::move(slot); }

private:
    stream_ptr stream_;
    std::uint32_t listener_;
    std::string address_;
    counted open_;
    address_counts::slot slot_;
};

} // namespace bearward::proxy
