// Listening sockets, of clients, the admin and the probes alike: opened and
// described. No accepting here.
#pragma once

#include "config/settings.hpp"
#include "proxy/event/socket_file.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace bearward::proxy {

/// What listens on one address. The descriptors are the caller's to close.
struct listening {
    std::vector<int> sockets; ///< one for each who shares; of a unix socket they have one queue
    std::string address;      ///< as the user writes addresses, with the real port
    socket_file file;         ///< of a unix socket
};

/// Listens, non-blocking, with `shares` sockets. The address is bound alone before they
/// share its port, so that another process's socket there is an error, also where that
/// one would share. [::] takes IPv4 too, whatever the system's default. Throws
/// std::runtime_error that names the address and the reason, and then has opened nothing.
[[nodiscard]] listening listen_on(const config::endpoint& address, std::size_t shares = 1);

} // namespace bearward::proxy
