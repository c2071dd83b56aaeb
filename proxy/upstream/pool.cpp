#include "proxy/upstream/pool.hpp"

#include <tuple>

namespace bearward::proxy::upstream {
connection::connection(pool& owner, stream_ptr made)
    : owner_(&owner), stream_(std::move(made)), idle_(owner.wheel_, *this), open_(owner.counts_.active) {}

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
    under_way_.cancel();
}

awaitable<std::expected<lease, connect_error>> pool::connect() {
    const auto addresses = co_await resolver_.addresses();
    auto failure = addresses.empty() ? connect_error::unresolved : connect_error::refused;
    for (const auto& to : addresses) {
        auto made = co_await open_stream({context_, wheel_, under_way_}, to, settings_.connect_timeout);
        if (made) {
            co_return lease{std::make_unique<connection>(*this, std::move(*made))};
        }
        failure = made.error();
    }
    co_return std::unexpected(failure);
}

} // namespace bearward::proxy::upstream
