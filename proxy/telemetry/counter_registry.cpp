#include "proxy/telemetry/counter_registry.hpp"

namespace bearward::proxy {

std::vector<worker_counters> counter_registry::resolve(std::span<const std::string> routes, std::span<const std::string> upstreams,
                                                       std::span<const std::string> listeners, std::span<const std::string> providers) {
    const std::lock_guard lock(mutex_);
    std::vector<worker_counters> resolved(workers_);
    const auto add = [this, &resolved](auto& names, const std::string& name, auto list) {
        const auto& blocks = names.at(name, workers_);
        for (std::size_t worker = 0; worker < workers_; ++worker) {
            (resolved[worker].*list).push_back(blocks[worker].get());
        }
    };
    for (const auto& name : routes) {
        add(kept_.routes, name, &worker_counters::routes);
    }
    add(kept_.routes, no_route, &worker_counters::routes);
    for (const auto& name : upstreams) {
        add(kept_.upstreams, name, &worker_counters::upstreams);
    }
    for (const auto& name : listeners) {
        add(kept_.listeners, name, &worker_counters::listeners);
    }
    for (const auto& name : providers) {
        add(kept_.token_caches, name, &worker_counters::token_caches);
    }
    return resolved;
}

void counter_registry::read(const std::function<void(const kept&)>& with) const {
    const std::lock_guard lock(mutex_);
    with(kept_);
}

} // namespace bearward::proxy
