#include "proxy/downstream/listener.hpp"

#include "proxy/downstream/connection.hpp"
#include "proxy/worker.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace bearward::proxy::downstream {
namespace {

/// How long a full process waits before it looks again.
constexpr std::chrono::milliseconds retry_delay{100};
/// Connections taken in a row, so that a burst does not starve open ones.
constexpr int accept_burst = 64;

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
        descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        if (::connect(probe.get(), to.data(), static_cast<socklen_t>(to.size())) != 0 && errno == ECONNREFUSED) {
            ::unlink(address.unix_path.c_str());
        }
    }
    if (::bind(socket.get(), to.data(), static_cast<socklen_t>(to.size())) != 0) {
        fail(address.text, "bind");
    }
    if (::listen(socket.get(), SOMAXCONN) != 0) {
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

std::string client_address(const sockaddr_storage& from, socklen_t size) {
    if (from.ss_family != AF_INET && from.ss_family != AF_INET6) {
        return {};
    }
    asio::ip::tcp::endpoint peer;
    std::memcpy(peer.data(), &from, std::min<std::size_t>(size, peer.capacity()));
    auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return address.to_string();
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

listener::listener(worker& owner, int descriptor, std::uint32_t index)
    : owner_(owner), socket_(owner.context().get_executor(), descriptor), retry_(owner.wheel(), *this), index_(index),
      open_connections_(&owner.counters().listeners[index]->connections) {}

void listener::move_to(std::uint32_t index) noexcept {
    index_ = index;
    open_connections_ = &owner_.counters().listeners[index]->connections;
}

void listener::start() {
    wait();
}

void listener::close() noexcept {
    retry_.disarm();
    error_code ignored;
    socket_.close(ignored);
}

void listener::wait() {
    socket_.async_wait(asio::posix::descriptor_base::wait_read, [this](error_code error) {
        if (!error) {
            accept_waiting();
        }
    });
}

void listener::pause() {
    retry_.arm(retry_delay);
}

void listener::accept_waiting() {
    for (int count = 0; count < accept_burst; ++count) {
        if (!socket_.is_open()) {
            return;
        }
        if (!owner_.has_room()) {
            pause();
            return;
        }
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        const int accepted =
            ::accept4(socket_.native_handle(), static_cast<sockaddr*>(static_cast<void*>(&from)), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK) {
                break;
            }
            if (errno == EINTR || errno == ECONNABORTED) {
                continue;
            }
            // Out of descriptors or memory: those that wait keep their place in the queue.
            spdlog::warn("can't accept a connection: {}", std::strerror(errno));
            pause();
            return;
        }
        stream_socket socket(owner_.context().get_executor());
        error_code error;
        socket.assign(asio::generic::stream_protocol(from.ss_family, 0), accepted, error);
        if (error) {
            ::close(accepted);
            continue;
        }
        owner_.adopt(std::make_unique<connection>(owner_, std::move(socket), index_, client_address(from, size), *open_connections_));
    }
    wait();
}

} // namespace bearward::proxy::downstream
