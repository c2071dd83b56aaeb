// Follows the frame boundaries of one direction of a WebSocket (RFC 6455 section
// 5.2) without touching the bytes, so that a Close can be put between two frames.
#pragma once

#include "proxy/websocket/frame_header.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bearward::proxy::websocket {

class frame_scanner {
public:
    /// Takes the next bytes of the stream.
    void scan(std::string_view bytes) noexcept;

    /// Of `bytes`, the next of the stream, how many come before the first frame
    /// boundary at or after their start; all of them when there is none. Does not
    /// consume: with it a relay can stop exactly at a boundary.
    [[nodiscard]] std::size_t until_boundary(std::string_view bytes) const noexcept;

    /// Whether the stream stands between two frames.
    [[nodiscard]] bool at_boundary() const noexcept { return header_have_ == 0 && payload_left_ == 0; }
    /// Whose headers have come whole, control frames included.
    [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
    /// Whether a Close frame has begun.
    [[nodiscard]] bool close_seen() const noexcept { return close_seen_; }

    /// The code of the first Close; 0: it has none, or it has not come yet.
    [[nodiscard]] std::uint16_t close_code() const noexcept { return code_have_ == 2 ? close_code_ : std::uint16_t{0}; }

private:
    /// Takes bytes up to the end of the frame they begin in; returns how many.
    std::size_t advance(std::string_view bytes) noexcept;

    frame_header header_{};
    std::uint8_t header_have_ = 0;
    std::uint64_t payload_left_ = 0;
    std::uint64_t frames_ = 0;
    /// Takes the code at the start of a Close's payload.
    void read_code(std::string_view payload) noexcept;

    bool close_seen_ = false;
    std::uint8_t code_have_ = 0; ///< bytes of it
    std::uint16_t close_code_ = 0;
};

} // namespace bearward::proxy::websocket
