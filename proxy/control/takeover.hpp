// The process that replaces another one: asks it for its listening sockets (proxy/control/handover.hpp is the other side).
#pragma once

#include "config/settings.hpp"
#include "proxy/event/descriptor_message.hpp"
#include "proxy/event/inherited_sockets.hpp"

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace bearward::proxy {

class takeover {
public:
    /// Asks at the admin address, a unix socket. Error: why not, as a clause.
    [[nodiscard]] static std::expected<takeover, std::string> ask(const config::endpoint& admin);

    /// Once.
    [[nodiscard]] inherited_sockets take_sockets() { return std::exchange(sockets_, {}); }
    /// This one is ready, and takes these files over: the other one lets go. Error: it does not, and goes on.
    [[nodiscard]] std::expected<void, std::string> finish(const std::vector<std::string>& files);

private:
    takeover(descriptor_channel channel, inherited_sockets sockets) : channel_(std::move(channel)), sockets_(std::move(sockets)) {}

    descriptor_channel channel_;
    inherited_sockets sockets_;
};

} // namespace bearward::proxy
