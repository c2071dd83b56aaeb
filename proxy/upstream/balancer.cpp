#include "proxy/upstream/balancer.hpp"

#include <algorithm>

namespace bearward::proxy::upstream {

std::optional<std::size_t> choose_server(config::balancing how, std::span<const candidate> servers, std::span<const std::size_t> tried,
                                         std::size_t turn) noexcept {
    const auto better = [&](const candidate& left, const candidate& right) {
        return left.how != right.how ? left.how < right.how : how == config::balancing::least_connections && left.busy < right.busy;
    };
    std::optional<std::size_t> best;
    for (std::size_t step = 0; step < servers.size(); ++step) {
        const std::size_t index = (turn % servers.size() + step) % servers.size();
        if (std::ranges::find(tried, index) != tried.end()) {
            continue;
        }
        if (!best || better(servers[index], servers[*best])) {
            best = index;
        }
    }
    return best;
}

} // namespace bearward::proxy::upstream
