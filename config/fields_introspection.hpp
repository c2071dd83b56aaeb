// What is read of introspection besides keys of the provider itself.
#pragma once

#include "config/codec.hpp"
#include "config/introspection_settings.hpp"

namespace bearward::config {

[[nodiscard]] codec<client_authentication> client_authentication_word();
[[nodiscard]] codec<introspection_cache_settings> introspection_cache();

} // namespace bearward::config
