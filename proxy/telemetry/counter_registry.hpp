// Keeps every worker's counters by name. It only grows: a route that goes and
// comes back with a reload goes on counting where it was.
#pragma once

#include "proxy/telemetry/request_counters.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace bearward::proxy {

/// Blocks of one kind: for each name one a worker. Each lies in memory of its
/// own, so no reader or other worker disturbs a writer, and none ever moves.
template <class Block>
class named_counters {
public:
    using blocks = std::vector<std::unique_ptr<Block>>;

    [[nodiscard]] const blocks& at(const std::string& name, std::size_t workers) {
        auto& found = by_name_[name];
        while (found.size() < workers) {
            found.push_back(std::make_unique<Block>());
        }
        return found;
    }
    [[nodiscard]] const std::map<std::string, blocks>& all() const noexcept { return by_name_; }

private:
    std::map<std::string, blocks> by_name_;
};

/// Thread-safe. Lives longer than the workers that count into it.
class counter_registry {
public:
    /// The label of requests without a route.
    static constexpr const char* no_route = "none";

    struct kept {
        named_counters<route_counters> routes;
        named_counters<upstream_counters> upstreams;
        named_counters<listener_counters> listeners;
        named_counters<token_cache_counters> token_caches; ///< by provider
    };

    explicit counter_registry(std::size_t workers) : workers_(workers) {}

    [[nodiscard]] std::size_t workers() const noexcept { return workers_; }
    /// The blocks of a generation's names for each worker; new names get new ones.
    [[nodiscard]] std::vector<worker_counters> resolve(std::span<const std::string> routes, std::span<const std::string> upstreams,
                                                       std::span<const std::string> listeners, std::span<const std::string> providers = {});

    /// Calls with all there is; no name is added meanwhile.
    void read(const std::function<void(const kept&)>& with) const;

private:
    std::size_t workers_;
    mutable std::mutex mutex_;
    kept kept_;
};

} // namespace bearward::proxy
