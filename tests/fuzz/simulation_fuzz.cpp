// A whole scenario of the simulator whose first choices are the input's: who comes, what they
// do, what the kernel does to them.
#include "tests/simulation/certificates.hpp"
#include "tests/simulation/scenario.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool prepared = [] {
        std::signal(SIGPIPE, SIG_IGN);
        spdlog::set_level(spdlog::level::off);
        bearward::simulation::install_random_method();
        return true;
    }();
    (void)prepared;
    const auto result = bearward::simulation::run({.seed = 1, .bytes = {data, size}});
    for (const auto& fault : result.faults) {
        std::fprintf(stderr, "%s\n", fault.c_str());
    }
    if (!result.faults.empty()) {
        std::abort();
    }
    return 0;
}
