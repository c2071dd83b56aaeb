// When keys are fetched again. Pure: chance is an argument.
#pragma once

#include "config/key_source_settings.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace bearward::proxy::providers {

/// After a fetch that succeeded: `refresh`, or what is left of the answer's freshness or half of
/// max_stale if that is less, but never less than min_refresh; shortened by up to a tenth, so that
/// many instances don't ask at once. `chance`: 0 to 1.
[[nodiscard]] std::chrono::milliseconds next_refresh(const config::fetch_settings& how, std::optional<std::chrono::seconds> fresh,
                                                     double chance);

/// After the `failures`th failure in a row (from 1): one second, doubled each time, up to 30 s and
/// to `refresh`; up to min_refresh while there are no keys at all. Shortened by up to a fifth.
[[nodiscard]] std::chrono::milliseconds next_retry(const config::fetch_settings& how, unsigned failures, bool has_keys, double chance);

} // namespace bearward::proxy::providers
