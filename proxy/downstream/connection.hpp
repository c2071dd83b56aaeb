// One client connection. Between requests it is only this small object, waiting
// for the socket to be readable: it owns no buffer and no coroutine. When bytes
// come it borrows an exchange, which serves what has come, and is given back.
#pragma once

#include "proxy/control/counters.hpp"
#include "proxy/deadline_wheel.hpp"
#include "proxy/downstream/address_counts.hpp"
#include "proxy/downstream/opening.hpp"
#include "proxy/readiness.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace bearward::proxy {

class worker;
struct exchange;

/// Of a connection whose listener was closed by a reload.
inline constexpr std::uint32_t no_listener = 0xFFFF'FFFF;

namespace downstream {

class connection final : public readiness_listener,
                         public deadline_listener,
                         public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
public:
    /// `address` is the client's, without port; empty for unix sockets. `open`
    /// counts the listener's connections.
    connection(worker& owner, stream_ptr peer, std::uint32_t listener, std::string address, gauge& open);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// Begins: waits for what comes before the first request, then for that, unless
    /// its address has too many connections.
    void open();
    /// Waits for the next request, at most idle_timeout.
    void await_request();
    /// Ends it: at once when idle, else as soon as its exchange notices.
    void abort();
    /// Ends it if it is idle (drain).
    void close_if_idle();

    [[nodiscard]] stream& peer() noexcept { return *stream_; }
    /// Whether it came through TLS.
    [[nodiscard]] bool secure() const noexcept { return stream_->session() != nullptr; }
    /// Hands the socket on to a tunnel.
    [[nodiscard]] stream_ptr share_stream() noexcept { return stream_; }
    [[nodiscard]] worker& owner() noexcept { return owner_; }
    /// The index of its listener, or no_listener.
    [[nodiscard]] std::uint32_t listener() const noexcept { return listener_; }
    void move_to(std::uint32_t index) noexcept { listener_ = index; }
    /// The peer's, or the one in its PROXY header.
    [[nodiscard]] const std::string& client_address() const noexcept { return address_; }
    /// Where it is counted while it is open.
    [[nodiscard]] gauge& open_gauge() const noexcept { return open_.where(); }
    /// The socket belongs to somebody else now: don't close it.
    void detach() noexcept { stream_.reset(); }
    /// Hands on what its address is counted by.
    [[nodiscard]] address_counts::slot take_slot() noexcept { return std::move(slot_); }

private:
    void on_ready() override;
    void on_deadline() override;
    void start_exchange();
    void continue_opening();
    void finish_opening();
    [[nodiscard]] bool count_address();

    worker& owner_;
    stream_ptr stream_;
    deadline idle_;
    exchange* active_ = nullptr;
    std::unique_ptr<opening> opening_; ///< null: open for requests
    std::uint32_t listener_;
    bool opening_begun_ = false;
    std::string address_;
    counted open_;
    address_counts::slot slot_;
};

} // namespace downstream
} // namespace bearward::proxy
