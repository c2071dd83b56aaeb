// What a service hands to the process that replaces it: copies of its listening sockets. Internal to service.
#pragma once

#include "proxy/event/inherited_sockets.hpp"
#include "proxy/service_parts.hpp"

#include <string>
#include <vector>

namespace bearward::proxy {

/// All that it listens on; a socket carries a name only where its address can't say whose it is, as with port 0. Not on a
/// thread that serves. Throws std::runtime_error where a worker doesn't answer, or no descriptor is free.
[[nodiscard]] std::vector<inherited_socket> copy_sockets(service_parts& of);

/// The files of those unix sockets (by their addresses) are another process's from now on, and the admin listeners accept no more;
/// workers do until the drain.
void give_up_sockets(service_parts& of, const std::vector<std::string>& files);
/// They are this process's. Before its threads serve.
void adopt_socket_files(service_parts& of, const std::vector<std::string>& files);

} // namespace bearward::proxy
