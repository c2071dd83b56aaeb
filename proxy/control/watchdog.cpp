#include "proxy/control/watchdog.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace bearward::proxy {
namespace {

/// A question may take as long as the pause between two: three have their time within an interval.
constexpr int pauses_an_interval = 6;

} // namespace

watchdog::watchdog(const service_manager& manager, std::function<bool(std::chrono::milliseconds)> responds) {
    const auto interval = manager.watchdog_interval();
    if (!interval) {
        return;
    }
    const auto pause =
        std::max(std::chrono::duration_cast<std::chrono::milliseconds>(*interval) / pauses_an_interval, std::chrono::milliseconds(1));
    thread_ = std::jthread([&manager, responds = std::move(responds), pause](const std::stop_token& ended) {
        std::mutex mutex;
        std::condition_variable_any woken;
        std::unique_lock lock(mutex);
        while (!ended.stop_requested()) {
            if (responds(pause)) {
                manager.report_alive();
            }
            woken.wait_for(lock, ended, pause, [] { return false; });
        }
    });
}

} // namespace bearward::proxy
