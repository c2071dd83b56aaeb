// Looks up host names away from the threads that serve: each look-up blocks a
// thread of its own, and those of one name at one time are one.
#pragma once

#include "proxy/event/ready_loop.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bearward::proxy::upstream {

/// In the order in which to try them; never empty. Or what went wrong.
using lookup_result = std::expected<std::vector<asio::ip::address>, std::string>;
/// Blocks until it knows. Called by several threads at once, and maybe still running
/// when its name_service is gone.
using lookup_function = std::function<lookup_result(const std::string& name)>;

/// Asks the system (getaddrinfo).
[[nodiscard]] lookup_result look_up_name(const std::string& name);

/// Runs a job that may block. Throws std::system_error when it can't be begun.
using job_runner = std::function<void(std::function<void()> job)>;
/// On a thread of its own that nobody waits for: getaddrinfo can't be interrupted, and a stop goes on without it.
void run_on_own_thread(std::function<void()> job);

/// Thread-safe.
class name_service {
public:
    explicit name_service(lookup_function look_up, job_runner run = run_on_own_thread);
    /// What was asked stays unanswered; does not wait for it.
    ~name_service();
    name_service(const name_service&) = delete;
    name_service& operator=(const name_service&) = delete;

    /// Calls `deliver` on the thread of `on`, which must outlive this. An answer that
    /// is younger than `max_age` will do. Failures are not remembered.
    void ask(const std::string& name, std::chrono::milliseconds max_age, ready_loop& on, std::function<void(lookup_result)> deliver);

private:
    struct state;
    std::shared_ptr<state> state_; ///< shared with the threads
};

} // namespace bearward::proxy::upstream
