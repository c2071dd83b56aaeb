// Whether two providers of one route could give the same identity to two credentials.
#pragma once

#include "config/settings.hpp"

namespace bearward::config {

/// Whether the tenants, or the users, that one of them gives are never the other's: both
/// demand values of their claim that have nothing in common, or the configuration says
/// whose their API keys are.
[[nodiscard]] bool have_different_users(const provider_settings& left, const provider_settings& right);

} // namespace bearward::config
