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

#include <memory>
#include <string>

namespace bearward::proxy {

class reloader {
public:
    /// `proxy` serves the configuration of `file`, whose load read `in_force` and
    /// `revoked`. `manager` learns when a reload begins and ends. Both must outlive this. Does nothing before start().
    reloader(service& proxy, const service_manager& manager, std::string file, config::sources in_force,
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
