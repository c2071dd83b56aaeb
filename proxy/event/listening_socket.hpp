// Listening sockets, of clients, the admin and the probes alike: opened and
// described. No accepting here.
#pragma once

#include "config/settings.hpp"
#include "proxy/event/owned_descriptor.hpp"
#include "proxy/event/socket_file.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace bearward::proxy {

/// The file of a listener with this address, which another process made and has given up, is this one's from now on.
void adopt_file_of(const std::string& address, socket_file& file);

/// What listens on one address. The descriptors are the caller's to close.
struct listening {
    std::vector<int> sockets; ///< at least one for each who shares; those of a unix socket, and some that were passed on, have one queue
    std::string address;      ///< as the user writes addresses, with the real port
    socket_file file;         ///< of a unix socket
};

/// Listens, non-blocking, with `shares` sockets. The address is bound alone before they
/// share its port, so that another process's socket there is an error, also where that
/// one would share. [::] takes IPv4 too, whatever the system's default. Throws
/// std::runtime_error that names the address and the reason, and then has opened nothing.
[[nodiscard]] listening listen_on(const config::endpoint& address, std::size_t shares = 1);

/// Listens with sockets of one address that another process opened: all of them, since a closed one resets what waits in its
/// queue, and copies where `shares` are more. The file of a unix socket stays who made it's. Throws std::runtime_error.
[[nodiscard]] listening adopt_sockets(std::vector<owned_descriptor> sockets, std::size_t shares);

/// Where a socket is bound, as `listening::address`; empty: neither TCP nor a file.
[[nodiscard]] std::string bound_address(int socket);
/// What bound_address() says of a socket that listens there; of port 0 no other. Throws std::runtime_error where a name can't be resolved.
[[nodiscard]] std::string wanted_address(const config::endpoint& address);

} // namespace bearward::proxy
