// A bound, listening socket for the admin listener: TCP or unix. Reports the
// address as it is really bound and removes its unix socket file again.
#pragma once

#include "config/settings.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <string>

namespace bearward::proxy {

class listening_socket {
public:
    using acceptor_type = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

    /// Binds and listens. A unix socket file that nobody listens on is replaced.
    /// Throws std::runtime_error with the address and the reason.
    listening_socket(boost::asio::io_context& context, const config::endpoint& address);
    ~listening_socket();
    listening_socket(const listening_socket&) = delete;
    listening_socket& operator=(const listening_socket&) = delete;

    [[nodiscard]] acceptor_type& acceptor() noexcept { return acceptor_; }
    /// host:port, [v6]:port or unix:/path; with the real port.
    [[nodiscard]] const std::string& address() const noexcept { return address_; }
    /// Closes, and unlinks a unix socket's file. Idempotent.
    void close() noexcept;

private:
    acceptor_type acceptor_;
    std::string address_;
    std::string unix_path_; // empty: none to unlink
};

} // namespace bearward::proxy
