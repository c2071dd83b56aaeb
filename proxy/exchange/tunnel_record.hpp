// What the access log says of an open WebSocket's end. Pure.
#pragma once

#include "proxy/telemetry/access_log.hpp"
#include "proxy/telemetry/tunnel_end.hpp"
#include "proxy/websocket/frame_scanner.hpp"

namespace bearward::proxy {

/// Sets close_code, closed_by and ended. `sent`: the code of our own Close, 0: none.
/// An end without a Close is 1006 and a Close without a code 1005, as a client's API
/// has it (RFC 6455 section 7.1.5).
void record_end(access_record& record, tunnel_end why, std::uint16_t sent, const websocket::frame_scanner& from_client,
                const websocket::frame_scanner& from_server) noexcept;

} // namespace bearward::proxy
