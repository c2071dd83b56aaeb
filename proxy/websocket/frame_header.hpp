// The head of a frame (RFC 6455 section 5.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bearward::proxy::websocket {

/// As long as it can be: opcode, a 64-bit length, a mask.
using frame_header = std::array<unsigned char, 14>;

inline constexpr unsigned char final_bit = 0x80;
inline constexpr unsigned char opcode_bits = 0x0F;
inline constexpr unsigned char close_opcode = 0x08; ///< and above: control frames
inline constexpr unsigned char mask_bit = 0x80;
inline constexpr std::size_t mask_size = 4;

[[nodiscard]] constexpr std::size_t extended_length_size(unsigned char second) noexcept {
    constexpr unsigned length_bits = 0x7F;
    constexpr unsigned is_16_bits = 126;
    constexpr unsigned is_64_bits = 127;
    const unsigned length = second & length_bits;
    return length == is_16_bits ? 2 : length == is_64_bits ? 8 : 0;
}

/// Of a frame with this second byte.
[[nodiscard]] constexpr std::size_t header_size(unsigned char second) noexcept {
    return 2 + extended_length_size(second) + ((second & mask_bit) != 0 ? mask_size : 0);
}

/// Of a whole header. A 64-bit length with the top bit set is against the RFC and never ends.
[[nodiscard]] constexpr std::uint64_t payload_length(const frame_header& header) noexcept {
    const std::size_t size = extended_length_size(header[1]);
    if (size == 0) {
        return header[1] & 0x7FU;
    }
    std::uint64_t length = 0;
    for (std::size_t index = 0; index < size; ++index) {
        length = (length << 8U) | header[2 + index];
    }
    return length;
}

} // namespace bearward::proxy::websocket
