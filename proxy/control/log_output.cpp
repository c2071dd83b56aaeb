#include "proxy/control/log_output.hpp"

#include <cerrno>
#include <map>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

int open_file(const std::string& path) noexcept {
    // O_APPEND: each write lands whole at the end, also beside other writers.
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);
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
            throw std::runtime_error("cannot open the log " + name_ + ": " + std::generic_category().message(errno));
        }
    }
}

log_output::~log_output() {
    if (owned_) {
        ::close(file_);
    }
}

void log_output::write(std::string_view lines) noexcept {
    const std::scoped_lock lock(mutex_);
    while (!lines.empty()) {
        const ssize_t written = ::write(file_, lines.data(), lines.size());
        if (written >= 0) {
            lines.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            // Somebody made the inherited pipe or terminal non-blocking.
            pollfd writable{.fd = file_, .events = POLLOUT, .revents = 0};
            ::poll(&writable, 1, 1'000);
        } else if (errno != EINTR) {
            failed_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
    }
}

bool log_output::reopen() noexcept {
    if (!owned_) {
        return true;
    }
    const int fresh = open_file(name_);
    if (fresh < 0) {
        return false;
    }
    const std::scoped_lock lock(mutex_);
    ::close(std::exchange(file_, fresh));
    return true;
}

} // namespace bearward::proxy
