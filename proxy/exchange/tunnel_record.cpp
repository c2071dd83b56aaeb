#include "proxy/exchange/tunnel_record.hpp"

namespace bearward::proxy {
namespace {

constexpr std::uint16_t no_code = 1005;
constexpr std::uint16_t no_close = 1006;

std::uint16_t code_of(const websocket::frame_scanner& stream) noexcept {
    if (!stream.close_seen()) {
        return no_close;
    }
    return stream.close_code() == 0 ? no_code : stream.close_code();
}

} // namespace

void record_end(access_record& record, tunnel_end why, std::uint16_t sent, const websocket::frame_scanner& from_client,
                const websocket::frame_scanner& from_server) noexcept {
    switch (why) {
    case tunnel_end::client:
        record.closed_by = closer::client;
        record.close_code = code_of(from_client);
        return;
    case tunnel_end::upstream:
        record.closed_by = closer::upstream;
        record.close_code = code_of(from_server);
        return;
    default:
        record.closed_by = closer::bearward;
        record.close_code = sent == 0 ? no_close : sent;
        record.ended = tunnel_end_labels[static_cast<std::size_t>(why)];
    }
}

} // namespace bearward::proxy
