// Judges the frames of one direction before they are sent on: no message over a size, no more frames
// than a rate. Sizes are those on the wire, compressed or not (RFC 7692).
#pragma once

#include "policies/rules/rate_limit.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bearward::proxy::websocket {

struct frame_limits {
    std::uint64_t max_message = 0; ///< bytes of a message's payload over all its fragments; 0: any
    /// Frames of any kind; nothing: any.
    std::optional<policies::rules::rate_limit> rate{};

    [[nodiscard]] bool none() const noexcept { return max_message == 0 && !rate; }
};

enum class frame_breach : std::uint8_t { message_too_big, too_many_frames };

class frame_gate {
public:
    explicit frame_gate(const frame_limits& limits) noexcept : limits_(limits) {}

    struct verdict {
        std::size_t pass = 0;                 ///< bytes that may go on
        std::optional<frame_breach> broken{}; ///< by the frame behind them
    };

    /// `bytes`: what came behind all that was let pass. Those behind `pass` are the start of a header
    /// that has not come whole, and to be shown again with more; or of the frame that breaks a limit.
    /// `now`: nanoseconds of any clock.
    [[nodiscard]] verdict look(std::string_view bytes, policies::rules::rate_time now) noexcept;

private:
    [[nodiscard]] std::optional<frame_breach> judge(unsigned char first, std::uint64_t length, policies::rules::rate_time now) noexcept;

    frame_limits limits_;
    std::uint64_t payload_left_ = 0;
    std::uint64_t message_ = 0; ///< bytes of the message under way
    policies::rules::rate_time paid_ = 0;
};

} // namespace bearward::proxy::websocket
