// The keys of how an issuer tells of revocations (`back_channel_logout`, `events`).
#pragma once

#include "config/codec.hpp"
#include "config/receiver_settings.hpp"
#include "config/settings.hpp"

#include <optional>

namespace bearward::config {

[[nodiscard]] codec<std::optional<back_channel_logout_settings>> back_channel_logout();
[[nodiscard]] codec<std::optional<event_settings>> security_events();

} // namespace bearward::config
