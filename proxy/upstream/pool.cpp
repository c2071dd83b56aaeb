#include "proxy/upstream/pool.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <sys/socket.h>
#include <tuple>

namespace bearward::proxy::upstream {
namespace {

/// Ends a connect attempt that takes too long.
class connect_deadline final : public deadline_listener {
public:
    explicit connect_deadline(stream_socket& socket) : socket_(socket) {}
    void on_deadline() override {
        error_code ignored;
        socket_.close(ignored);
    }

private:
    stream_socket& socket_;
};

void prepare(stream_socket& socket, const address& to) {
    const int family = to.protocol().family();
    if (family == AF_INET || family == AF_INET6) {
        error_code ignored;
        socket.set_option(asio::ip::tcp::no_delay(true), ignored);
        socket.set_option(asio::socket_base::keep_alive(true), ignored);
    }
}

} // namespace

connection::connection(pool& owner, stream_socket socket)
    : owner_(&owner), stream_(new stream(std::move(socket))), idle_(owner.wheel_, *this), open_(owner.counts_.active) {}

connection::~connection() {
    if (stream_) {
        stream_->close();
    }
}

void connection::on_ready() {
    char byte = 0;
    if (stream_->peek({&byte, 1}).would_block()) {
        stream_->want_read(); // epoll's word can be older than our last read
        return;
    }
    owner_->drop(*this);
}

void connection::on_deadline() {
    owner_->drop(*this);
}

void lease::give_back(pool& to) {
    to.keep(std::move(held_));
}

pool::pool(asio::io_context& context, deadline_wheel& wheel, const config::upstream_settings& settings, const config::endpoint& server,
           upstream_counters& counts)
    : context_(context), wheel_(wheel), settings_(settings), server_(server), counts_(counts),
      resolver_(context, server, std::chrono::seconds{30}) {}

pool::~pool() {
    idle_.clear_and_dispose([](connection* each) { delete each; });
}

lease pool::take_idle() {
    if (idle_.empty()) {
        return {};
    }
    connection& newest = idle_.front();
    idle_.pop_front();
    --idle_count_;
    newest.idle_listed_ = false;
    newest.open_.move_to(counts_.active);
    newest.idle_.disarm();
    newest.stream_->listen(nullptr);
    return lease{std::unique_ptr<connection>(&newest)};
}

void pool::keep(std::unique_ptr<connection> clean) {
    // Bytes that came with the response's end would be taken for the next one's.
    if (clean->stream_->readable()) {
        char byte = 0;
        if (!clean->stream_->peek({&byte, 1}).would_block()) {
            return;
        }
    }
    if (idle_count_ >= settings_.max_idle_connections) {
        return;
    }
    connection& kept = *clean.release();
    kept.reused_ = true;
    kept.idle_listed_ = true;
    kept.open_.move_to(counts_.idle);
    idle_.push_front(kept);
    ++idle_count_;
    kept.idle_.arm(settings_.idle_timeout);
    kept.stream_->listen(&kept);
    kept.stream_->want_read();
}

void pool::drop(connection& idle) noexcept {
    idle_.erase(idle_.iterator_to(idle));
    --idle_count_;
    delete &idle;
}

bool pool::serves(const config::upstream_settings& wanted) const noexcept {
    const auto key = [](const config::upstream_settings& of) {
        return std::tie(of.name, of.servers.front().text, of.connect_timeout, of.response_timeout, of.idle_timeout, of.max_idle_connections,
                        of.forward_host);
    };
    return key(settings_) == key(wanted);
}

void pool::cancel_connects() noexcept {
    resolver_.cancel();
    for (stream_socket* each : connecting_) {
        error_code ignored;
        each->close(ignored);
    }
}

awaitable<std::expected<lease, connect_error>> pool::connect() {
    const auto addresses = co_await resolver_.addresses();
    auto failure = addresses.empty() ? connect_error::unresolved : connect_error::refused;
    for (const auto& to : addresses) {
        stream_socket socket(context_.get_executor());
        error_code error;
        socket.open(to.protocol(), error);
        if (error) {
            continue;
        }
        prepare(socket, to);
        connect_deadline watch(socket);
        deadline limit(wheel_, watch);
        limit.arm(settings_.connect_timeout);
        connecting_.push_back(&socket);
        auto [result] = co_await socket.async_connect(to, use_result);
        std::erase(connecting_, &socket);
        if (!result && socket.is_open()) {
            limit.disarm();
            co_return lease{std::make_unique<connection>(*this, std::move(socket))};
        }
        failure = limit.expired() ? connect_error::timed_out : connect_error::refused;
    }
    co_return std::unexpected(failure);
}

} // namespace bearward::proxy::upstream
