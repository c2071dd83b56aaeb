// What making a connection needs, and why there is none.
#pragma once

#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/net.hpp"
#include "proxy/upstream/attempts.hpp"
#include "proxy/upstream/server_status.hpp"

#include <cstdint>
#include <string>

namespace bearward::proxy::upstream {

/// Why there is no connection. Nothing of a request was sent.
struct connect_error {
    enum class kind : std::uint8_t { unresolved, refused, timed_out };
    kind what = kind::refused;
    std::string cause; ///< for people: "Connection refused"; of a pool with the server's address before it
};

/// What connecting needs of the thread on which it runs.
struct connect_context {
    asio::io_context& context;
    deadline_wheel& wheel;
    attempts& under_way;
    directory& known;
};

} // namespace bearward::proxy::upstream
