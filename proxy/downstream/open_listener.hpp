// Listening sockets: opened, described, and the files of unix sockets removed
// again. No accepting here.
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace bearward::proxy::downstream {

/// Opens a listening socket and returns its descriptor; TCP with SO_REUSEPORT, so
/// that each worker has its own. Throws std::runtime_error that names the address
/// and the reason. A unix socket gets the mode 0660; a stale file of one is
/// replaced, any other file is left alone and an error.
[[nodiscard]] int open_listener(const config::endpoint& address);

/// The address that a listening socket is bound to, as the user writes addresses.
[[nodiscard]] std::string bound_address(int descriptor);
/// The port that a listening TCP socket is bound to.
[[nodiscard]] std::uint16_t bound_port(int descriptor);

/// The file of a unix socket that this process has bound. Who takes the path over
/// later makes another file, which is not ours to remove.
struct socket_file {
    std::string path; ///< empty: none
    dev_t device = 0;
    ino_t inode = 0;

    socket_file() = default;
    /// Looks at the file right after it was bound.
    explicit socket_file(const config::endpoint& address);
    /// Removes the file if it is still the same. Idempotent.
    void remove() noexcept;
};

} // namespace bearward::proxy::downstream
