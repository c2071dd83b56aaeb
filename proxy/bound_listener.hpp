// A listener as it is bound.
#pragma once

#include "proxy/event/socket_file.hpp"

#include <string>

namespace bearward::proxy {

struct bound_listener {
    std::string name;
    std::string address; ///< "127.0.0.1:8080", "[::1]:8080" or "unix:/path"; with the real port
    socket_file file;    ///< of a unix socket
};

} // namespace bearward::proxy
