#include "config/fields.hpp"
#include "config/scalars.hpp"
#include "config/values.hpp"

namespace bearward::config {
namespace {

constexpr std::uint64_t most_a_period = 1'000'000;

std::string show_rate(const rate& value) {
    using namespace std::chrono_literals;
    return std::to_string(value.count) + (value.period == 1h ? "/h" : value.period == 1min ? "/m" : "/s");
}

const section<rate_limit_settings>& rate_limit_fields() {
    static const section<rate_limit_settings> declared =
        section<rate_limit_settings>("rate_limit")
            .field("per", &rate_limit_settings::per, word(policies::rules::rate_subject_table),
                   "Whose requests are counted together. user, tenant: those of a provider; requests without one are counted by address. "
                   "address: before any verification; an IPv6 /64 counts as one.")
            .field("rate", &rate_limit_settings::rate, a_rate(), "How many are let through in the long run.", presence::required)
            .field("burst", &rate_limit_settings::burst, maybe(integer<std::uint64_t>(1, most_a_period)),
                   "How many at once after a pause. Default: the number of `rate`.");
    return declared;
}

} // namespace

codec<rate> a_rate() {
    return parsed<rate>(
        "a rate such as 100/s, 10/m or 5/h",
        [](std::string_view written) -> std::expected<rate, std::string> {
            const auto made = parse_rate(written);
            if (!made) {
                return std::unexpected("not a rate");
            }
            if (made->first > most_a_period) {
                return std::unexpected("more than " + std::to_string(most_a_period) + " is no limit");
            }
            return rate{made->first, made->second};
        },
        [](const rate& value) -> boost::json::value {
            return value.count == 0 ? boost::json::value(nullptr) : boost::json::value(show_rate(value));
        });
}

codec<std::optional<rate_limit_settings>> rate_limit() {
    return maybe(nested("rate_limit", &rate_limit_fields));
}

} // namespace bearward::config
