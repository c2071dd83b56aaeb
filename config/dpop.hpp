// What providers, and the routes that have them, say of DPoP.
#pragma once

#include "config/settings.hpp"
#include "policies/tokens/dpop_mode.hpp"

#include <cstdint>
#include <span>

namespace bearward::config {

[[nodiscard]] policies::tokens::dpop_mode dpop_of(const provider_settings& provider) noexcept;

/// Of a route with these providers: accepted where one takes DPoP, required where no one takes anything else.
[[nodiscard]] policies::tokens::dpop_mode dpop_of(const settings& all, std::span<const std::uint32_t> providers);

} // namespace bearward::config
