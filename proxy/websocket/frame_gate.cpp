#include "proxy/websocket/frame_gate.hpp"

#include "proxy/websocket/frame_header.hpp"

#include <algorithm>

namespace bearward::proxy::websocket {

frame_gate::verdict frame_gate::look(std::string_view bytes, policies::rules::rate_time now) noexcept {
    std::size_t at = 0;
    while (true) {
        const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size() - at));
        payload_left_ -= skipped;
        at += skipped;
        const std::string_view rest = bytes.substr(at);
        if (rest.size() < 2) {
            return {.pass = at};
        }
        const std::size_t size = header_size(static_cast<unsigned char>(rest[1]));
        if (rest.size() < size) {
            return {.pass = at};
        }
        frame_header header{};
        std::ranges::copy(rest.substr(0, size), header.begin());
        const std::uint64_t length = payload_length(header);
        if (const auto broken = judge(header[0], length, now)) {
            return {.pass = at, .broken = broken};
        }
        payload_left_ = length;
        at += size;
    }
}

std::optional<frame_breach> frame_gate::judge(unsigned char first, std::uint64_t length, policies::rules::rate_time now) noexcept {
    if (limits_.rate && !policies::rules::take(*limits_.rate, paid_, now).allowed) {
        return frame_breach::too_many_frames;
    }
    const bool control = (first & opcode_bits) >= close_opcode;
    if (limits_.max_message == 0 || control) {
        // A control frame over 125 bytes is against the RFC; with a limit it can't be a way around that.
        return limits_.max_message != 0 && length > limits_.max_message ? std::optional(frame_breach::message_too_big) : std::nullopt;
    }
    if (length > limits_.max_message - message_) {
        return frame_breach::message_too_big;
    }
    message_ = (first & final_bit) != 0 ? 0 : message_ + length;
    return std::nullopt;
}

} // namespace bearward::proxy::websocket
