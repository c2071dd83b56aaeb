#include "proxy/upstream/group.hpp"

#include <algorithm>

namespace bearward::proxy::upstream {
namespace {

/// Between two rounds of attempts while a server may be coming back.
constexpr std::chrono::milliseconds between_rounds{100};

} // namespace

group::group(connect_context with, const config::upstream_settings& settings, std::vector<std::shared_ptr<pool>> pools,
             upstream_counters& counts, std::size_t turn)
    : with_(with), settings_(settings), pools_(std::move(pools)), counts_(counts), candidates_(pools_.size()), turn_(turn) {}

std::size_t group::choose() {
    return pools_.size() == 1 ? 0 : choose_other({}).value_or(0);
}

std::optional<std::size_t> group::choose_other(std::span<const std::size_t> tried) {
    const auto now = std::chrono::steady_clock::now();
    std::ranges::transform(pools_, candidates_.begin(),
                           [now](const auto& each) { return candidate{each->how(now), each->busy()->value()}; });
    const auto chosen = choose_server(settings_.balance, candidates_, tried, turn_);
    if (chosen) {
        turn_ = *chosen + 1;
    }
    return chosen;
}

std::size_t group::place_of(const pool& server) const noexcept {
    const auto found = std::ranges::find_if(pools_, [&](const auto& each) { return each.get() == &server; });
    return static_cast<std::size_t>(found - pools_.begin());
}

awaitable<std::expected<lease, connect_error>> group::connect(std::size_t server, pooled others) {
    const auto began = std::chrono::steady_clock::now();
    while (true) {
        auto made = co_await connect_to_any(server, others);
        if (made) {
            outage_.ended();
            co_return made;
        }
        const auto now = std::chrono::steady_clock::now();
        outage_.failed(now, last_connected());
        const bool patient = now - began < settings_.connect_timeout && outage_.worth_waiting(now, settings_.connect_timeout);
        if (!patient || with_.under_way.cancelled()) {
            co_return made;
        }
        sleeper pause(with_.wheel, with_.under_way);
        pause.limit(between_rounds);
        co_await pause.sleep();
        server = choose();
    }
}

steady_time group::last_connected() const noexcept {
    auto last = steady_time::min();
    for (const auto& each : pools_) {
        last = std::max(last, each->last_connected());
    }
    return last;
}

awaitable<std::expected<lease, connect_error>> group::connect_to_any(std::size_t server, pooled others) {
    std::vector<std::size_t> tried;
    while (true) {
        auto made = co_await pools_[server]->connect();
        if (made || with_.under_way.cancelled()) {
            co_return made;
        }
        tried.push_back(server);
        const auto next = choose_other(tried);
        if (!next) {
            co_return made;
        }
        server = *next;
        if (auto held = pools_[server]->take_idle(others)) {
            co_return held;
        }
    }
}

} // namespace bearward::proxy::upstream
