// Hands the listening sockets to the process that replaces this one (`bearward run --replace`), over the connection on
// which it asked for them.
#pragma once

#include "proxy/event/owned_descriptor.hpp"
#include "proxy/service.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace bearward::proxy {

/// Thread-safe. One at a time: who asks meanwhile gets 409.
class handover {
public:
    /// `finish`: the other one serves; called on a thread of this. `proxy` must outlive this.
    handover(service& proxy, std::function<void()> finish);
    /// Breaks off what is under way.
    ~handover();
    handover(const handover&) = delete;
    handover& operator=(const handover&) = delete;

    /// Answers on a thread of its own. The other side must have this process's user, else it gets 403.
    void take(owned_descriptor connection);

private:
    void run(owned_descriptor connection);

    service& proxy_;
    std::function<void()> finish_;
    std::mutex mutex_; ///< guards thread_, connection_, busy_
    std::thread thread_;
    int connection_ = -1; ///< of what is under way
    bool busy_ = false;
};

} // namespace bearward::proxy
