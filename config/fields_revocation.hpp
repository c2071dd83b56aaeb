// The keys of a provider's `revocation`.
#pragma once

#include "config/section.hpp"
#include "config/settings.hpp"

namespace bearward::config {

[[nodiscard]] const section<revocation_settings>& revocation_fields();

} // namespace bearward::config
