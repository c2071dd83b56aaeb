// What an exchange waits with: where its coroutine sleeps, and the deadlines that wake it.
#pragma once

#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/readiness.hpp"

namespace bearward::proxy {

class worker_context;

struct waits : deadline_listener {
    explicit waits(worker_context& of);
    waits(const waits&) = delete;
    waits& operator=(const waits&) = delete;

    /// Ends all waits.
    void disarm() noexcept;
    void on_deadline() override { wake.notify(); }

    worker_context& owner;
    waiter wake;                ///< the coroutine sleeps here, whatever it waits for
    deadline read_deadline;     ///< the client sends nothing
    deadline write_deadline;    ///< the client takes nothing
    deadline response_deadline; ///< the upstream answers or takes nothing
    deadline end_deadline;      ///< the client has ended its side

protected:
    ~waits() = default;
};

} // namespace bearward::proxy
