// The header that a load balancer puts before a connection's first byte to tell
// who the client is: HAProxy's PROXY protocol, versions 1 and 2
// (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt). Pure: bytes in,
// verdict out. Bounded, and strict as whatever decides about trust.
#pragma once

#include "config/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::proxy::downstream {

struct proxy_header {
    /// No header is longer: a v1 line has at most 107 bytes, and no v2 header in use
    /// comes near this.
    static constexpr std::size_t longest = 2048;

    enum class state : std::uint8_t {
        incomplete, ///< all bytes so far belong to the header, and more must come
        complete,
        refused, ///< not such a header, or a broken one
    };
    state what = state::refused;
    std::size_t size = 0; ///< of the header, when complete
    /// The client's address; empty: the connection speaks for itself (LOCAL,
    /// UNKNOWN, unix sockets).
    std::string source;
};

/// Reads the header that `bytes` begin with. Other bytes may follow it.
[[nodiscard]] proxy_header parse_proxy_header(std::string_view bytes, config::proxy_protocol accepted);

} // namespace bearward::proxy::downstream
