#include "tests/support/websocket.hpp"

#include <array>

namespace bearward::test {
namespace {

constexpr std::array<char, 4> mask{0x11, 0x22, 0x33, 0x44};

std::string mask_payload(std::string_view payload, std::string_view key) {
    std::string text{payload};
    for (std::size_t at = 0; at < text.size(); ++at) {
        text[at] = static_cast<char>(text[at] ^ key[at % 4]);
    }
    return text;
}

std::string frame_header(opcode kind, std::size_t size, bool last, bool masked) {
    std::string header;
    header += static_cast<char>((last ? 0x80 : 0) | static_cast<int>(kind));
    const int flag = masked ? 0x80 : 0;
    if (size < 126) {
        header += static_cast<char>(flag | static_cast<int>(size));
        return header;
    }
    const int bytes = size < 65'536 ? 2 : 8;
    header += static_cast<char>(flag | (bytes == 2 ? 126 : 127));
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
        header += static_cast<char>((size >> shift) & 0xFFU);
    }
    return header;
}

} // namespace

unsigned frame::code() const {
    return payload.size() < 2 ? 0 : static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
}

std::string frame::reason() const {
    return payload.size() < 2 ? "" : payload.substr(2);
}

std::string client_frame(opcode kind, std::string_view payload, bool last) {
    const std::string_view key{mask.data(), mask.size()};
    return frame_header(kind, payload.size(), last, true) + std::string(key) + mask_payload(payload, key);
}

std::string server_frame(opcode kind, std::string_view payload, bool last) {
    return frame_header(kind, payload.size(), last, false) + std::string(payload);
}

std::string close_payload(unsigned code, std::string_view reason) {
    return std::string{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)} + std::string(reason);
}

frame read_frame(raw_socket& from) {
    const auto start = from.receive_exactly(2);
    frame got;
    const auto first = static_cast<unsigned char>(start[0]);
    const auto second = static_cast<unsigned char>(start[1]);
    got.last = (first & 0x80U) != 0;
    got.kind = static_cast<opcode>(first & 0x0FU);
    got.masked = (second & 0x80U) != 0;
    std::size_t size = second & 0x7FU;
    if (size >= 126) {
        const auto wide = from.receive_exactly(size == 126 ? 2 : 8);
        size = 0;
        for (const char byte : wide) {
            size = size * 256 + static_cast<unsigned char>(byte);
        }
    }
    const std::string key = got.masked ? from.receive_exactly(4) : std::string(4, '\0');
    got.payload = mask_payload(from.receive_exactly(size), key);
    return got;
}

std::string handshake(std::string_view target, std::string_view fields) {
    return "GET " + std::string(target) +
           " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
           "Sec-WebSocket-Key: " + std::string(socket_key) + "\r\n" + std::string(fields) + "\r\n";
}

std::string accepted(std::string_view fields) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
           std::string(socket_accept) + "\r\n" + std::string(fields) + "\r\n";
}

} // namespace bearward::test
