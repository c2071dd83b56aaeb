// Lines of text and open descriptors between two processes on one machine: a unix stream socket and SCM_RIGHTS (unix(7)).
#pragma once

#include "proxy/event/owned_descriptor.hpp"

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace bearward::proxy {

/// One side of a conversation. Blocks, for as long as `patience` at most for each call; for one thread.
class descriptor_channel {
public:
    descriptor_channel(owned_descriptor socket, std::chrono::milliseconds patience);

    /// The other side's process; user -1: unknown.
    struct peer {
        pid_t process = -1;
        uid_t user = static_cast<uid_t>(-1);
    };
    [[nodiscard]] peer other_side() const;

    /// Sends the text with a copy of each descriptor. False: the other side has left, or does not read.
    [[nodiscard]] bool send(std::string_view text, const std::vector<int>& descriptors = {});
    /// The text up to `end` and `end` itself, 64 KiB at most, with what descriptors came meanwhile; error: why not.
    [[nodiscard]] std::expected<std::string, std::string> read_until(std::string_view end, std::vector<owned_descriptor>& descriptors);

private:
    owned_descriptor socket_;
    std::string read_; ///< beyond what was asked for
};

} // namespace bearward::proxy
