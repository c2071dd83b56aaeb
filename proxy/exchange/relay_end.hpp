// How a relay can end, and what bounds it.
#pragma once

#include <chrono>
#include <cstdint>

namespace bearward::proxy {

enum class relay_end : std::uint8_t {
    complete,           ///< the response is with the client
    upgraded,           ///< a 101 came; exchange::response is its head
    dead,               ///< the upstream's connection ended before a byte of the response
    bad_response,       ///< what came is not a response we can trust; the client has no byte of it
    timed_out,          ///< no response within response_timeout, or nothing of the request was taken within write_timeout
    client_gone,        ///< the client left or does not read, or the process stops: nobody is there to answer
    client_malformed,   ///< the request's chunked coding is broken
    trailers_too_large, ///< of the request
    body_too_large,     ///< of the request: over the route's max_body
    client_timed_out,   ///< the request's body stopped coming
    broken,             ///< the response broke off after its head was sent
    lapsed,             ///< the credential ended before the response's head came
    ended_early,        ///< the response was ended with its credential, as a whole message
    cut_off,            ///< likewise, where it can't be one
};

/// Whether the credential ended, or the drain began, while the response was running or still to come.
[[nodiscard]] constexpr bool is_lapse(relay_end end) noexcept {
    return end == relay_end::lapsed || end == relay_end::ended_early || end == relay_end::cut_off;
}

/// What the route and its upstream allow.
struct relay_limits {
    std::chrono::milliseconds response_timeout{0}; ///< from the request's end to the response's head; 0: none
    std::chrono::milliseconds write_timeout{0};    ///< a server that takes nothing of the request
    std::uint64_t max_body = 0;                    ///< bytes of the request's body, when it comes in chunks
    bool drops_body = false;                       ///< the request's body is not sent on; the client's connection ends
};

/// What a relay came to.
struct relay_outcome {
    relay_end end = relay_end::dead;
    bool interim_seen = false; ///< a 1xx came before the response
};

} // namespace bearward::proxy
