#include "proxy/exchange/tunnel_record.hpp"

#include "policies/close_code.hpp"

namespace bearward::proxy {
namespace {

namespace close_code = policies::close_code;

std::uint16_t code_of(const websocket::frame_scanner& stream) noexcept {
    if (!stream.close_seen()) {
        return close_code::abnormal;
    }
    return stream.close_code() == 0 ? close_code::no_status : stream.close_code();
}

} // namespace

void record_end(access_record& record, tunnel_end why, std::uint16_t sent, const websocket::frame_scanner& from_client,
                const websocket::frame_scanner& from_server) noexcept {
    const tunnel_end_row& end = policies::row_of(tunnel_end_table, why);
    record.closed_by = end.closed_by;
    if (end.closed_by == closer::bearward) {
        record.close_code = sent == 0 ? close_code::abnormal : sent;
        record.ended = end.word;
    } else {
        record.close_code = code_of(end.closed_by == closer::client ? from_client : from_server);
    }
}

} // namespace bearward::proxy
