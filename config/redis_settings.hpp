// A Redis that the processes of a deployment share, as the user wrote it.
#pragma once

#include "config/key_source_settings.hpp"
#include "config/listener_settings.hpp"
#include "config/upstream_settings.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace bearward::config {

/// What a provider does while Redis can't be reached.
enum class redis_failure : std::uint8_t {
    open,   ///< the last state counts
    closed, ///< nobody is let in
};

/// Equal: one connection serves both, whatever each of them does on a failure.
struct redis_settings {
    located<endpoint> address;
    std::optional<upstream_tls_settings> tls; ///< nothing: plain
    std::string username;                     ///< empty: Redis' default user
    secret_settings password;                 ///< not given: none
    std::string key_prefix = "bearward:";
    std::chrono::milliseconds refresh{60'000};
    redis_failure fail = redis_failure::open; ///< always written
    place at;

    friend bool operator==(const redis_settings& left, const redis_settings& right) noexcept {
        return left.address == right.address && left.tls == right.tls && left.username == right.username &&
               left.password == right.password && left.key_prefix == right.key_prefix && left.refresh == right.refresh;
    }
};

} // namespace bearward::config
