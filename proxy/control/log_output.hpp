// Where log lines go: stderr, stdout or a file that can be reopened. The access
// log and the general log share one output a destination, so that their lines
// never mix within a line. Formats nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace bearward::proxy {

/// One destination. Thread-safe.
class log_output {
public:
    /// The open output of this name (`stderr`, `stdout` or a path), or a new one.
    /// Throws std::runtime_error with the path and the reason.
    [[nodiscard]] static std::shared_ptr<log_output> open(const std::string& name);

    explicit log_output(std::string name);
    ~log_output();
    log_output(const log_output&) = delete;
    log_output& operator=(const log_output&) = delete;

    /// Writes whole lines, all of them or none of what fails. May block on a slow
    /// reader: only the writing thread of the access log calls it with much.
    void write(std::string_view lines) noexcept;

    /// Opens the path anew (after a rotation) and keeps the old file when that
    /// fails. Nothing to do for stderr and stdout. Returns false on failure.
    bool reopen() noexcept;

    /// Writes that failed (a full disk, a closed pipe) since the start.
    [[nodiscard]] std::uint64_t failed_writes() const noexcept { return failed_.load(std::memory_order_relaxed); }

private:
    std::string name_;
    std::mutex mutex_;
    int file_ = -1;
    bool owned_ = false;
    std::atomic<std::uint64_t> failed_{0};
};

} // namespace bearward::proxy
