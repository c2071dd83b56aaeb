// One client connection. Between requests it is only this small object, waiting
// for the socket to be readable: it owns no buffer and no coroutine. When bytes
// come it borrows an exchange, which serves what has come, and is given back.
#pragma once

#include "proxy/downstream/http1_client.hpp"
#include "proxy/downstream/opening.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/readiness.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace bearward::proxy {

class worker_context;
struct exchange;

namespace downstream {

class http1_connection final : public http1_client,
                               public readiness_listener,
                               public deadline_listener,
                               public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
public:
    /// `address` is the client's, without port; empty for unix sockets. `open`
    /// counts the listener's connections.
    http1_connection(worker_context& owner, stream_ptr peer, std::uint32_t listener, std::string address, gauge& open);

    /// Begins: waits for what comes before the first request, then for that, unless
    /// its address has too many connections.
    void open();
    /// Waits for the next request, at most idle_timeout; in a drain for a moment only.
    void await_request();
    /// Ends it: at once when idle, else as soon as its exchange notices.
    void abort();
    /// If it is idle, it ends unless a request comes within a moment.
    void begin_drain();

    void move_to(std::uint32_t index) noexcept { set_listener(index); }

private:
    void on_ready() override;
    void on_deadline() override;
    void start_exchange();
    void continue_opening();
    void finish_opening();
    [[nodiscard]] bool count_address();

    deadline idle_;
    exchange* active_ = nullptr;
    std::unique_ptr<opening> opening_; ///< null: open for requests
    bool opening_begun_ = false;
};

} // namespace downstream
} // namespace bearward::proxy
