// What is read of API keys. Nothing that may be a key is repeated in a message.
#pragma once

#include "config/api_key_settings.hpp"
#include "config/codec.hpp"

#include <vector>

namespace bearward::config {

/// A list of keys, at least one.
[[nodiscard]] codec<std::vector<api_key_settings>> api_keys();

} // namespace bearward::config
