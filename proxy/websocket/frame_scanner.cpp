#include "proxy/websocket/frame_scanner.hpp"

#include "policies/invariant.hpp"

#include <algorithm>

namespace bearward::proxy::websocket {

std::size_t frame_scanner::advance(std::string_view bytes) noexcept {
    std::size_t used = 0;
    if (payload_left_ == 0) {
        std::size_t wanted = header_have_ < 2 ? 2 : header_size(header_[1]);
        while (used < bytes.size()) {
            header_[header_have_] = static_cast<unsigned char>(bytes[used]);
            ++header_have_;
            ++used;
            if (header_have_ == 2) {
                wanted = header_size(header_[1]);
            }
            if (header_have_ == wanted) {
                header_have_ = 0;
                payload_left_ = payload_length(header_);
                ++frames_;
                break;
            }
        }
        close_seen_ = close_seen_ || (header_[0] & opcode_bits) == close_opcode;
    }
    const std::uint64_t skipped = std::min<std::uint64_t>(payload_left_, bytes.size() - used);
    if (close_seen_ && code_have_ < 2) {
        read_code(bytes.substr(used, static_cast<std::size_t>(skipped)));
    }
    payload_left_ -= skipped;
    return used + static_cast<std::size_t>(skipped);
}

void frame_scanner::read_code(std::string_view payload) noexcept {
    if ((header_[0] & opcode_bits) != close_opcode) {
        return; // data that a peer sends behind a Close without a code
    }
    const bool masked = (header_[1] & mask_bit) != 0;
    const std::size_t key = header_size(header_[1]) - mask_size;
    for (std::size_t index = 0; index < payload.size() && code_have_ < 2; ++index, ++code_have_) {
        const unsigned byte = static_cast<unsigned char>(payload[index]) ^ (masked ? header_[key + code_have_] : 0U);
        close_code_ = static_cast<std::uint16_t>((close_code_ & 0xFFU) << 8U | byte);
    }
}

void frame_scanner::scan(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const std::size_t taken = advance(bytes);
        policies::invariant(taken != 0 && taken <= bytes.size(), "a step through a stream ends within what has come of it");
        bytes.remove_prefix(taken);
    }
}

std::size_t frame_scanner::until_boundary(std::string_view bytes) const noexcept {
    if (at_boundary()) {
        return 0;
    }
    frame_scanner ahead = *this;
    return ahead.advance(bytes);
}

} // namespace bearward::proxy::websocket
