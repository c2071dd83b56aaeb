#include "proxy/event/listening_socket.hpp"

#include "proxy/event/net.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

using tcp_endpoint = asio::ip::tcp::endpoint;

[[noreturn]] void fail(const char* what) {
    throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

void set_flag(int socket, int level, int option, int value = 1) {
    ::setsockopt(socket, level, option, &value, sizeof value);
}

/// Appends a socket, so that whoever owns `to` closes it.
int add_socket(std::vector<int>& to, int family) {
    const int made = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made < 0) {
        fail("socket");
    }
    to.push_back(made);
    return made;
}

tcp_endpoint find_endpoint(const config::endpoint& address) {
    error_code error;
    const auto ip = asio::ip::make_address(address.host, error);
    if (!error) {
        return {ip, address.port};
    }
    if (address.host == "localhost") {
        return {asio::ip::address_v4::loopback(), address.port};
    }
    asio::io_context context;
    asio::ip::tcp::resolver resolver(context);
    const auto found = resolver.resolve(address.host, std::to_string(address.port), asio::ip::tcp::resolver::passive, error);
    if (error || found.empty()) {
        throw std::runtime_error("'" + address.host + "' is no IP address, and no name of one: " + error.message());
    }
    return found.begin()->endpoint();
}

/// Accepted sockets inherit these.
void set_client_options(int socket) {
    set_flag(socket, IPPROTO_TCP, TCP_NODELAY);
    set_flag(socket, SOL_SOCKET, SO_KEEPALIVE);
    // Otherwise the kernel takes megabytes for each client that does not read, and a
    // thousand of them use up the memory that all connections of the host share.
    set_flag(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 128 * 1024);
}

int add_tcp_socket(std::vector<int>& to, const tcp_endpoint& where) {
    const int made = add_socket(to, where.protocol().family());
    set_flag(made, SOL_SOCKET, SO_REUSEADDR); // what is left of ended connections is no listener
    set_client_options(made);
    if (where.address().is_v6()) {
        set_flag(made, IPPROTO_IPV6, IPV6_V6ONLY, where.address().is_unspecified() ? 0 : 1);
    }
    return made;
}

void bind_and_listen(int socket, const tcp_endpoint& where) {
    if (::bind(socket, where.data(), static_cast<socklen_t>(where.size())) != 0) {
        fail("bind");
    }
    if (::listen(socket, SOMAXCONN) != 0) {
        fail("listen");
    }
}

tcp_endpoint local_endpoint(int socket) {
    tcp_endpoint local;
    auto size = static_cast<socklen_t>(local.capacity());
    if (::getsockname(socket, local.data(), &size) == 0) {
        local.resize(size);
    }
    return local;
}

std::string to_text(const tcp_endpoint& bound) {
    const auto ip = bound.address();
    const std::string host = ip.is_v6() ? '[' + ip.to_string() + ']' : ip.to_string();
    return host + ':' + std::to_string(bound.port());
}

/// Only a first socket that shares with nobody, and listens, meets all others there.
void open_tcp(listening& made, const config::endpoint& address, std::size_t shares) {
    auto where = find_endpoint(address);
    const int first = add_tcp_socket(made.sockets, where);
    bind_and_listen(first, where);
    where = local_endpoint(first);
    made.address = to_text(where);
    if (shares > 1) {
        set_flag(first, SOL_SOCKET, SO_REUSEPORT);
    }
    while (made.sockets.size() < shares) {
        const int next = add_tcp_socket(made.sockets, where);
        set_flag(next, SOL_SOCKET, SO_REUSEPORT);
        bind_and_listen(next, where);
    }
}

/// Until each has one; they have the queues of those that are there.
void add_copies(std::vector<int>& to, std::size_t shares) {
    for (std::size_t index = 0; to.size() < shares; ++index) {
        const int copy = ::fcntl(to[index], F_DUPFD_CLOEXEC, 0);
        if (copy < 0) {
            fail("dup");
        }
        to.push_back(copy);
    }
}

void open_unix(listening& made, const config::endpoint& address, std::size_t shares) {
    const int first = add_socket(made.sockets, AF_UNIX);
    made.file = socket_file::bind(first, address.unix_path);
    made.address = "unix:" + address.unix_path;
    add_copies(made.sockets, shares);
}

} // namespace

void adopt_file_of(const std::string& address, socket_file& file) {
    constexpr std::string_view unix_prefix = "unix:";
    if (address.starts_with(unix_prefix)) {
        file = socket_file::adopt(address.substr(unix_prefix.size()));
    }
}

std::string bound_address(int socket) {
    sockaddr_storage local{};
    socklen_t size = sizeof local;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&local), &size) != 0) {
        return {};
    }
    if (local.ss_family == AF_INET || local.ss_family == AF_INET6) {
        return to_text(local_endpoint(socket));
    }
    sockaddr_un file{};
    std::memcpy(&file, &local, sizeof file);
    const bool named = local.ss_family == AF_UNIX && size > offsetof(sockaddr_un, sun_path) && file.sun_path[0] != '\0';
    return named ? "unix:" + std::string(file.sun_path, ::strnlen(file.sun_path, sizeof file.sun_path)) : "";
}

std::string wanted_address(const config::endpoint& address) {
    return address.unix_path.empty() ? to_text(find_endpoint(address)) : "unix:" + address.unix_path;
}

listening adopt_sockets(std::vector<owned_descriptor> sockets, std::size_t shares) {
    listening made;
    for (auto& each : sockets) {
        made.sockets.push_back(each.release());
        ::fcntl(made.sockets.back(), F_SETFL, O_NONBLOCK);
        set_client_options(made.sockets.back());
    }
    made.address = bound_address(made.sockets.front());
    try {
        add_copies(made.sockets, shares);
    } catch (...) {
        std::ranges::for_each(made.sockets, ::close);
        throw;
    }
    return made;
}

listening listen_on(const config::endpoint& address, std::size_t shares) {
    listening made;
    try {
        address.unix_path.empty() ? open_tcp(made, address, shares) : open_unix(made, address, shares);
    } catch (const std::exception& failure) {
        std::ranges::for_each(made.sockets, ::close);
        made.file.remove();
        throw std::runtime_error("can't listen on " + address.text + ": " + failure.what());
    }
    return made;
}

} // namespace bearward::proxy
