#include "proxy/upstream/pool.hpp"

#include "proxy/upstream/pool_state.hpp"

#include <tuple>

namespace bearward::proxy::upstream {

connection::connection(pool& owner, stream_ptr made, std::uint32_t address)
    : owner_(&owner), stream_(std::move(made)), idle_(owner.with_.wheel, *this), open_(owner.counts_.active), busy_(*owner.busy_),
      address_(address) {}

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

void lease::give_back() {
    held_->owner().keep(std::move(held_));
}

pool::pool(connect_context with, const config::upstream_settings& settings, const config::endpoint& server, upstream_counters& counts,
           std::shared_ptr<const tls::client_context> tls)
    : with_(with), settings_(settings), server_(server), counts_(counts),
      resolver_(with, server, settings.dns_refresh, [this] { drop_strays(); }),
      status_(with.known.statuses.at(settings.name, server.text)) {
    if (tls) {
        tls_ = tls_target{.context = std::move(tls), .host = server.host, .server = server.text};
    }
}

pool::~pool() {
    const bool failing = ejection_.failing();
    ejection_.attempt_succeeded();
    note_failing(failing);
    idle_.clear_and_dispose([](connection* each) { delete each; });
}

lease pool::take_idle(pooled which) {
    while (!idle_.empty() && which != pooled::none) {
        connection& newest = idle_.front();
        char byte = 0;
        if (which == pooled::checked && !newest.stream_->peek({&byte, 1}).would_block()) {
            drop(newest);
            continue;
        }
        idle_.pop_front();
        --idle_count_;
        newest.open_.move_to(counts_.active);
        newest.busy_.emplace(*busy_);
        newest.idle_.disarm();
        newest.stream_->listen(nullptr);
        return lease{std::unique_ptr<connection>(&newest)};
    }
    return {};
}

void pool::keep(std::unique_ptr<connection> clean) {
    // Bytes that came with the response's end would be taken for the next one's.
    if (clean->stream_->readable()) {
        char byte = 0;
        if (!clean->stream_->peek({&byte, 1}).would_block()) {
            return;
        }
    }
    if (!may_keep(idle_count_, settings_.max_idle_connections, resolver_.knows(clean->address_))) {
        return;
    }
    connection& kept = *clean.release();
    kept.reused_ = true;
    kept.open_.move_to(counts_.idle);
    kept.busy_.reset();
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

void pool::drop_strays() noexcept {
    for (auto each = idle_.begin(); each != idle_.end();) {
        auto& idle = *each++;
        if (!resolver_.knows(idle.address_)) {
            drop(idle);
        }
    }
}

void pool::note_death() noexcept {
    ejection_.suspect(std::chrono::steady_clock::now());
    while (!idle_.empty()) {
        drop(idle_.front());
    }
}

standing pool::how(steady_time now) const noexcept {
    if (!status_->healthy.load(std::memory_order_relaxed)) {
        return standing::unhealthy;
    }
    return ejection_.resting(now) ? standing::resting : standing::good;
}

std::string_view pool::host() const noexcept {
    return server_.unix_path.empty() ? std::string_view{server_.text} : "localhost";
}

bool pool::serves(const config::upstream_settings& wanted, const config::endpoint& server) const noexcept {
    const auto key = [](const config::upstream_settings& of) {
        return std::tie(of.name, of.dns_refresh, of.connect_timeout, of.idle_timeout, of.max_idle_connections);
    };
    const bool same_tls = settings_.tls && wanted.tls ? tls::equivalent(*settings_.tls, *wanted.tls) : !settings_.tls && !wanted.tls;
    return server_.text == server.text && key(settings_) == key(wanted) && same_tls;
}

awaitable<std::expected<lease, connect_error>> pool::connect() {
    const counted waiting(*busy_);
    const auto attempt = ejection_.begin_attempt(std::chrono::steady_clock::now(), settings_.connect_timeout);
    auto made = co_await try_addresses();
    const bool failing = ejection_.failing();
    if (made) {
        ejection_.attempt_succeeded();
    } else {
        ejection_.attempt_failed(attempt, std::chrono::steady_clock::now());
    }
    note_failing(failing);
    co_return made;
}

void pool::note_failing(bool before) noexcept {
    if (before != ejection_.failing()) {
        before ? status_->failing_workers.fetch_sub(1) : status_->failing_workers.fetch_add(1);
    }
}

awaitable<std::expected<lease, connect_error>> pool::try_addresses() {
    const auto addresses = co_await resolver_.addresses(settings_.connect_timeout);
    auto failure = addresses.empty() ? connect_error::unresolved : connect_error::refused;
    for (const auto& each : addresses) {
        auto made = co_await open_stream(with_, each.to, settings_.connect_timeout, tls_ ? &*tls_ : nullptr);
        if (made) {
            resolver_.worked(each.number);
            co_return lease{std::make_unique<connection>(*this, std::move(*made), each.number)};
        }
        failure = made.error();
    }
    co_return std::unexpected(failure);
}

} // namespace bearward::proxy::upstream
