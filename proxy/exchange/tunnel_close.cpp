// The Closes that Bearward puts into a tunnel, one each way, where a frame ends.
#include "policies/invariant.hpp"
#include "proxy/exchange/tunnel.hpp"
#include "proxy/websocket/close_frame.hpp"
#include "proxy/worker_context.hpp"

#include <utility>

namespace bearward::proxy {
namespace {

/// How long a frame may take to end before the connection ends without a Close.
constexpr std::chrono::milliseconds boundary_grace{5000};

} // namespace

void tunnel::close(std::uint16_t code, std::string_view reason, tunnel_end why) {
    if (close_code_ == 0) {
        begin_close(code, reason, why);
        pump_both();
    }
}

void tunnel::begin_close(std::uint16_t code, std::string_view reason, tunnel_end why) {
    ended_by(why);
    close_code_ = code;
    close_reason_ = reason;
    idle_.disarm();
    limit_.arm(boundary_grace);
    for (direction* way : {&up_, &down_}) {
        if (way->scanner.at_boundary()) {
            add_close(*way, way == &down_);
        }
    }
}

void tunnel::add_close(direction& way, bool to_client) {
    if (std::exchange(way.close_sent, true)) {
        return;
    }
    policies::invariant(way.scanner.at_boundary(), "a Close stands between two frames");
    if (way.scanner.close_seen()) {
        return; // the peer said it itself
    }
    if (to_client) {
        way.waiting += websocket::make_server_close(close_code_, close_reason_);
        return;
    }
    const std::uint32_t bits = owner_.random_bits();
    way.waiting += websocket::make_client_close(close_code_, close_reason_,
                                                {static_cast<unsigned char>(bits), static_cast<unsigned char>(bits >> 8),
                                                 static_cast<unsigned char>(bits >> 16), static_cast<unsigned char>(bits >> 24)});
}

} // namespace bearward::proxy
