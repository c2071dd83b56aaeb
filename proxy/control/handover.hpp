// Hands the listening sockets to the process that replaces this one (`bearward run --replace`), over the connection on
// which it asked for them.
#pragma once

#include "proxy/event/descriptor_message.hpp"
#include "proxy/event/owned_descriptor.hpp"
#include "proxy/service.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace bearward::proxy {

/// Thread-safe. One at a time: who asks meanwhile gets 409.
class handover {
public:
    /// `finish`: the other one serves; `fail`: it does not, and this one has refused reloads meanwhile. Both are called on a thread of
    /// this. `proxy` must outlive this.
    handover(service& proxy, std::function<void()> finish, std::function<void()> fail);
    /// Breaks off what is under way.
    ~handover();
    handover(const handover&) = delete;
    handover& operator=(const handover&) = delete;

    /// Answers on a thread of its own. The other side must be of this process's user or root, else it gets 403.
    void take(owned_descriptor connection);

private:
    void run(owned_descriptor connection);
    void hand_over(descriptor_channel& channel, pid_t process);
    void give_up(const std::vector<std::string>& files);

    service& proxy_;
    std::function<void()> finish_;
    std::function<void()> fail_;
    std::mutex mutex_; ///< guards thread_, connection_, busy_
    std::thread thread_;
    int connection_ = -1; ///< of what is under way
    bool busy_ = false;
};

} // namespace bearward::proxy
