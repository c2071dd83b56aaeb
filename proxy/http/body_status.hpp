// How far a message has come on its way from one connection to the other.
#pragma once

#include <cstdint>

namespace bearward::proxy::http {

enum class body_status : std::uint8_t {
    finished,          ///< the whole message is written
    blocked_on_source, ///< waits for the source to be readable
    blocked_on_sink,   ///< waits for the sink to be writable
    again,             ///< its turn is over, but there is more to do at once
    source_failed,     ///< the source broke off before the body's end
    source_malformed,  ///< the chunked coding is broken
    trailers_too_large,
    body_too_large, ///< more came than the plan's max_body, or than may be dropped
    sink_failed,
};

} // namespace bearward::proxy::http
