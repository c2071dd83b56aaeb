// WebSocket frames (RFC 6455 section 5.2) as the actors write and read them.
#pragma once

#include "tests/simulation/http_text.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace bearward::simulation {

inline constexpr int text_frame = 1;
inline constexpr int close_frame = 8;
inline constexpr int ping_frame = 9;
inline constexpr int pong_frame = 10;

struct frame {
    int opcode = 0;
    bool masked = false;
    std::string payload; ///< unmasked

    /// Of a Close; 0: none.
    [[nodiscard]] unsigned code() const;
};

[[nodiscard]] std::string make_frame(int opcode, std::string_view payload, bool masked, choices& random);
[[nodiscard]] std::string make_close(unsigned code, bool masked, choices& random);

class frame_reader {
public:
    /// `rest`: what came behind the handshake.
    frame_reader(kernel& of, peer& from, std::string rest) : kernel_(of), from_(from), rest_(std::move(rest)) {}

    /// Nothing: the connection ended, or nothing came for so long; between two frames unless has_part().
    [[nodiscard]] task<std::optional<frame>> next(nanoseconds at_most);
    [[nodiscard]] bool has_part() const noexcept { return !rest_.empty(); }

private:
    [[nodiscard]] std::optional<frame> take();

    kernel& kernel_;
    peer& from_;
    std::string rest_;
};

} // namespace bearward::simulation
