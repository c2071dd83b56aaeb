// What may be done with a connection to a server, and with a request that it
// failed (proxy/BEHAVIOUR.md 6; RFC 9112 section 9.3). Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bearward::proxy::upstream {

/// A connection whose response has come.
struct served_request {
    bool keep_alive = false;     ///< both sides may go on (RFC 9112 section 9.3)
    bool until_close = false;    ///< the response's end is the connection's
    bool request_sent = false;   ///< to its end
    bool bytes_left_over = true; ///< behind the response: somebody would take them for the next one's
    bool head_request = true;    ///< some apps send a body for it, when they come to it
    bool body_missing = false;   ///< the status has none (204, 205, 304), and some apps send one all the same
    bool awaits_continue = true; ///< it asked for 100 Continue and got no 1xx: that may still come
};

/// When it may serve another request.
enum class next_use : std::uint8_t {
    never,
    after_rest, ///< if nothing comes for bodiless_rest
    at_once,
};

/// How long a connection rests whose response had no body by its status (proxy/BEHAVIOUR.md 6.5).
inline constexpr std::chrono::milliseconds bodiless_rest{250};

/// `sends_bodies`: the server once sent something where there is no body.
[[nodiscard]] constexpr next_use judge_use(const served_request& last, bool sends_bodies) noexcept {
    if (!last.keep_alive || last.until_close || !last.request_sent || last.bytes_left_over || last.head_request || last.awaits_continue) {
        return next_use::never;
    }
    if (last.body_missing) {
        return sends_bodies ? next_use::never : next_use::after_rest;
    }
    return next_use::at_once;
}

/// Whether one more idle connection is kept.
[[nodiscard]] constexpr bool may_keep(std::size_t idle, std::size_t most_idle, bool address_in_use) noexcept {
    return idle < most_idle && address_in_use;
}

/// A request whose connection ended.
struct failed_request {
    bool pooled = false;         ///< the connection had served others: it may have been dead all along
    bool response_began = false; ///< a byte of the response has come
    bool replayable = false;     ///< all of its body can be sent again
    bool idempotent = false;     ///< by its method (RFC 9110 section 9.2.2)
    bool written = false;        ///< a byte of it was written
};

/// Whether it may be sent again, on a new connection. That one isn't pooled, so
/// this happens once at most.
[[nodiscard]] constexpr bool may_send_again(const failed_request& what) noexcept {
    return what.pooled && !what.response_began && what.replayable && (what.idempotent || !what.written);
}

} // namespace bearward::proxy::upstream
