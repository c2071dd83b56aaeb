// Runs scenarios and says what went wrong in which: `simulation --help`.
#include "tests/simulation/certificates.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/shrink.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>
#if defined(__has_feature) && __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

using namespace bearward::simulation;

namespace {

struct totals {
    std::uint64_t scenarios = 0;
    std::uint64_t failed = 0;
    std::uint64_t requests = 0;
    std::uint64_t calls = 0;
    std::uint64_t longest_turn = 0;
    double seconds = 0;
    std::map<int, std::uint64_t> statuses;

    void add(const outcome& one) {
        ++scenarios;
        failed += one.faults.empty() ? 0 : 1;
        requests += one.requests;
        calls += one.calls;
        longest_turn = std::max(longest_turn, one.longest_turn);
        seconds += one.seconds;
        for (const auto& [status, count] : one.statuses) {
            statuses[status] += count;
        }
    }
    void print(double real) const {
        fmt::print(
            "{} scenarios, {} requests, {} system calls ({} in the longest turn), {:.1f} virtual hours in {:.1f} s ({:.0f} a second): {} "
            "with faults\nanswers:",
            scenarios, requests, calls, longest_turn, seconds / 3600, real, static_cast<double>(scenarios) / real, failed);
        for (const auto& [status, count] : statuses) {
            fmt::print(" {}:{}", status, count);
        }
        fmt::print("\n");
    }
};

void report(const scenario& what, const outcome& result) {
    for (const auto& each : result.faults) {
        fmt::print("seed {}: {}\n", what.seed, each);
    }
}

/// The smallest scenario that shows it, and its trace.
void explain(const scenario& failing) {
    auto smallest = shrink(failing);
    fmt::print("smaller: {}\n", command_line(smallest));
    smallest.tracing = true;
    (void)run(smallest);
}

struct wishes {
    scenario what;
    std::vector<std::uint64_t> known; ///< run before all others
    std::uint64_t first = 0;
    std::uint64_t count = 1000;
    unsigned jobs = 1;
    bool keep_going = false;
    bool brief = false;
};

/// Of the scenario that runs, for whoever finds the process dead.
std::uint64_t present_seed = 0;

void tell_seed() {
    std::array<char, 64> text{};
    const auto end = fmt::format_to_n(text.data(), text.size(), "seed {}: the process ends within it\n", present_seed).out;
    (void)!::write(STDOUT_FILENO, text.data(), static_cast<std::size_t>(end - text.data()));
}

[[maybe_unused]] void tell_seed_and_end(int signal) {
    tell_seed();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

/// Of real time for one scenario, which takes milliseconds: a worker that loops without a call is noticed by nothing else.
constexpr unsigned scenario_limit = 120;

void end_scenario(int) {
    tell_seed();
    ::_exit(1);
}

void prepare_process() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGALRM, end_scenario);
#if defined(__has_feature) && __has_feature(address_sanitizer)
    __sanitizer_set_death_callback(tell_seed);
#else
    for (const int each : {SIGSEGV, SIGBUS, SIGABRT}) {
        std::signal(each, tell_seed_and_end);
    }
#endif
    spdlog::set_level(spdlog::level::off);
    install_random_method();
}

/// What the process has allocated and not freed; only the address sanitizer tells.
std::size_t allocated_bytes() noexcept {
#if defined(__has_feature) && __has_feature(address_sanitizer)
    return __sanitizer_get_current_allocated_bytes();
#else
    return 0;
#endif
}

/// A scenario is the same twice, and when it runs again, all that is made once a process has been made.
bool check_again(const scenario& what, std::uint64_t trace_hash) {
    std::uint64_t again = 0;
    std::size_t before = 0;
    std::size_t after = 0;
    for (int round = 0; round < 2 && (round == 0 || before != after); ++round) { // a table that grew may have done so in between
        before = allocated_bytes();
        again = run(what).trace_hash;
        after = allocated_bytes();
    }
    if (again != trace_hash) {
        fmt::print("seed {}: not the same twice\n", what.seed);
    } else if (before != after) {
        fmt::print("seed {}: {} bytes more are allocated after it than before\n", what.seed, after - before);
    }
    return again == trace_hash && before == after;
}

/// Its share of the seeds: one of every `jobs`. Whether all went well.
bool run_share(const wishes& of, unsigned share) {
    totals all;
    scenario what = of.what;
    const auto began = std::chrono::steady_clock::now();
    const std::uint64_t known = of.known.size();
    for (std::uint64_t number = share; number < known + of.count && (all.failed == 0 || of.keep_going); number += of.jobs) {
        what.seed = present_seed = number < known ? of.known[number] : of.first + number - known;
        ::alarm(scenario_limit);
        const auto result = run(what);
        ::alarm(0);
        all.add(result);
        report(what, result);
        if (what.seed % 50 == 0 && !check_again(what, result.trace_hash)) {
            ++all.failed;
        }
        for (std::size_t place = 0; what.tracing && place < result.cast.size(); ++place) {
            fmt::print("actor {}: {}\n", place, result.cast[place]);
        }
        if (!result.faults.empty() && !what.tracing && !of.brief && !of.keep_going) {
            explain(what);
        }
    }
    all.print(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    std::fflush(stdout);
    return all.failed == 0;
}

/// A seed a line, and behind it what it once showed.
std::vector<std::uint64_t> read_seeds(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::uint64_t> all;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line.front() != '#') {
            all.push_back(std::stoull(line));
        }
    }
    return all;
}

/// A process a share: the simulated kernel is one thread's.
bool run_shares(const wishes& of) {
    std::vector<pid_t> children;
    for (unsigned share = 0; share < of.jobs; ++share) {
        const pid_t child = ::fork();
        if (child == 0) {
            std::exit(run_share(of, share) ? 0 : 1); // with all destructors: the leak checker looks then
        }
        children.push_back(child);
    }
    bool well = true;
    for (const pid_t child : children) {
        int status = 0;
        well &= child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
    }
    return well;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App options{"Runs a worker on a simulated kernel, one scenario a seed"};
    wishes of;
    std::optional<std::uint64_t> seed;
    std::string seeds;
    std::vector<unsigned> without;
    options.add_option("--seed", seed, "the first seed; default: a fresh one");
    options.add_option("--seeds", seeds, "a file of seeds that are run before all others")->check(CLI::ExistingFile);
    options.add_option("--count", of.count, "how many scenarios");
    options.add_option("--jobs", of.jobs, "processes that share them")->check(CLI::PositiveNumber);
    options.add_option("--without", without, "actors that don't come, by number")->delimiter(',');
    options.add_option("--requests", of.what.most_requests, "of one client at most");
    options.add_flag("--calm", of.what.calm, "no call fails by itself");
    options.add_flag("--trace", of.what.tracing, "print what happens");
    options.add_flag("--calls", of.what.tracing_calls, "print every system call");
    options.add_flag("--brief", of.brief, "don't look for a smaller scenario after a fault");
    options.add_flag("--keep-going", of.keep_going, "go on after a fault");
    CLI11_PARSE(options, argc, argv);
    of.what.without = {without.begin(), without.end()};
    of.first = seed.value_or(std::uint64_t{std::random_device{}()} << 20);
    if (!seeds.empty()) {
        of.known = read_seeds(seeds);
    }
    prepare_process();
    fmt::print("seeds from {}\n", of.first);
    std::fflush(stdout);
    return (of.jobs == 1 ? run_share(of, 0) : run_shares(of)) ? 0 : 1;
}
