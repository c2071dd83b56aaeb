// A whole scenario of the simulator whose first choices are the input's: who comes, what they
// do, what the kernel does to them.
#include "tests/simulation/certificates.hpp"
#include "tests/simulation/scenario.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace {

/// Of real time for one scenario, in seconds; most take milliseconds.
constexpr unsigned scenario_limit = 120;

void end_scenario(int) {
    constexpr char text[] = "the scenario does not end\n";
    (void)!::write(STDERR_FILENO, text, sizeof text - 1);
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool prepared = [] {
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGALRM, end_scenario);
        spdlog::set_level(spdlog::level::off);
        bearward::simulation::install_random_method();
        return true;
    }();
    (void)prepared;
    // As many requests as a client has anyway, but no flood of thousands: that one takes most of the time.
    ::alarm(scenario_limit);
    const auto result = bearward::simulation::run({.seed = 1, .most_requests = 6, .bytes = {data, size}});
    ::alarm(0);
    for (const auto& fault : result.faults) {
        std::fprintf(stderr, "%s\n", fault.c_str());
    }
    if (!result.faults.empty()) {
        std::abort();
    }
    return 0;
}
