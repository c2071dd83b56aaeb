// Owns the workers, the control thread and the listeners; starts, drains, stops.
#pragma once

#include "config/configuration.hpp"
#include "proxy/admin/reload_outcome.hpp"
#include "proxy/admin_page/question.hpp"
#include "proxy/bound_listener.hpp"
#include "proxy/connection_counts.hpp"
#include "proxy/event/inherited_sockets.hpp"
#include "proxy/supplier.hpp"
#include "proxy/upstream/name_service.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bearward::proxy {

struct serving;

/// The proxy. One object a process is usual, several (tests, demo) work.
/// Functions are for one owner thread unless said otherwise.
class service {
public:
    /// Does nothing that can be seen from outside.
    /// `look_up` resolves the names of servers. `supplies` gets what decisions need from
    /// outside, in place of the configuration's key sources.
    explicit service(config::configuration settings, upstream::lookup_function look_up = upstream::look_up_name,
                     std::unique_ptr<supplier> supplies = nullptr);
    /// Stops at once if still running.
    ~service();
    service(const service&) = delete;
    service& operator=(const service&) = delete;

    /// Who reloads when the admin listener is asked to (POST /reload); without one there
    /// is no such path. Before start().
    void accept_reloads(reload_request how);

    /// Who answers the questions of the admin listener's page; without one it has no form.
    /// Called on the control thread. Before start().
    void accept_questions(std::function<admin_page::answered(const serving&, const config::test_settings&)> how);

    /// Who takes the connection of a process that is to replace this one (POST /takeover); without one, or where the admin
    /// address is no unix socket, there is no such path. Before start().
    void accept_takeovers(std::function<void(owned_descriptor)> how);

    /// Binds every listener and the admin address, or listens with what is inherited, then starts the threads. Throws
    /// std::runtime_error that names the address when one can't be bound, or a socket that fits none.
    void start(inherited_sockets inherited = {});
    /// Likewise, in the place of a process that still serves: waits for the keys first, 10 s at most, and throws
    /// std::runtime_error without them; sockets that fit no listener are closed. Then `take_over` is called, which may throw: before
    /// it returns nothing is accepted, so that the other one goes on as if nothing had been.
    void start_in_place_of_another(inherited_sockets its, const std::function<void()>& take_over);
    /// For `take_over`: the files of unix sockets that go with what was inherited, as addresses.
    [[nodiscard]] const std::vector<std::string>& inherited_files() const;

    /// Copies of all sockets that this listens on, for a process that replaces it; no reload is taken over from now on. Blocks for
    /// some seconds at most; throws std::runtime_error. Between start() and wait()'s return, not on a thread of this.
    [[nodiscard]] std::vector<inherited_socket> copy_sockets();
    /// It has not replaced this one: reloads count again.
    void keep_sockets();
    /// It has: those files are its own, and it alone accepts at the admin's addresses. As copy_sockets().
    void give_up_sockets(const std::vector<std::string>& files);

    /// Valid after start().
    [[nodiscard]] std::vector<bound_listener> listeners() const;
    /// The admin listener's address; empty: off.
    [[nodiscard]] std::string admin_address() const;
    /// The address of the listener for probes; empty: none.
    [[nodiscard]] std::string probes_address() const;
    /// Thread-safe; each worker's counters are read without stopping it.
    [[nodiscard]] connection_counts counts() const;

    /// Serves with a new configuration, swapped as a whole: requests in flight and
    /// open sockets go on as they were, listeners that did not change stay open. When
    /// it returns, every request that comes is judged by the new one.
    /// Throws std::runtime_error, and changes nothing, when a new address can't be
    /// bound. Returns what takes a restart to change, or has no room, one sentence each.
    std::vector<std::string> reload(config::configuration settings);
    /// For /status: what the configuration in force was read from. Thread-safe.
    void note_configuration(config::sources read);
    /// For /status and the metrics: a reload was taken over, or refused here or before. Thread-safe.
    void note_reload(const reload_outcome& outcome);

    /// Whether each thread takes up new work within that time; those that have ended are left out.
    /// Between start() and wait()'s return. Thread-safe.
    [[nodiscard]] bool responds(std::chrono::milliseconds within);

    /// Begins the drain: not ready; after drain_delay, which passes in wait(), no new
    /// connections, `Connection: close`, WebSockets get 1001. Returns how long that takes at most.
    /// Thread-safe, idempotent.
    std::chrono::milliseconds drain();
    /// Likewise, without the delay: another process serves already, and nobody has to notice anything.
    std::chrono::milliseconds drain_at_once();
    /// Ends everything at once. Thread-safe, idempotent.
    void stop();
    /// Waits until a drain is complete (at most drain_timeout) or stop() was called, then joins.
    void wait();
    /// Reopens log files (SIGUSR1). Thread-safe.
    void reopen_logs();

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace bearward::proxy
