// One scenario: a worker, its kernel and a cast of actors, all from one seed.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace bearward::simulation {

struct scenario {
    std::uint64_t seed = 0;
    std::set<unsigned> without;          ///< actors by their numbers: they don't come
    unsigned most_requests = 0;          ///< of one client; a flooding client sends 10 to 15 times as many; 0: no bound
    bool calm = false;                   ///< no call fails or takes long by itself
    std::span<const std::uint8_t> bytes; ///< choices to begin with; empty: all by the seed
    bool tracing = false;
    bool tracing_calls = false;
};

struct outcome {
    std::vector<std::string> faults;
    std::uint64_t trace_hash = 0;
    std::uint64_t calls = 0;
    std::uint64_t longest_turn = 0; ///< in calls
    std::uint64_t requests = 0;
    std::map<int, std::uint64_t> statuses; ///< 0: no answer
    double seconds = 0;                    ///< of virtual time
    std::vector<std::string> cast;         ///< by number
};

[[nodiscard]] outcome run(const scenario& what);

} // namespace bearward::simulation
