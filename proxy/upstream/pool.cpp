#include "proxy/upstream/pool.hpp"

#include "policies/invariant.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace bearward::proxy::upstream {

using policies::invariant;

connection::connection(pool& owner, stream_ptr made, std::uint32_t address)
    : owner_(&owner), stream_(std::move(made)), idle_(owner.with_.wheel, *this), open_(owner.counts_.active), busy_(*owner.busy_),
      address_(address) {}

connection::~connection() {
    if (stream_) {
        stream_->close();
    }
}

void connection::on_ready() {
    if (!owner_->is_disturbed(*this)) {
        stream_->want_read(); // epoll's word can be older than our last read
        return;
    }
    owner_->drop(*this);
}

void connection::on_deadline() {
    if (resting_) {
        owner_->end_rest(*this);
    } else {
        owner_->drop(*this);
    }
}

void lease::give_back(const served_request& last) {
    invariant(held_ != nullptr, "a connection is given back once");
    held_->owner().keep(std::move(held_), last);
}

pool::pool(connect_context with, pool_settings settings, upstream_counters& counts, std::shared_ptr<const tls::client_context> tls)
    : with_(with), settings_(std::move(settings)), counts_(counts),
      resolver_(with, settings_.server.address, settings_.server.dns_refresh, [this] { drop_strays(); }),
      status_(with.known.statuses.at(settings_.server.upstream, server())) {
    if (tls) {
        tls_ = tls_target{.context = std::move(tls), .host = settings_.server.address.host, .server = server()};
    }
}

pool::~pool() {
    for (connections* each : {&idle_, &resting_}) {
        each->clear_and_dispose([](connection* one) { delete one; });
    }
}

lease pool::take_idle(pooled which) {
    while (!idle_.empty() && which != pooled::none) {
        connection& newest = idle_.front();
        if (which == pooled::checked && is_disturbed(newest)) {
            drop(newest);
            continue;
        }
        invariant(newest.stream_->is_open() && !newest.resting_ && !newest.busy_, "what is lent is open and nobody's");
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

bool pool::is_disturbed(connection& silent) noexcept {
    char byte = 0;
    const auto seen = silent.stream_->peek({&byte, 1});
    if (seen.done() && silent.bodiless_) {
        status_->sends_bodies.store(true, std::memory_order_relaxed);
    }
    return !seen.would_block();
}

void pool::keep(std::unique_ptr<connection> used, const served_request& last) {
    auto clean = std::move(used);
    invariant(clean->owner_ == this && clean->stream_ && clean->stream_->is_open() && !clean->resting_,
              "a connection comes back open to the pool that lent it");
    clean->bodiless_ |= last.body_missing;
    if (clean->bodiless_ && last.bytes_left_over) {
        status_->sends_bodies.store(true, std::memory_order_relaxed);
    }
    const auto use = judge_use(last, status_->sends_bodies.load(std::memory_order_relaxed));
    // Bytes that came with the response's end would be taken for the next one's.
    if (use == next_use::never || (clean->stream_->readable() && is_disturbed(*clean))) {
        return;
    }
    if (use == next_use::at_once && idle_count_ >= settings_.max_idle_connections && !resting_.empty()) {
        drop(resting_.back()); // the oldest gives way to one that can serve now
    }
    if (!may_keep(idle_count_, settings_.max_idle_connections, resolver_.knows(clean->address_))) {
        return;
    }
    invariant(!clean->stream_->write_pending(), "a connection serves again when all of its request is out");
    connection& kept = *clean.release();
    kept.reused_ = true;
    kept.resting_ = use == next_use::after_rest;
    kept.open_.move_to(counts_.idle);
    kept.busy_.reset();
    (kept.resting_ ? resting_ : idle_).push_front(kept);
    ++idle_count_;
    kept.idle_.arm(kept.resting_ ? bodiless_rest : settings_.idle_timeout);
    kept.stream_->listen(&kept);
    kept.stream_->want_read();
}

void pool::end_rest(connection& rested) noexcept {
    if (is_disturbed(rested)) {
        drop(rested);
        return;
    }
    resting_.erase(resting_.iterator_to(rested));
    rested.resting_ = false;
    idle_.push_back(rested); // those that were used since are newer
    rested.idle_.arm(settings_.idle_timeout);
    rested.stream_->want_read();
}

void pool::drop(connection& idle) noexcept {
    connections& in = idle.resting_ ? resting_ : idle_;
    invariant(idle.is_linked() && idle_count_ > 0, "a connection is dropped once");
    in.erase(in.iterator_to(idle));
    --idle_count_;
    delete &idle;
}

void pool::drop_strays() noexcept {
    for (connections* in : {&idle_, &resting_}) {
        for (auto each = in->begin(); each != in->end();) {
            auto& idle = *each++;
            if (!resolver_.knows(idle.address_)) {
                drop(idle);
            }
        }
    }
}

void pool::note_death() noexcept {
    ejection_.suspect(std::chrono::steady_clock::now());
    for (connections* in : {&idle_, &resting_}) {
        while (!in->empty()) {
            drop(in->front());
        }
    }
}

standing pool::how(steady_time now) noexcept {
    if (!status_->healthy.load(std::memory_order_relaxed)) {
        return standing::unhealthy;
    }
    ejection_.heard_of(status_->last_connected());
    return ejection_.resting(now) ? standing::resting : standing::good;
}

awaitable<std::expected<lease, connect_error>> pool::connect() {
    const counted waiting(*busy_);
    ejection_.heard_of(status_->last_connected());
    const auto attempt = ejection_.begin_attempt(std::chrono::steady_clock::now(), settings_.connect_timeout);
    auto made = co_await try_addresses();
    const auto now = std::chrono::steady_clock::now();
    if (made) {
        ejection_.attempt_succeeded();
        status_->connected(now);
    } else {
        ejection_.attempt_failed(attempt, now);
        status_->failed(made.error().cause);
    }
    co_return made;
}

/// With the server before the cause, and the address that was tried where it isn't the configured one.
connect_error pool::name_server(connect_error failure, const address* tried) const {
    const auto& configured = settings_.server.address;
    std::string text = "connect " + configured.text;
    if (error_code error; tried != nullptr && configured.unix_path.empty() && (asio::ip::make_address(configured.host, error), error)) {
        asio::ip::tcp::endpoint plain;
        std::memcpy(plain.data(), tried->data(), std::min<std::size_t>(tried->size(), plain.capacity()));
        text += " (" + plain.address().to_string() + ")";
    }
    failure.cause = text + ": " + failure.cause;
    return failure;
}

awaitable<std::expected<lease, connect_error>> pool::try_addresses() {
    const auto addresses = co_await resolver_.addresses(settings_.connect_timeout);
    if (addresses.empty()) {
        const auto& why = resolver_.failure();
        co_return std::unexpected(
            name_server({connect_error::kind::unresolved, why.empty() ? "the name's look-up takes too long" : why}, nullptr));
    }
    connect_error failure;
    for (const auto& each : addresses) {
        auto made = co_await open_stream(with_, each.to, settings_.connect_timeout, tls_ ? &*tls_ : nullptr);
        if (made) {
            resolver_.worked(each.number);
            co_return lease{std::make_unique<connection>(*this, std::move(*made), each.number)};
        }
        failure = name_server(std::move(made.error()), &each.to);
    }
    co_return std::unexpected(std::move(failure));
}

} // namespace bearward::proxy::upstream
