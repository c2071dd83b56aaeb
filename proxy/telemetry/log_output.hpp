// Where log lines go: stderr, stdout or a file that can be reopened. The access
// log and the general log share one output a destination, so that their lines
// never mix within a line. Formats nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace bearward::proxy {

/// One destination. Thread-safe.
class log_output {
public:
    /// The open output of this name (`stderr`, `stdout` or a path), or a new one.
    /// Throws std::runtime_error with the path and the reason; a symbolic link is one.
    [[nodiscard]] static std::shared_ptr<log_output> open(const std::string& name);

    explicit log_output(std::string name);
    ~log_output();
    log_output(const log_output&) = delete;
    log_output& operator=(const log_output&) = delete;

    /// Writes whole lines. Waits at most `patience` for an output that takes nothing (a
    /// pipe that nobody reads); what it does not take then is kept and goes first next
    /// time, up to a bound. Lines that are lost are counted in log_losses().
    void write(std::string_view lines, std::chrono::milliseconds patience = std::chrono::milliseconds{0}) noexcept;

    /// From now on no write waits beyond `end`, those under way but for what they have left
    /// of their patience. What is left then is counted as lost.
    void limit_patience(std::chrono::steady_clock::time_point end) noexcept { patience_end_.store(end, std::memory_order_relaxed); }

    /// Whether the last write went well.
    [[nodiscard]] bool works() const noexcept { return works_.load(std::memory_order_relaxed); }

    /// Gives the open file to a user, whatever its name leads to by now. Nothing to do for
    /// what is no regular file. Returns why it can't be done.
    [[nodiscard]] std::optional<std::string> give_to(uid_t user, gid_t group);

    /// Opens the path anew (after a rotation) and keeps the old file when that
    /// fails. Nothing to do for stderr and stdout. Returns false on failure.
    bool reopen() noexcept;

private:
    /// What became of some lines.
    struct progress {
        std::size_t written = 0; ///< bytes
        int error = 0;           ///< errno; EAGAIN: the output takes nothing now
    };
    [[nodiscard]] progress push(std::string_view lines, std::chrono::milliseconds patience) const noexcept;
    /// Keeps what is left of `lines` for the next write, or counts it as lost.
    void settle(std::string lines, const progress& how);

    std::string name_;
    std::mutex mutex_;    ///< of what follows; held for no longer than a copy takes
    std::string pending_; ///< goes out first
    bool busy_ = false;   ///< somebody writes, and will look at `pending_` again
    bool torn_ = false;   ///< half a line stands at the end of the output
    std::atomic<bool> works_{true};
    std::atomic<std::chrono::steady_clock::time_point> patience_end_{std::chrono::steady_clock::time_point::max()};
    std::mutex file_mutex_; ///< of `file_`: of whoever is busy, and of reopen()
    int file_ = -1;
    bool owned_ = false;
};

} // namespace bearward::proxy
