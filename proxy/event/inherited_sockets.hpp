// Listening sockets that another process has opened and passed on: a service manager (sd_listen_fds(3)), or the
// process that this one replaces. What waits in their queues is served by who has them.
#pragma once

#include "config/settings.hpp"
#include "proxy/event/listening_socket.hpp"
#include "proxy/event/owned_descriptor.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy {

struct inherited_socket {
    owned_descriptor descriptor;
    std::string name;           ///< of the listener that it is for, `admin` or `probes`; another, or empty: its address says it
    bool owns_file = false;     ///< of a unix socket: who passed it on made its file, which goes with it
    bool any_port_only = false; ///< the name counts only where any port is wanted on the same host
};

/// Not thread-safe.
class inherited_sockets {
public:
    /// None.
    inherited_sockets() = default;
    /// Throws std::runtime_error where one isn't listening, or is no stream socket of TCP or of the file system.
    explicit inherited_sockets(std::vector<inherited_socket> sockets);
    /// From LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, which are removed from the environment: the descriptors belong to this
    /// process now. None where they are of another process. Throws as above, and where the names are not as many.
    [[nodiscard]] static inherited_sockets from_environment();

    [[nodiscard]] bool empty() const noexcept { return sockets_.empty(); }
    /// Listens with those that carry the name, else with those that are bound to the address, which are taken out; else opens
    /// the address. There are `shares` sockets, or more where more came. Throws std::runtime_error as listen_on() does.
    [[nodiscard]] listening listen(std::string_view name, const config::endpoint& address, std::size_t shares);
    /// Throws std::runtime_error that names what nobody took.
    void refuse_rest() const;
    /// The files that go with the unix sockets that were taken, as addresses.
    [[nodiscard]] const std::vector<std::string>& files() const noexcept { return files_; }

private:
    struct bound_socket {
        inherited_socket socket;
        std::string address;
    };
    [[nodiscard]] std::vector<bound_socket> take(std::string_view name, const config::endpoint& address);

    std::vector<bound_socket> sockets_;
    std::vector<std::string> files_;
};

} // namespace bearward::proxy
