#include "config/dpop.hpp"

#include <algorithm>
#include <variant>

namespace bearward::config {

using policies::tokens::dpop_mode;

dpop_mode dpop_of(const provider_settings& provider) noexcept {
    const auto* const jwt = std::get_if<jwt_settings>(&provider.type);
    return jwt == nullptr ? dpop_mode::off : jwt->dpop;
}

dpop_mode dpop_of(const settings& all, std::span<const std::uint32_t> providers) {
    const auto mode = [&all](std::uint32_t index) { return dpop_of(all.providers[index]); };
    if (std::ranges::none_of(providers, [&](auto each) { return mode(each) != dpop_mode::off; })) {
        return dpop_mode::off;
    }
    const bool alone = std::ranges::all_of(providers, [&](auto each) { return mode(each) == dpop_mode::required; });
    return alone ? dpop_mode::required : dpop_mode::accepted;
}

} // namespace bearward::config
