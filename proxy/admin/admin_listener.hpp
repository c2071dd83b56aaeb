// The admin listener (proxy/BEHAVIOUR.md 12): connections and what becomes of them. What it
// answers stands in endpoint_table.
#pragma once

#include "config/settings.hpp"
#include "proxy/admin/admin_endpoint.hpp"
#include "proxy/event/inherited_sockets.hpp"
#include "proxy/event/listening_socket.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bearward::proxy {

/// Serves the admin endpoints on the given io_context (the control thread's), each
/// connection in a coroutine of its own. Destroy it on that thread, or when nothing runs
/// the io_context any more.
class admin_listener {
public:
    /// `bound` has one socket: throws std::runtime_error where it has more. Nothing is accepted before accept(). `hosts`: names under
    /// which it answers, besides loopback's.
    admin_listener(boost::asio::io_context& context, listening bound, std::vector<std::string> hosts, admin_source source,
                   admin_scope scope = admin_scope::everything);
    /// Binds and accepts at once. Throws std::runtime_error that names the address.
    admin_listener(boost::asio::io_context& context, const config::endpoint& address, std::vector<std::string> hosts, admin_source source,
                   admin_scope scope = admin_scope::everything)
        : admin_listener(context, listen_on(address), std::move(hosts), std::move(source), scope) {
        accept();
    }
    ~admin_listener();
    admin_listener(const admin_listener&) = delete;
    admin_listener& operator=(const admin_listener&) = delete;

    /// The bound address, with the real port.
    [[nodiscard]] const std::string& address() const noexcept;
    /// Connections are accepted from now on. Once; thread-safe.
    void accept();
    /// A copy of the listening socket, for another process. On the io_context's thread.
    [[nodiscard]] inherited_socket copy_socket() const;
    /// Another process accepts, and its are the files of those addresses. On the io_context's thread.
    void give_up(const std::vector<std::string>& files);
    /// The file is this one's if it is of one of those addresses. On the io_context's thread.
    void adopt_file(const std::vector<std::string>& files);
    /// Stops accepting and closes connections. On the io_context's thread.
    void close();

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace bearward::proxy
