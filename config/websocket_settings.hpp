// What routes say of WebSockets and of answers that keep running, as the user wrote it: plain values, as in settings.hpp.
#pragma once

#include "config/place.hpp"
#include "policies/close_codes.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/rules/route.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bearward::config {

/// A rate as written: 100/s.
struct rate {
    std::uint64_t count = 0;
    std::chrono::milliseconds period{};
};

struct websocket_settings {
    bool enabled = true;
    located<policies::requests::token_places> token_from{{.header = true, .query = true, .subprotocol = true}, {}};
    policies::rules::rejection reject_with = policies::rules::rejection::close;
    policies::close_codes close_code;
    bool close_on_expiry = true;
    std::vector<std::string> origins;
    std::chrono::milliseconds idle_timeout{std::chrono::minutes{10}}; ///< 0: none
    std::optional<std::chrono::milliseconds> max_lifetime;
    std::optional<std::size_t> max_message; ///< bytes
    std::optional<rate> max_frame_rate;
    bool recheck_on_reload = false;
    bool renewal = false;
    std::uint64_t given = 0; ///< which fields were written, a bit each
};

/// Which answers end with their token.
struct stream_settings {
    policies::rules::ended_streams end_on_expiry = policies::rules::ended_streams::automatic;
    policies::rules::ended_streams end_on_revocation = policies::rules::ended_streams::automatic;
    std::uint64_t given = 0; ///< which fields were written, a bit each
};

} // namespace bearward::config
