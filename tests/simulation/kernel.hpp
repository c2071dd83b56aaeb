// The kernel that the worker under test calls: descriptors, an epoll set with edge
// triggers, timers, pipes and time. Everything follows from its choices. What it may do to
// a program that a real kernel may do, it does: see system_calls.cpp for the calls.
#pragma once

#include "tests/simulation/choices.hpp"
#include "tests/simulation/connection.hpp"
#include "tests/simulation/timeline.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/epoll.h>

namespace bearward::simulation {

/// What a descriptor stands for.
struct open_file {
    virtual ~open_file() = default;
    [[nodiscard]] virtual std::uint32_t level() = 0; ///< its epoll events now

    bool joined = false; ///< in the epoll set
    bool queued = false; ///< in its ready list
    epoll_event wanted{};
    int number = -1;          ///< its descriptor
    std::uint64_t serial = 0; ///< numbers are used again, this is not
};

struct socket_file final : open_file {
    connection_ptr line; ///< null: not connected yet
    bool reset_on_close = false;
    std::uint32_t level() override { return line ? line->level() : std::uint32_t{EPOLLOUT | EPOLLHUP}; }
};

struct listening_file final : open_file {
    struct arrival {
        connection_ptr line;
        std::string address; ///< the client's IPv4 address
    };
    std::deque<arrival> waiting;
    std::uint32_t level() override { return waiting.empty() ? 0 : EPOLLIN; }
};

struct timer_file final : open_file {
    bool fired = false;
    std::uint64_t setting = 0; ///< which one counts
    std::uint32_t level() override { return fired ? EPOLLIN : 0; }
};

struct event_file final : open_file {
    bool written = false;
    std::uint32_t level() override { return written ? EPOLLIN : 0; }
};

struct epoll_file final : open_file {
    std::uint32_t level() override { return 0; }
};

struct pipe_file final : open_file {
    struct content {
        std::string bytes;
        std::size_t capacity = 64 * 1024;
    };
    std::shared_ptr<content> shared;
    std::uint32_t level() override { return 0; }
};

/// How often, in percent, calls fail for reasons that are nobody's fault.
struct kernel_conduct {
    unsigned interrupted = 1;
    unsigned out_of_resources = 1;
    unsigned lost_arrivals = 2; ///< ECONNABORTED
    unsigned slow = 2;          ///< a call takes milliseconds
};

class kernel {
public:
    kernel(std::uint64_t seed, choices random);
    kernel(const kernel&) = delete;
    kernel& operator=(const kernel&) = delete;

    timeline time;
    choices random;
    kernel_conduct conduct;
    static constexpr std::uint64_t started_at = 1'800'000'000; ///< seconds since 1970 of CLOCK_MONOTONIC's 0

    /// A server that the worker connects to, by port. `accept` takes the connection, or says
    /// the error that connect() ends with.
    struct destination {
        std::function<int(const connection_ptr&)> accept;
        network_conduct network;
        unsigned hanging = 0; ///< percent of connects that never end
    };
    std::map<std::uint16_t, destination> servers;

    /// The worker's listening socket.
    [[nodiscard]] int open_listener();
    /// A client connects there.
    [[nodiscard]] connection_ptr connect_client(int listener, const network_conduct& network, std::string address);

    // --- for system_calls.cpp ---
    static constexpr int first_descriptor = 1'000'000; ///< none of the process's own
    [[nodiscard]] static bool owns(int descriptor) noexcept { return descriptor >= first_descriptor; }
    /// Each call: time passes, and what is due happens.
    void enter();
    [[nodiscard]] open_file* find(int descriptor) noexcept;
    [[nodiscard]] int add(std::unique_ptr<open_file> fresh);
    /// False: it is not open, which is a fault.
    [[nodiscard]] bool close(int descriptor);
    void queue(open_file& what, std::uint32_t events);
    /// Waits for events, in virtual time.
    [[nodiscard]] int wait(epoll_event* into, int most, int timeout);
    void mark(std::uint64_t what) noexcept { trace_hash_ = (trace_hash_ ^ what) * 1099511628211ULL; }

    // --- for the scenario ---
    /// Called when nothing will ever happen again; adds something, or the scenario ends there.
    std::function<void()> quiet = [] {};
    void fault(std::string what);
    /// A fault after which the scenario would never end: prints all and aborts.
    [[noreturn]] void give_up(std::string why);
    [[nodiscard]] const std::vector<std::string>& faults() const noexcept { return faults_; }
    /// Same seed, same number.
    [[nodiscard]] std::uint64_t trace_hash() const noexcept { return trace_hash_; }
    [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }
    /// Calls between two waits, at most.
    [[nodiscard]] std::uint64_t longest_turn() const noexcept { return longest_turn_; }
    [[nodiscard]] std::size_t open_connections() const;
    [[nodiscard]] std::size_t open_descriptors() const noexcept { return files_.size(); }
    /// Prints a line with the time, when asked for.
    bool tracing = false;
    bool tracing_calls = false; ///< each system call too
    void trace_call(const char* name, const open_file& of, std::int64_t result) {
        if (tracing_calls) {
            print(std::string("    ") + name + " #" + std::to_string(of.serial) + " = " + std::to_string(result));
        }
    }
    template <class... Texts>
    void trace(const Texts&... texts) {
        if (tracing) {
            std::string line;
            ((line += texts), ...);
            print(line);
        }
    }

private:
    void print(std::string_view line) const;
    [[nodiscard]] int take_ready(epoll_event* into, int most);

    std::map<int, std::unique_ptr<open_file>> files_;
    std::vector<int> ready_;
    std::vector<std::string> faults_;
    std::uint64_t serial_ = 0;
    std::uint64_t connections_ = 0;
    std::uint64_t trace_hash_ = 1469598103934665603ULL; // FNV-1a
    std::uint64_t calls_ = 0;
    std::uint64_t turn_began_ = 0; ///< by calls_
    std::uint64_t longest_turn_ = 0;
    std::uint64_t spins_ = 0; ///< waits in a row that did not let time pass
};

/// The kernel of this thread; null: the real one is called.
extern thread_local kernel* simulated;

/// Within it the real kernel is called: for what the harness does itself.
class outside {
public:
    outside() noexcept : inside_(std::exchange(simulated, nullptr)) {}
    ~outside() { simulated = inside_; }
    outside(const outside&) = delete;
    outside& operator=(const outside&) = delete;

private:
    kernel* inside_;
};

} // namespace bearward::simulation
