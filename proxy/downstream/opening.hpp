// What comes before a connection's first request: the PROXY header of a trusted
// balancer and the TLS handshake. A small state machine, not a coroutine; it is
// gone when the first request is read.
#pragma once

#include "config/settings.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/tls/server_context.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace bearward::proxy::downstream {

class opening final : public turn_listener {
public:
    /// `header`: off when none is to be read. `tls`: null when plain. `go_on`: called when
    /// the turn has come that it waited for; may destroy this.
    opening(stream& peer, config::proxy_protocol header, std::shared_ptr<const tls::server_context> tls,
            std::move_only_function<void()> go_on)
        : peer_(peer), header_(header), tls_(std::move(tls)), go_on_(std::move(go_on)) {}

    enum class state : std::uint8_t {
        waiting, ///< the stream notifies its listener when there is more to do
        done,
        failed, ///< the connection has to end
    };
    /// Goes as far as it can without blocking.
    [[nodiscard]] state step();

    /// The client's address in a PROXY header; empty: none was given.
    [[nodiscard]] const std::string& source() const noexcept { return source_; }
    /// Why it failed, for the log.
    [[nodiscard]] std::string failure() const;

private:
    void on_turn_end() override { go_on_(); }
    [[nodiscard]] state read_header();
    [[nodiscard]] state shake_hands();

    stream& peer_;
    config::proxy_protocol header_; ///< off once it is read
    std::shared_ptr<const tls::server_context> tls_;
    std::string bytes_; ///< of the header so far
    std::string source_;
    std::move_only_function<void()> go_on_;
};

} // namespace bearward::proxy::downstream
