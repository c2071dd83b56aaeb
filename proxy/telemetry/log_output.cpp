#include "proxy/telemetry/log_output.hpp"

#include "proxy/telemetry/log_losses.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

int open_file(const std::string& path) noexcept {
    // O_APPEND: each write lands whole at the end, also beside other writers. O_NOFOLLOW: whoever
    // owns the folder could have root write into any file, and be given it. O_NONBLOCK, for
    // the opening alone: a pipe of that name would have us wait for somebody who reads it.
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0640);
    if (file >= 0) {
        ::fcntl(file, F_SETFL, O_APPEND);
    }
    return file;
}

std::string describe_open_failure(int error) {
    return error == ELOOP   ? "it is a symbolic link, which is not followed; name the file itself, or stdout or stderr"
           : error == ENXIO ? "it is a pipe that nobody reads, or a device that is not there"
                            : std::generic_category().message(error);
}

constexpr std::size_t piece_size = 4096; // PIPE_BUF
constexpr std::chrono::milliseconds last_patience{100};
constexpr std::size_t most_pending = std::size_t{256} * 1024;

std::uint64_t count_lines(std::string_view lines) noexcept {
    return static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
}

} // namespace

std::shared_ptr<log_output> log_output::open(const std::string& name) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<log_output>> outputs;
    const std::scoped_lock lock(mutex);
    auto& known = outputs[name];
    auto output = known.lock();
    if (!output) {
        output = std::make_shared<log_output>(name);
        known = output;
    }
    return output;
}

log_output::log_output(std::string name) : name_(std::move(name)) {
    if (name_ == "stderr") {
        file_ = STDERR_FILENO;
    } else if (name_ == "stdout") {
        file_ = STDOUT_FILENO;
    } else {
        file_ = open_file(name_);
        owned_ = true;
        if (file_ < 0) {
            throw std::runtime_error("cannot open the log " + name_ + ": " + describe_open_failure(errno));
        }
    }
}

log_output::~log_output() {
    write({}, last_patience);
    if (owned_) {
        ::close(file_);
    }
}

log_output::progress log_output::push(std::string_view lines, std::chrono::milliseconds patience) const noexcept {
    progress how;
    std::optional<std::chrono::steady_clock::time_point> end;
    while (how.written != lines.size()) {
        // A pipe that polls writable takes this much without blocking.
        const auto piece = lines.substr(how.written, piece_size);
        pollfd writable{.fd = file_, .events = POLLOUT, .revents = 0};
        int ready = ::poll(&writable, 1, 0);
        if (ready == 0) {
            const auto now = std::chrono::steady_clock::now();
            if (!end) {
                end = std::min(now + patience, patience_end_.load(std::memory_order_relaxed));
            }
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end - now);
            ready = left.count() > 0 ? ::poll(&writable, 1, static_cast<int>(left.count())) : 0;
        }
        if (ready == 0) {
            how.error = EAGAIN;
            return how;
        }
        const ssize_t written = ready < 0 ? ready : ::write(file_, piece.data(), piece.size());
        if (written >= 0) {
            how.written += static_cast<std::size_t>(written);
        } else if (errno != EINTR) {
            how.error = errno;
            return how;
        }
    }
    return how;
}

void log_output::settle(std::string lines, const progress& how) {
    if (how.written != 0) {
        torn_ = lines[how.written - 1] != '\n';
    }
    works_.store(how.error == 0, std::memory_order_relaxed);
    if (how.error == 0) {
        return;
    }
    lines.erase(0, how.written);
    if (how.error == EAGAIN) {
        pending_.insert(0, lines);
        torn_ = false; // its rest comes next
    } else {
        const bool ends_torn_one = how.written == 0 && lines.starts_with('\n'); // write() put it there
        log_losses().add(log_loss::write_failed, count_lines(lines) - (ends_torn_one ? 1 : 0));
    }
}

void log_output::write(std::string_view lines, std::chrono::milliseconds patience) noexcept {
    std::unique_lock lock(mutex_);
    if (pending_.size() + lines.size() > most_pending) {
        log_losses().add(log_loss::stalled, count_lines(lines));
        lines = {};
    }
    pending_ += lines;
    if (busy_) {
        return;
    }
    busy_ = true;
    while (!pending_.empty()) {
        std::string taken = std::exchange(pending_, {});
        if (torn_) {
            taken.insert(0, 1, '\n');
        }
        lock.unlock();
        progress how;
        {
            const std::scoped_lock open(file_mutex_);
            how = push(taken, patience);
        }
        lock.lock();
        settle(std::move(taken), how);
        if (how.error != 0) {
            break;
        }
    }
    busy_ = false;
}

std::optional<std::string> log_output::give_to(uid_t user, gid_t group) {
    const std::scoped_lock lock(mutex_);
    struct stat status{};
    if (!owned_ || (::fstat(file_, &status) == 0 && !S_ISREG(status.st_mode))) {
        return std::nullopt; // a device or a pipe is everybody's
    }
    if (status.st_nlink > 1) {
        return "it has another name too, which may be somebody else's file";
    }
    if (::fchown(file_, user, group) != 0) {
        return std::generic_category().message(errno);
    }
    return std::nullopt;
}

bool log_output::reopen() noexcept {
    if (!owned_) {
        return true;
    }
    const int fresh = open_file(name_);
    if (fresh < 0) {
        return false;
    }
    const std::scoped_lock lock(file_mutex_);
    ::close(std::exchange(file_, fresh));
    return true;
}

} // namespace bearward::proxy
