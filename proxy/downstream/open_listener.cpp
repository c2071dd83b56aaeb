#include "proxy/downstream/open_listener.hpp"

#include "proxy/net.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace bearward::proxy::downstream {
namespace {

/// Whoever may connect to a unix socket: its owner and group. Others are let in by
/// the group or the folder that it lies in.
constexpr mode_t socket_mode = 0660;

class descriptor {
public:
    explicit descriptor(int number) : number_(number) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

private:
    int number_;
};

[[noreturn]] void fail(const std::string& address, const char* what) {
    const int error = errno;
    throw std::runtime_error("can't listen on " + address + ": " + what + ": " + std::strerror(error));
}

void set_flag(int socket, int level, int option) {
    const int on = 1;
    ::setsockopt(socket, level, option, &on, sizeof on);
}

/// Otherwise the kernel takes megabytes for each client that does not read, and a
/// thousand of them use up the memory that all connections of the host share.
void bound_unsent(int socket) {
    const int most = 128 * 1024;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
}

int open_unix(const config::endpoint& address) {
    asio::local::stream_protocol::endpoint to;
    try {
        to = asio::local::stream_protocol::endpoint(address.unix_path);
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("can't listen on " + address.text + ": " + error.what());
    }
    descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (socket.get() < 0) {
        fail(address.text, "socket");
    }
    // A socket file without a listener is what a crash leaves behind; any other file stays.
    struct stat status{};
    if (::lstat(address.unix_path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
        descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
        if (::connect(probe.get(), to.data(), static_cast<socklen_t>(to.size())) != 0 && errno == ECONNREFUSED) {
            ::unlink(address.unix_path.c_str());
        }
    }
    // The file gets the socket's mode less the umask: at no moment may others connect.
    ::fchmod(socket.get(), socket_mode);
    if (::bind(socket.get(), to.data(), static_cast<socklen_t>(to.size())) != 0) {
        fail(address.text, "bind");
    }
    if (::chmod(address.unix_path.c_str(), socket_mode) != 0 || ::listen(socket.get(), SOMAXCONN) != 0) {
        const int error = errno;
        ::unlink(address.unix_path.c_str());
        errno = error;
        fail(address.text, "listen");
    }
    return socket.release();
}

int open_tcp(const config::endpoint& address) {
    error_code error;
    auto ip = asio::ip::make_address(address.host, error);
    if (error && address.host == "localhost") {
        ip = asio::ip::address_v4::loopback();
    } else if (error) {
        throw std::runtime_error("can't listen on " + address.text + ": '" + address.host + "' is not an IP address");
    }
    const asio::ip::tcp::endpoint to(ip, address.port);
    descriptor socket{::socket(to.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (socket.get() < 0) {
        fail(address.text, "socket");
    }
    set_flag(socket.get(), SOL_SOCKET, SO_REUSEADDR);
    set_flag(socket.get(), SOL_SOCKET, SO_REUSEPORT);
    // Accepted sockets inherit these.
    set_flag(socket.get(), IPPROTO_TCP, TCP_NODELAY);
    set_flag(socket.get(), SOL_SOCKET, SO_KEEPALIVE);
    bound_unsent(socket.get());
    if (ip.is_v6()) {
        set_flag(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY);
    }
    if (::bind(socket.get(), to.data(), static_cast<socklen_t>(to.size())) != 0) {
        fail(address.text, "bind");
    }
    if (::listen(socket.get(), SOMAXCONN) != 0) {
        fail(address.text, "listen");
    }
    return socket.release();
}

asio::ip::tcp::endpoint local_tcp(int socket) {
    asio::ip::tcp::endpoint local;
    auto size = static_cast<socklen_t>(local.capacity());
    if (::getsockname(socket, local.data(), &size) == 0) {
        local.resize(size);
    }
    return local;
}

} // namespace

int open_listener(const config::endpoint& address) {
    return address.unix_path.empty() ? open_tcp(address) : open_unix(address);
}

std::uint16_t bound_port(int descriptor) {
    return local_tcp(descriptor).port();
}

std::string bound_address(int descriptor) {
    sockaddr_un local{};
    socklen_t size = sizeof local;
    ::getsockname(descriptor, static_cast<sockaddr*>(static_cast<void*>(&local)), &size);
    if (local.sun_family == AF_UNIX) {
        return "unix:" + std::string(local.sun_path);
    }
    const auto endpoint = local_tcp(descriptor);
    const auto ip = endpoint.address();
    const std::string host = ip.is_v6() ? '[' + ip.to_string() + ']' : ip.to_string();
    return host + ':' + std::to_string(endpoint.port());
}

socket_file::socket_file(const config::endpoint& address) {
    struct stat status{};
    if (!address.unix_path.empty() && ::lstat(address.unix_path.c_str(), &status) == 0) {
        path = address.unix_path;
        device = status.st_dev;
        inode = status.st_ino;
    }
}

void socket_file::remove() noexcept {
    struct stat status{};
    if (!path.empty() && ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode) && status.st_dev == device &&
        status.st_ino == inode) {
        ::unlink(path.c_str());
    }
    path.clear();
}

} // namespace bearward::proxy::downstream
