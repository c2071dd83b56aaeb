// Reloads the configuration, whoever asks (a signal, a request, a changed file):
// loads it, has it taken over as a whole or refused, counts and logs that. One
// thread does it, so that reloads never overlap, and no other thread waits for files.
#pragma once

#include "config/configuration.hpp"
#include "config/sources.hpp"
#include "proxy/admin/reload_outcome.hpp"
#include "proxy/control/file_watcher.hpp"
#include "proxy/control/service_manager.hpp"
#include "proxy/service.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bearward::proxy {

/// Errors of a configuration that is valid in itself; none: it may be served.
using configuration_check = std::function<std::vector<config::diagnostic>(const config::configuration&)>;

class reloader {
public:
    /// `proxy` serves the configuration of `file`, whose load read `in_force` and
    /// `revoked`. `find_failures`: what speaks against a configuration that is valid; called on the thread of this. `manager` learns
    /// when a reload begins and ends. `proxy` and `manager` must outlive this. Does nothing before start().
    reloader(service& proxy, const service_manager& manager, configuration_check find_failures, std::string file, config::sources in_force,
             config::revocations_in_force revoked, watch_pace pace = {});
    /// Waits for a reload that has begun; others are dropped.
    ~reloader();
    reloader(const reloader&) = delete;
    reloader& operator=(const reloader&) = delete;

    /// Starts the thread and watches the files; `proxy` has been started. Changes
    /// since the load are noticed.
    void start();

    /// `cause` is for the log. Several that wait share the next reload. Thread-safe,
    /// returns at once.
    void request(std::string cause, reload_answer done = {});

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace bearward::proxy
