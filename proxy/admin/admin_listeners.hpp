// The listeners for those who operate the proxy: the admin's, and one for probes.
#pragma once

#include "config/settings.hpp"
#include "proxy/admin/admin_listener.hpp"
#include "proxy/event/inherited_sockets.hpp"

#include <memory>
#include <string>
#include <vector>

namespace bearward::proxy {

class admin_listeners {
public:
    /// Binds those that are configured, or takes what is inherited as `admin` and `probes` or for their addresses; accepts nothing
    /// before accept(). Throws as admin_listener does. The same rules for threads.
    admin_listeners(boost::asio::io_context& context, const config::admin_settings& settings, const admin_source& source,
                    inherited_sockets& inherited);

    /// The bound addresses; empty: off.
    [[nodiscard]] std::string address() const { return address_of(admin_); }
    [[nodiscard]] std::string probes_address() const { return address_of(probes_); }
    /// Copies of the listening sockets, as `admin` and `probes`; see admin_listener.
    [[nodiscard]] std::vector<inherited_socket> copy_sockets() const;
    void give_up(const std::vector<std::string>& files);
    void adopt_files(const std::vector<std::string>& files);
    void accept();
    void close();

private:
    static std::string address_of(const std::unique_ptr<admin_listener>& one) { return one ? one->address() : std::string(); }

    std::unique_ptr<admin_listener> admin_;
    std::unique_ptr<admin_listener> probes_;
};

} // namespace bearward::proxy
