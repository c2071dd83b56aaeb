#include "proxy/worker.hpp"

#include "proxy/downstream/exchange.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <algorithm>
#include <array>
#include <pthread.h>

namespace bearward::proxy {
namespace {

/// Nobody outside can know it, so nobody can choose tokens that collide.
policies::tokens::hash_key make_hash_key() {
    std::random_device source;
    const auto bits = [&source] { return std::uint64_t{source()} << 32 | source(); };
    const std::uint64_t first = bits();
    return {first, bits()};
}

/// Exchanges kept for the next burst; each holds two buffers of 16 KiB.
constexpr std::size_t idle_exchange_limit = 64;

} // namespace

worker::worker(serving_ptr rules, access_log& log, shared_counts& counts, upstream::directory& known, std::size_t index)
    : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO), loop_(ready_loop::make(context_)), wheel_(context_), work_(context_.get_executor()),
      rules_(std::move(rules)), log_(log), counts_(counts), known_(known), index_(index), tokens_(rules_, index, make_hash_key()),
      random_(std::random_device{}()) {
    upstreams_ = make_upstreams(*rules_);
}

worker::~worker() {
    connections_.clear_and_dispose([](downstream::connection* each) { delete each; });
    tunnels_.clear_and_dispose([](websocket::tunnel* each) { delete each; });
}

void worker::add_listener(int descriptor, std::uint32_t index) {
    listeners_.push_back(std::make_unique<downstream::listener>(*this, descriptor, index));
}

void worker::run() {
    ::pthread_setname_np(::pthread_self(), ("worker-" + std::to_string(index_)).c_str()); // for top and perf
    for (const auto& each : listeners_) {
        each->start();
    }
    loop_.run();
    finished_.store(true, std::memory_order_release);
}

void worker::drain() {
    loop_.post([this] { begin_drain(); });
}

void worker::stop() {
    loop_.post([this] { begin_stop(); });
}

void worker::replace_rules(serving_ptr rules, listener_change listeners, std::function<void()> adopted) {
    loop_.post([this, rules = std::move(rules), listeners = std::move(listeners), adopted = std::move(adopted)]() mutable {
        adopt_rules(std::move(rules), listeners);
        adopted();
    });
}

void worker::adopt_rules(serving_ptr rules, const listener_change& listeners) {
    upstreams_ = make_upstreams(*rules);
    rules_ = std::move(rules);
    tokens_.replace_rules(rules_);
    const auto moved = [&](std::uint32_t index) { return listeners.moved_to.at(index); };
    std::erase_if(listeners_, [&](const auto& each) {
        if (const auto index = moved(each->index())) {
            each->move_to(*index);
            return false;
        }
        each->close();
        return true;
    });
    for (auto& each : connections_) {
        // The connections of a closed listener go on, but no rule of a listener is theirs.
        each.move_to(each.listener() == no_listener ? no_listener : moved(each.listener()).value_or(no_listener));
    }
    for (const auto& [descriptor, index] : listeners.opened) {
        listeners_.push_back(std::make_unique<downstream::listener>(*this, descriptor, index));
        if (draining_) {
            listeners_.back()->close();
        } else {
            listeners_.back()->start();
        }
    }
}

upstream_set_ptr worker::make_upstreams(const serving& rules) {
    const upstream::connect_context with{context_, wheel_, attempts_, known_};
    auto made = std::make_shared<upstream_set>();
    const auto& upstreams = rules.settings.upstreams;
    for (std::size_t place = 0; place < upstreams.size(); ++place) {
        const auto& wanted = upstreams[place];
        auto& counts = *rules.counters[index_].upstreams[place];
        std::vector<std::shared_ptr<upstream::pool>> pools;
        for (const auto& server : wanted.servers) {
            auto kept = find_pool(wanted, server);
            pools.push_back(kept ? std::move(kept)
                                 : std::make_shared<upstream::pool>(with, wanted, server, counts, rules.upstream_contexts[place]));
        }
        // Each worker begins with another server, so that few requests spread too.
        made->push_back(std::make_shared<upstream::group>(with, wanted, std::move(pools), counts, index_));
    }
    return made;
}

std::shared_ptr<upstream::pool> worker::find_pool(const config::upstream_settings& wanted, const config::endpoint& server) const {
    if (upstreams_) {
        for (const auto& group : *upstreams_) {
            const auto found = std::ranges::find_if(group->pools(), [&](const auto& each) { return each->serves(wanted, server); });
            if (found != group->pools().end()) {
                return *found;
            }
        }
    }
    return nullptr;
}

void worker::begin_drain() {
    if (draining_) {
        return;
    }
    draining_ = true;
    for (const auto& each : listeners_) {
        each->close();
    }
    // Each may remove itself, and only itself, from its list.
    for (auto each = connections_.begin(); each != connections_.end();) {
        (each++)->close_if_idle();
    }
    for (auto each = tunnels_.begin(); each != tunnels_.end();) {
        (each++)->close(1001, "", tunnel_end::shutdown);
    }
    end_if_done();
}

void worker::begin_stop() {
    stopping_ = true;
    begin_drain();
    attempts_.cancel();
    for (auto each = tunnels_.begin(); each != tunnels_.end();) {
        (each++)->abort();
    }
    for (auto each = connections_.begin(); each != connections_.end();) {
        (each++)->abort();
    }
    end_if_done();
}

void worker::end_if_done() {
    if (draining_ && connections_.empty() && tunnels_.empty()) {
        wheel_.close();
        work_.reset();
        context_.stop();
    }
}

bool worker::reserve_connection() noexcept {
    if (counts_.connections.fetch_add(1, std::memory_order_relaxed) < rules_->max_connections) {
        return true;
    }
    free_connection();
    return false;
}

void worker::free_connection() noexcept {
    counts_.connections.fetch_sub(1, std::memory_order_relaxed);
}

/// There is room again: those that wait in the accept queues come in.
void worker::accept_more() {
    for (const auto& each : listeners_) {
        each->resume();
    }
}

std::unique_ptr<exchange> worker::borrow_exchange() {
    active_exchanges_.store(active_exchanges_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (idle_exchanges_.empty()) {
        return std::make_unique<exchange>(*this);
    }
    auto reused = std::move(idle_exchanges_.back());
    idle_exchanges_.pop_back();
    return reused;
}

void worker::give_back(std::unique_ptr<exchange> used) {
    active_exchanges_.store(active_exchanges_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    if (idle_exchanges_.size() < idle_exchange_limit) {
        used->rest();
        idle_exchanges_.push_back(std::move(used));
    }
}

void worker::adopt(std::unique_ptr<downstream::connection> fresh) {
    auto& kept = *fresh.release();
    connections_.push_back(kept);
    kept.open();
}

void worker::remove(downstream::connection& ended) {
    connections_.erase(connections_.iterator_to(ended));
    delete &ended;
    free_connection();
    accept_more();
    end_if_done();
}

void worker::adopt(std::unique_ptr<websocket::tunnel> open) {
    counts_.connections.fetch_add(1, std::memory_order_relaxed);
    counts_.websockets.fetch_add(1, std::memory_order_relaxed);
    auto& kept = *open.release();
    tunnels_.push_back(kept);
    kept.start();
}

void worker::remove(websocket::tunnel& ended) {
    tunnels_.erase(tunnels_.iterator_to(ended));
    delete &ended;
    free_connection();
    counts_.websockets.fetch_sub(1, std::memory_order_relaxed);
    accept_more();
    end_if_done();
}

std::string_view worker::http_date() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (now != date_second_) {
        date_second_ = now;
        date_ = http::make_http_date(now);
    }
    return date_;
}

void worker::append_request_id(std::string& out) {
    static constexpr auto pairs = [] {
        std::array<std::array<char, 2>, 256> all{};
        for (unsigned byte = 0; byte < 256; ++byte) {
            all[byte] = {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
        }
        return all;
    }();
    std::array<char, 32> text{};
    std::uint64_t bits = 0;
    for (std::size_t at = 0; at < text.size(); at += 2, bits >>= 8) {
        if (at % 16 == 0) {
            bits = random_();
        }
        text[at] = pairs[bits & 255][0];
        text[at + 1] = pairs[bits & 255][1];
    }
    out.append(text.data(), text.size());
}

} // namespace bearward::proxy
