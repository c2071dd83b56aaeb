// Signals as calls: each one runs a function on a thread of its own, never in a
// signal handler. SIGPIPE is ignored: a closed connection is an error value.
#pragma once

#include <csignal>
#include <functional>
#include <memory>

namespace bearward::proxy {

/// Holds those signals back, from its thread and from all that are started meanwhile,
/// until a signal_watch can take them: a signal may come as soon as the process
/// reports that it is up.
class signal_hold {
public:
    signal_hold();
    ~signal_hold(); ///< what came meanwhile is taken by this thread
    signal_hold(const signal_hold&) = delete;
    signal_hold& operator=(const signal_hold&) = delete;

private:
    sigset_t before_{};
};

/// What to do; every function runs on the signal thread and may not block long.
struct signal_actions {
    std::function<void()> end;     ///< first SIGTERM or SIGINT: drain
    std::function<void()> end_now; ///< the second one
    std::function<void()> reopen;  ///< SIGUSR1
    std::function<void()> reload;  ///< SIGHUP
};

/// Watches while it lives. One a process. A third SIGTERM or SIGINT ends the
/// process at once, for when end_now could not.
class signal_watch {
public:
    explicit signal_watch(signal_actions actions);
    ~signal_watch(); ///< the default actions are back
    signal_watch(const signal_watch&) = delete;
    signal_watch& operator=(const signal_watch&) = delete;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace bearward::proxy
