#include "proxy/websocket/close_frame.hpp"

namespace bearward::proxy::websocket {

namespace {

constexpr unsigned char final_close = 0x88; // FIN and opcode 8
constexpr unsigned char mask_bit = 0x80;
constexpr std::size_t max_reason = 123; // a control frame's 125 bytes less the code

/// A Close's reason is UTF-8: half a character would make the frame invalid.
std::string_view cut_reason(std::string_view reason) noexcept {
    if (reason.size() <= max_reason) {
        return reason;
    }
    std::size_t end = max_reason;
    const auto continues_character = [&reason](std::size_t at) { return (static_cast<unsigned char>(reason[at]) & 0xC0U) == 0x80U; };
    while (end > 0 && continues_character(end)) {
        --end;
    }
    return reason.substr(0, end);
}

std::string make_payload(std::uint16_t code, std::string_view reason) {
    std::string payload;
    payload.push_back(static_cast<char>(code >> 8U));
    payload.push_back(static_cast<char>(code & 0xFFU));
    payload += cut_reason(reason);
    return payload;
}

} // namespace

std::string make_server_close(std::uint16_t code, std::string_view reason) {
    const std::string payload = make_payload(code, reason);
    std::string frame;
    frame.push_back(static_cast<char>(final_close));
    frame.push_back(static_cast<char>(payload.size()));
    return frame + payload;
}

std::string make_client_close(std::uint16_t code, std::string_view reason, std::array<unsigned char, 4> key) {
    const std::string payload = make_payload(code, reason);
    std::string frame;
    frame.push_back(static_cast<char>(final_close));
    frame.push_back(static_cast<char>(mask_bit | payload.size()));
    for (const unsigned char byte : key) {
        frame.push_back(static_cast<char>(byte));
    }
    for (std::size_t index = 0; index < payload.size(); ++index) {
        frame.push_back(static_cast<char>(static_cast<unsigned char>(payload[index]) ^ key[index % key.size()]));
    }
    return frame;
}

} // namespace bearward::proxy::websocket
