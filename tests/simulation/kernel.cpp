#include "tests/simulation/kernel.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>

namespace bearward::simulation {
namespace {

/// More calls than that between two waits: something holds the worker.
constexpr std::uint64_t turn_limit = 1'000;
/// More waits than that at one moment: the worker spins.
constexpr std::uint64_t spin_limit = 100'000;

} // namespace

thread_local kernel* simulated = nullptr;

kernel::kernel(std::uint64_t seed, choices chance) : random(chance.fork(1)) {
    mark(seed);
    if (random.percent(30)) { // a calm one: what is left is the actors' doing
        conduct = {0, 0, 0, 0};
    }
}

int kernel::open_listener() {
    return add(std::make_unique<listening_file>());
}

connection_ptr kernel::connect_client(int listener, const network_conduct& network, std::string address) {
    auto* const door = dynamic_cast<listening_file*>(find(listener));
    if (door == nullptr) {
        return nullptr; // closed: connection refused
    }
    auto made = std::make_shared<connection>(time, random.fork(1000 + ++connections_), network);
    door->waiting.push_back({made, std::move(address)});
    queue(*door, EPOLLIN);
    return made;
}

void kernel::enter() {
    ++calls_;
    if (calls_ - turn_began_ > turn_limit) {
        turn_began_ = calls_;
        fault("one turn of more than " + std::to_string(turn_limit) + " calls");
    }
    time.spend(nanoseconds(conduct.slow != 0 && random.percent(conduct.slow) && random.percent(20) ? random.below(4'000'000) : 500));
    time.run_due();
}

open_file* kernel::find(int descriptor) noexcept {
    const auto found = files_.find(descriptor);
    return found == files_.end() ? nullptr : found->second.get();
}

/// The lowest number that is free, as POSIX has it: a stale one soon means another file.
int kernel::add(std::unique_ptr<open_file> fresh) {
    int number = first_descriptor;
    for (const auto& [taken, file] : files_) {
        if (taken != number) {
            break;
        }
        ++number;
    }
    fresh->serial = ++serial_;
    fresh->number = number;
    files_[number] = std::move(fresh);
    return number;
}

bool kernel::close(int descriptor) {
    const auto found = files_.find(descriptor);
    if (found == files_.end()) {
        fault("close of a descriptor that is not open");
        return false;
    }
    trace_call("close", *found->second, 0);
    if (auto* const peer = dynamic_cast<socket_file*>(found->second.get()); peer != nullptr && peer->line) {
        peer->line->close(peer->reset_on_close);
    }
    if (auto* const door = dynamic_cast<listening_file*>(found->second.get())) {
        for (const auto& each : door->waiting) {
            each.line->close(true);
        }
    }
    std::erase(ready_, descriptor);
    files_.erase(found);
    return true;
}

/// As ep_poll_callback: a wake-up counts where somebody waits for it. The events are read when wait() returns them.
void kernel::queue(open_file& what, std::uint32_t events) {
    const auto wanted = what.wanted.events | EPOLLERR | EPOLLHUP;
    if (!what.joined || what.queued || (events != 0 && (events & wanted) == 0)) {
        return;
    }
    what.queued = true;
    ready_.push_back(what.number);
}

int kernel::take_ready(epoll_event* into, int most) {
    std::vector<int> taken;
    taken.swap(ready_);
    for (std::size_t left = taken.size(); left > 1; --left) { // the order is nobody's to rely on
        std::swap(taken[left - 1], taken[random.below(left)]);
    }
    const int limit = random.percent(20) ? 1 : most;
    int count = 0;
    for (const int number : taken) {
        open_file& file = *files_.at(number);
        if (count == limit) {
            ready_.push_back(number);
            continue;
        }
        file.queued = false;
        const auto events = file.level() & (file.wanted.events | EPOLLERR | EPOLLHUP);
        if (file.joined && events != 0) {
            trace_call("epoll", file, static_cast<std::int64_t>(events));
            into[count++] = {.events = events, .data = file.wanted.data};
            mark(file.serial << 16 | events);
        }
    }
    return count;
}

int kernel::wait(epoll_event* into, int most, int timeout) {
    longest_turn_ = std::max(longest_turn_, calls_ - turn_began_);
    turn_began_ = calls_;
    if (timeout != 0) {
        spins_ = 0;
    } else if (++spins_ > spin_limit) { // it would never come back
        give_up("the worker spins");
    }
    if (timeout != 0 && random.percent(conduct.interrupted)) {
        errno = EINTR;
        return -1;
    }
    for (int idle = 0;;) {
        time.run_due();
        const int count = take_ready(into, most);
        if (count != 0 || timeout == 0) {
            return count;
        }
        if (!time.advance()) {
            quiet();
            if (++idle > 100) {
                fault("the worker waits for ever");
                errno = EBADF;
                return -1;
            }
        }
    }
}

void kernel::give_up(std::string why) {
    fault(std::move(why));
    for (const auto& each : faults_) {
        fmt::print("{}\n", each);
    }
    std::fflush(stdout);
    std::abort();
}

void kernel::fault(std::string what) {
    trace("FAULT ", what);
    faults_.push_back(std::move(what));
}

std::size_t kernel::open_connections() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(files_, [](const auto& each) { return dynamic_cast<const socket_file*>(each.second.get()) != nullptr; }));
}

void kernel::print(std::string_view line) const {
    const auto now = (time.now() - timeline::started_at).count();
    fmt::print("{:10.6f}  {}\n", static_cast<double>(now) / 1e9, line);
}

} // namespace bearward::simulation
