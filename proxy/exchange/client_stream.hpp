// What an exchange has of its client's connection.
#pragma once

#include "proxy/address_counts.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/telemetry/counters.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace bearward::proxy {

/// Of a connection whose listener was closed by a reload.
inline constexpr std::uint32_t no_listener = 0xFFFF'FFFF;

class client_stream {
public:
    client_stream(const client_stream&) = delete;
    client_stream& operator=(const client_stream&) = delete;

    [[nodiscard]] stream& peer() noexcept { return *stream_; }
    /// Whether it came through TLS.
    [[nodiscard]] bool secure() const noexcept { return stream_->session() != nullptr; }
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
