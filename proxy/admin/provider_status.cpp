#include "proxy/admin/provider_status.hpp"

#include <boost/json/array.hpp>

namespace bearward::proxy {

namespace json = boost::json;

namespace {

json::value seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

json::array describe_skipped(const policies::tokens::key_set_ptr& keys) {
    json::array skipped;
    for (const policies::jose::skipped_key& key : keys == nullptr ? std::span<const policies::jose::skipped_key>{} : keys->skipped) {
        skipped.push_back(json::object{{"kid", key.id.empty() ? json::value(nullptr) : json::value(key.id)}, {"reason", key.reason}});
    }
    return skipped;
}

} // namespace

json::object describe_providers(std::span<const policies::provider> providers, std::chrono::nanoseconds age,
                                const providers::key_sources& fetched) {
    json::object all;
    for (const policies::provider& each : providers) {
        const auto* const listed = std::get_if<policies::api_key_provider>(&each.how);
        const auto* const asked = std::get_if<policies::introspection_provider>(&each.how);
        const auto* const matched = std::get_if<policies::certificate_provider>(&each.how);
        const auto keys = std::holds_alternative<policies::jwt_provider>(each.how) ? keys_of(each).current().keys : nullptr;
        const auto source = fetched.status_of(each.rules.provider);
        json::object one{{"keys", listed != nullptr    ? listed->keys.size()
                                  : matched != nullptr ? matched->match.size()
                                  : keys == nullptr    ? 0
                                                       : keys->keys.size()},
                         {"age_seconds", seconds(age)},
                         {"next_refresh_seconds", nullptr},
                         {"last_error", nullptr},
                         {"skipped", describe_skipped(keys)}};
        if (asked != nullptr) {
            const std::string failure = asked->answers->last_failure();
            one["age_seconds"] = nullptr; // there are no keys
            one["last_error"] = failure.empty() ? json::value(nullptr) : json::value(failure);
        }
        if (source) {
            one["age_seconds"] = source->age ? seconds(*source->age) : json::value(nullptr);
            one["next_refresh_seconds"] = seconds(source->next_refresh);
            one["last_error"] = source->last_error.empty() ? json::value(nullptr) : json::value(source->last_error);
        }
        all[each.rules.provider] = std::move(one);
    }
    return all;
}

} // namespace bearward::proxy
