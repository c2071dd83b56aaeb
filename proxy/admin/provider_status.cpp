#include "proxy/admin/provider_status.hpp"

#include <boost/json/array.hpp>

namespace bearward::proxy {

namespace json = boost::json;

json::object describe_providers(std::span<const policies::provider> providers, std::chrono::nanoseconds age) {
    json::object all;
    for (const policies::provider& each : providers) {
        const auto keys = keys_of(each).current().keys;
        json::array skipped;
        for (const policies::jose::skipped_key& key : keys == nullptr ? std::span<const policies::jose::skipped_key>{} : keys->skipped) {
            skipped.push_back(json::object{{"kid", key.id.empty() ? json::value(nullptr) : json::value(key.id)}, {"reason", key.reason}});
        }
        all[each.rules.provider] = json::object{{"keys", keys == nullptr ? 0 : keys->keys.size()},
                                                {"age_seconds", std::chrono::duration_cast<std::chrono::seconds>(age).count()},
                                                {"next_refresh_seconds", nullptr},
                                                {"last_error", nullptr},
                                                {"skipped", std::move(skipped)}};
    }
    return all;
}

} // namespace bearward::proxy
