// How long an answer is fresh (RFC 9111 sections 4.2 and 5.2.2). Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace bearward::proxy::providers {

/// What is left of `max-age` after `age`. Nothing: it doesn't say, or not in a form that can be
/// read, or the answer is not meant to be kept (no-store, no-cache, max-age=0), which says
/// nothing of how long keys live.
[[nodiscard]] std::optional<std::chrono::seconds> freshness(std::string_view cache_control, std::string_view age);

} // namespace bearward::proxy::providers
