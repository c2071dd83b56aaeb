// What /status says of the configuration: which one is in force, whether the file
// still says so, and how the last reload went. Thread-safe.
#pragma once

#include "config/sources.hpp"
#include "proxy/admin/reload_outcome.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <mutex>
#include <optional>

namespace bearward::proxy {

class configuration_status {
public:
    using time_point = std::chrono::system_clock::time_point;

    /// A configuration is in force that was made of these files.
    void took_over(config::sources read, time_point now);
    void reloaded(reload_outcome outcome, time_point now);

    /// Adds `configuration` (null before took_over) and `last_reload` (null before the
    /// first). Reads the files again: they are small, and /status is asked by people.
    void describe(boost::json::object& out) const;
    [[nodiscard]] std::optional<time_point> loaded() const;

private:
    struct last_reload {
        reload_outcome outcome;
        time_point time;
    };

    mutable std::mutex mutex_;
    config::sources read_;
    std::optional<time_point> loaded_;
    std::optional<last_reload> last_;
};

} // namespace bearward::proxy
