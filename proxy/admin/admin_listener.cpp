#include "proxy/admin/admin_listener.hpp"

#include "proxy/admin/admin_reply.hpp"
#include "proxy/event/listening_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <list>
#include <sys/socket.h>
#include <utility>

namespace bearward::proxy {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

using acceptor_type = asio::basic_socket_acceptor<asio::generic::stream_protocol>;
using stream = boost::beast::basic_stream<asio::generic::stream_protocol>;
using request_parser = http::request_parser<http::string_body>;
using response = http::response<http::string_body>;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t max_head = 8 * 1024;
constexpr std::uint64_t max_body = 64 * 1024;
constexpr std::size_t max_connections = 128;
constexpr std::chrono::seconds timeout{10};
constexpr std::chrono::milliseconds accept_pause{100};

std::vector<std::string_view> values_of(const http::fields& fields, http::field name) {
    std::vector<std::string_view> values;
    const auto [first, last] = fields.equal_range(name);
    for (auto field = first; field != last; ++field) {
        values.emplace_back(field->value().data(), field->value().size());
    }
    return values;
}

/// Beast takes any other coding for no body and the rest for the next request.
bool has_ambiguous_framing(const http::fields& fields) {
    const auto codings = values_of(fields, http::field::transfer_encoding);
    const auto lengths = values_of(fields, http::field::content_length);
    const bool strange = codings.size() > 1 || (codings.size() == 1 && !boost::beast::iequals(codings.front(), "chunked"));
    return strange || lengths.size() > 1 || (!codings.empty() && !lengths.empty());
}

/// The answer to a request that can't be read; nothing: there is nobody to answer.
std::optional<admin_reply> reply_to_failure(boost::system::error_code error) {
    if (error == http::error::header_limit) {
        return make_admin_error(431, "Request Header Fields Too Large");
    }
    if (error == http::error::body_limit) {
        return make_admin_error(413, "Content Too Large");
    }
    if (error == http::error::end_of_stream || error.category() != http::make_error_code(http::error::end_of_stream).category()) {
        return std::nullopt;
    }
    return make_admin_error(400, "Bad Request");
}

response make_response(admin_reply reply, bool head) {
    response made;
    made.result(reply.status);
    made.set(http::field::content_type, boost::beast::string_view(reply.content_type.data(), reply.content_type.size()));
    made.set(http::field::cache_control, "no-store");
    made.set("X-Content-Type-Options", "nosniff");
    if (!reply.allow.empty()) {
        made.set(http::field::allow, boost::beast::string_view(reply.allow.data(), reply.allow.size()));
    }
    made.content_length(reply.body.size());
    if (!head) {
        made.body() = std::move(reply.body);
    }
    return made;
}

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
    stream* connection;
    bool working = false; ///< its answer is being made
    bool closed = false;  ///< to make room
};

} // namespace

struct admin_listener::state {
    state(asio::io_context& context, const config::endpoint& address, std::vector<std::string> names, admin_source from, admin_scope which)
        : bound(listen_on(address)), acceptor(context), pause(context), hosts(std::move(names)), source(std::move(from)), scope(which) {
        const int family = address.unix_path.empty() ? AF_INET6 : AF_UNIX; // of TCP Asio needs no more than a name
        acceptor.assign({family, 0}, bound.sockets.front());
    }
    ~state() { close(); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    /// The coroutines own the state: they may outlive the server's object until
    /// the io_context has run or is gone.
    static asio::awaitable<void> run_acceptor(std::shared_ptr<state> self);
    static asio::awaitable<void> run_connection(std::shared_ptr<state> self, stream connection);
    /// Reads one request and answers it; whether the connection goes on.
    asio::awaitable<bool> run_exchange(stream& connection, boost::beast::flat_buffer& buffer, served& mine);
    [[nodiscard]] bool make_room();
    static asio::awaitable<boost::system::error_code> read_request(stream& connection, boost::beast::flat_buffer& buffer,
                                                                   request_parser& parser);

    /// Has the configuration reloaded; other connections are served meanwhile.
    asio::awaitable<admin_reply> run_reload();
    [[nodiscard]] admin_reply reply_to(const http::request<http::string_body>& request) const;
    void close();

    listening bound;
    acceptor_type acceptor;
    asio::steady_timer pause;
    std::vector<std::string> hosts;
    admin_source source;
    admin_scope scope;
    /// By when they last had something answered, or came: the longest idle one first.
    std::list<served> connections;
    bool closed = false;
};

asio::awaitable<void> admin_listener::state::run_acceptor(std::shared_ptr<state> self) {
    while (!self->closed) {
        auto [error, accepted] = co_await self->acceptor.async_accept(as_result);
        if (self->closed) {
            co_return;
        }
        if (error) {
            // Out of file descriptors, say: it passes or the operator reads this.
            spdlog::warn("admin listener: accept: {}", error.message());
            self->pause.expires_after(accept_pause);
            co_await self->pause.async_wait(as_result);
        } else if (self->make_room()) {
            asio::co_spawn(self->acceptor.get_executor(), run_connection(self, stream(std::move(accepted))),
                           [](const std::exception_ptr& failure) { log_failure("connection", failure); });
        }
    }
}

asio::awaitable<void> admin_listener::state::run_connection(std::shared_ptr<state> self, stream connection) {
    struct registration {
        registration(std::list<served>& list, stream* member) : list_(list), place(list.insert(list.end(), {member})) {}
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

asio::awaitable<boost::system::error_code> admin_listener::state::read_request(stream& connection, boost::beast::flat_buffer& buffer,
                                                                               request_parser& parser) {
    parser.header_limit(max_head);
    parser.body_limit(max_body);
    connection.expires_after(timeout);
    auto [head_error, head_size] = co_await http::async_read_header(connection, buffer, parser, as_result);
    if (head_error) {
        co_return head_error;
    }
    if (has_ambiguous_framing(parser.get())) {
        co_return http::make_error_code(http::error::bad_transfer_encoding);
    }
    auto [body_error, body_size] = co_await http::async_read(connection, buffer, parser, as_result);
    co_return body_error;
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

asio::awaitable<bool> admin_listener::state::run_exchange(stream& connection, boost::beast::flat_buffer& buffer, served& mine) {
    request_parser parser;
    const boost::system::error_code error = co_await read_request(connection, buffer, parser);
    if (closed) {
        co_return false;
    }
    std::optional<admin_reply> reply = error ? reply_to_failure(error) : reply_to(parser.get());
    if (!reply) {
        co_return false;
    }
    if (reply->after_reload) {
        mine.working = true;
        reply = co_await run_reload();
        mine.working = false;
    }
    const bool go_on = reply->status < 400 && parser.get().keep_alive();
    response answer = make_response(*std::move(reply), parser.get().method() == http::verb::head);
    answer.version(parser.get().version() == 10 ? 10 : 11);
    answer.keep_alive(go_on);
    connection.expires_after(timeout);
    auto [write_error, written] = co_await http::async_write(connection, answer, as_result);
    co_return !write_error && go_on;
}

asio::awaitable<admin_reply> admin_listener::state::run_reload() {
    struct waiting {
        asio::steady_timer done; // a signal for this coroutine: it expires never
        std::optional<reload_outcome> outcome;
    };
    const auto executor = acceptor.get_executor();
    const auto answer = std::make_shared<waiting>(asio::steady_timer(executor, asio::steady_timer::time_point::max()), std::nullopt);
    source.reload([answer, executor](reload_outcome outcome) {
        asio::post(executor, [answer, outcome = std::move(outcome)]() mutable {
            answer->outcome = std::move(outcome);
            answer->done.cancel();
        });
    });
    (void)co_await answer->done.async_wait(as_result);
    co_return answer->outcome ? make_reload_reply(*answer->outcome) : make_admin_error(503, "Shutting down");
}

admin_reply admin_listener::state::reply_to(const http::request<http::string_body>& request) const {
    const auto request_hosts = values_of(request, http::field::host);
    const auto content_types = values_of(request, http::field::content_type);
    const auto method = request.method_string();
    const auto target = request.target();
    return make_admin_reply({.method = {method.data(), method.size()},
                             .target = {target.data(), target.size()},
                             .hosts = request_hosts,
                             .content_types = content_types,
                             .has_origin = request.count(http::field::origin) != 0},
                            hosts, source, scope);
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

admin_listener::admin_listener(asio::io_context& context, const config::endpoint& address, std::vector<std::string> hosts,
                               admin_source source, admin_scope scope)
    : state_(std::make_shared<state>(context, address, std::move(hosts), std::move(source), scope)) {
    asio::co_spawn(context, state::run_acceptor(state_), [](const std::exception_ptr& failure) { log_failure("listener", failure); });
}

admin_listener::~admin_listener() {
    close();
}

const std::string& admin_listener::address() const noexcept {
    return state_->bound.address;
}

void admin_listener::close() {
    state_->close();
}

} // namespace bearward::proxy
