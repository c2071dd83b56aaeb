#include "proxy/admin/admin_listener.hpp"

#include "proxy/admin/admin_message.hpp"
#include "proxy/admin/dispatch.hpp"
#include "proxy/admin/endpoint_table.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <fcntl.h>
#include <list>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace bearward::proxy {
namespace {

namespace asio = boost::asio;

using acceptor_type = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t max_connections = 128;
constexpr std::chrono::milliseconds accept_pause{100};

void log_failure(std::string_view what, const std::exception_ptr& error) {
    if (!error) {
        return;
    }
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        spdlog::error("admin {}: {}", what, failure.what());
    }
}

struct served {
    admin_stream* connection;
    bool working = false; ///< its answer is being made
    bool closed = false;  ///< to make room
};

} // namespace

struct admin_listener::state {
    state(asio::io_context& context, listening on, std::vector<std::string> names, admin_source from, admin_scope which)
        : bound(std::move(on)), acceptor(context), pause(context), hosts(std::move(names)), source(std::move(from)), scope(which) {
        const int family = bound.address.starts_with("unix:") ? AF_UNIX : AF_INET6; // of TCP Asio needs no more than a name
        acceptor.assign({family, 0}, bound.sockets.front());
        if (bound.sockets.size() > 1) {
            std::for_each(bound.sockets.begin() + 1, bound.sockets.end(), ::close);
            throw std::runtime_error("more than one socket was passed on for " + bound.address + ", and the admin listeners have one each");
        }
    }
    ~state() { close(); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    /// The coroutines own the state: they may outlive the listener's object until
    /// the io_context has run or is gone.
    static asio::awaitable<void> run_acceptor(std::shared_ptr<state> self);
    static asio::awaitable<void> run_connection(std::shared_ptr<state> self, admin_stream connection);
    /// Reads one request and answers it; whether the connection goes on.
    asio::awaitable<bool> run_exchange(admin_stream& connection, boost::beast::flat_buffer& buffer, served& mine);
    /// Other connections are served while it waits.
    asio::awaitable<admin_reply> answer(admin_request request, served& mine);
    [[nodiscard]] bool make_room();
    void close();

    listening bound;
    acceptor_type acceptor;
    asio::steady_timer pause;
    std::vector<std::string> hosts;
    admin_source source;
    admin_scope scope;
    /// By when they last had something answered, or came: the longest idle one first.
    std::list<served> connections;
    bool accepting = true; ///< false: another process does
    bool closed = false;
};

asio::awaitable<void> admin_listener::state::run_acceptor(std::shared_ptr<state> self) {
    while (!self->closed && self->accepting) {
        auto [error, accepted] = co_await self->acceptor.async_accept(as_result);
        if (self->closed) {
            co_return;
        }
        if (error && !self->accepting) {
            co_return;
        }
        if (error) {
            // Out of file descriptors, say: it passes or the operator reads this.
            spdlog::warn("admin listener: accept: {}", error.message());
            self->pause.expires_after(accept_pause);
            co_await self->pause.async_wait(as_result);
        } else if (self->make_room()) {
            asio::co_spawn(self->acceptor.get_executor(), run_connection(self, admin_stream(std::move(accepted))),
                           [](const std::exception_ptr& failure) { log_failure("connection", failure); });
        }
    }
}

asio::awaitable<void> admin_listener::state::run_connection(std::shared_ptr<state> self, admin_stream connection) {
    struct registration {
        registration(std::list<served>& list, admin_stream* member) : list_(list), place(list.insert(list.end(), {member})) {}
        ~registration() { list_.erase(place); }
        registration(const registration&) = delete;
        registration& operator=(const registration&) = delete;
        std::list<served>& list_;
        std::list<served>::iterator place;
    };
    const registration registered(self->connections, &connection);
    boost::beast::flat_buffer buffer;
    bool open = !self->closed;
    while (open) {
        open = co_await self->run_exchange(connection, buffer, *registered.place);
        self->connections.splice(self->connections.end(), self->connections, registered.place);
    }
    boost::system::error_code ignored;
    connection.socket().shutdown(asio::socket_base::shutdown_send, ignored);
}

/// Silent, half-sent and unread connections must not keep out those that ask: the one that
/// got nothing answered for the longest time gives way, but not one whose answer is awaited.
bool admin_listener::state::make_room() {
    if (connections.size() < max_connections) {
        return true;
    }
    const auto idle = std::ranges::find_if(connections, [](const served& each) { return !each.working && !each.closed; });
    if (idle != connections.end()) {
        idle->closed = true;
        idle->connection->close();
    }
    return connections.size() < 2 * max_connections; // those that were closed leave in a moment
}

asio::awaitable<bool> admin_listener::state::run_exchange(admin_stream& connection, boost::beast::flat_buffer& buffer, served& mine) {
    admin_message message;
    const boost::system::error_code error = co_await message.read(connection, buffer);
    if (closed) {
        co_return false;
    }
    std::optional<admin_reply> reply;
    if (error) {
        reply = make_failure_reply(error);
    } else {
        reply = co_await answer(message.request(), mine);
    }
    if (!reply) {
        co_return false;
    }
    if (reply->hands_over) {
        boost::system::error_code unreleased;
        const int descriptor = connection.release_socket().release(unreleased);
        if (!unreleased) {
            source.hand_over(owned_descriptor(descriptor));
        }
        co_return false;
    }
    const bool go_on = co_await message.write(connection, *std::move(reply));
    co_return go_on;
}

asio::awaitable<admin_reply> admin_listener::state::answer(admin_request request, served& mine) {
    const auto found = dispatch(admin_endpoints(), request, hosts, source, scope);
    if (!found) {
        co_return found.error();
    }
    mine.working = true;
    admin_reply reply = co_await (*found)->answer(request, source);
    mine.working = false;
    co_return reply;
}

void admin_listener::state::close() {
    if (std::exchange(closed, true)) {
        return;
    }
    pause.cancel();
    boost::system::error_code ignored;
    acceptor.close(ignored);
    bound.file.remove();
    for (const auto& each : connections) {
        each.connection->close();
    }
}

admin_listener::admin_listener(asio::io_context& context, listening bound, std::vector<std::string> hosts, admin_source source,
                               admin_scope scope)
    : state_(std::make_shared<state>(context, std::move(bound), std::move(hosts), std::move(source), scope)) {}

admin_listener::~admin_listener() {
    close();
}

const std::string& admin_listener::address() const noexcept {
    return state_->bound.address;
}

void admin_listener::accept() {
    asio::co_spawn(state_->acceptor.get_executor(), state::run_acceptor(state_),
                   [](const std::exception_ptr& failure) { log_failure("listener", failure); });
}

inherited_socket admin_listener::copy_socket() const {
    return {.descriptor = owned_descriptor(::fcntl(state_->acceptor.native_handle(), F_DUPFD_CLOEXEC, 0)),
            .name = {},
            .owns_file = state_->bound.file.exists()};
}

void admin_listener::give_up(const std::vector<std::string>& files) {
    state_->accepting = false;
    if (std::ranges::find(files, state_->bound.address) != files.end()) {
        state_->bound.file.give_up();
    }
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
}

void admin_listener::adopt_file(const std::vector<std::string>& files) {
    if (std::ranges::find(files, state_->bound.address) != files.end()) {
        adopt_file_of(state_->bound.address, state_->bound.file);
    }
}

void admin_listener::close() {
    state_->close();
}

} // namespace bearward::proxy
