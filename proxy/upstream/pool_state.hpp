// What may be done with a connection to a server, and with a request that it
// failed (contract 5; RFC 9112 section 9.3). Pure.
#pragma once

#include <cstddef>

namespace bearward::proxy::upstream {

/// A connection whose response has come.
struct served_request {
    bool keep_alive = false;     ///< both sides may go on (RFC 9112 section 9.3)
    bool until_close = false;    ///< the response's end is the connection's
    bool request_sent = false;   ///< to its end
    bool bytes_left_over = true; ///< behind the response: somebody would take them for the next one's
};

/// Whether it can serve another request.
[[nodiscard]] constexpr bool is_clean(const served_request& last) noexcept {
    return last.keep_alive && !last.until_close && last.request_sent && !last.bytes_left_over;
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
