#include "proxy/providers/fetch_schedule.hpp"

#include <algorithm>

namespace bearward::proxy::providers {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_retry{1'000};
constexpr milliseconds longest_retry{30'000};
constexpr unsigned most_doublings = 16;

milliseconds shortened(milliseconds whole, double part, double chance) {
    const double factor = 1.0 - part * std::clamp(chance, 0.0, 1.0);
    return milliseconds(static_cast<milliseconds::rep>(static_cast<double>(whole.count()) * factor));
}

} // namespace

milliseconds next_refresh(const config::fetch_settings& how, std::optional<std::chrono::seconds> fresh, double chance) {
    const milliseconds usual = std::min(how.refresh, how.max_stale / 2);
    const milliseconds wanted = fresh ? std::min<milliseconds>(*fresh, usual) : usual;
    return std::max(shortened(wanted, 0.1, chance), how.min_refresh);
}

milliseconds next_retry(const config::fetch_settings& how, unsigned failures, bool has_keys, double chance) {
    const milliseconds doubled = first_retry * (1U << std::min(failures == 0 ? 0U : failures - 1, most_doublings));
    const milliseconds most = has_keys ? std::min(longest_retry, how.refresh) : std::min(longest_retry, how.min_refresh);
    return shortened(std::min(doubled, std::max(most, first_retry)), 0.2, chance);
}

} // namespace bearward::proxy::providers
