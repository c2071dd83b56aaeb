#include "config/fields_receivers.hpp"

#include "config/fields_keys.hpp"
#include "config/section.hpp"
#include "config/values.hpp"
#include "policies/requests/target.hpp"

#include <chrono>

namespace bearward::config {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_hold = 87'600h;

/// A path as it is compared: a client may write it otherwise.
std::expected<std::string, std::string> parse_receiver_path(std::string_view written) {
    if (!written.starts_with('/') || written.size() == 1) {
        return std::unexpected(std::string("begins with a / and goes on after it"));
    }
    if (written.find_first_of("?#*{}") != std::string_view::npos) {
        return std::unexpected(std::string("has one of ? # * { }, which stand for nothing here"));
    }
    policies::requests::path_scratch memory;
    const auto canonical = policies::requests::parse_path(written, {}, memory);
    if (!canonical) {
        return std::unexpected(std::string("no request can have this path"));
    }
    if (canonical->path != written) {
        return std::unexpected("is compared in its canonical form; write " + std::string(canonical->path));
    }
    return std::string(written);
}

codec<std::string> receiver_path() {
    return parsed<std::string>("a path such as /.bearward/logout/main", parse_receiver_path,
                               [](const std::string& value) -> boost::json::value { return boost::json::value(value); });
}

codec<std::string> one_audience() {
    return text_without_stars("the client ID that the issuer knows", "write it as `aud` has it");
}

/// One or a list.
codec<std::vector<std::string>> audiences() {
    using names = std::vector<std::string>;
    const codec<std::string> one = text_without_stars("an audience", "write it as `aud` has it");
    codec<names> single = converted<names, std::string>(
        one, [](std::string each) { return names{std::move(each)}; },
        [](const names& all) { return all.empty() ? std::string() : all.front(); });
    codec<names> several = list(one, 1);
    auto show = [single, several](const names& all) { return all.size() == 1 ? single.show(all) : several.show(all); };
    return choice<names>({{is_scalar, single}, {is_list, several}}, show);
}

const section<event_settings>& event_fields() {
    using owner = event_settings;
    static const section<owner> declared =
        section<owner>("events")
            .field("audience", &owner::audiences, absent_if_empty(audiences()), "`aud` of an event must hold it, or one of a list.",
                   presence::required)
            .field("issuer", &owner::issuers, absent_if_empty(issuers()),
                   "Who sends the events, where that is another one than the tokens' issuer.")
            .field("keys", &owner::keys, maybe(nested("keys", &key_fields)),
                   "What verifies the events, where that is something else than what verifies the tokens; of a provider of type "
                   "introspection always.")
            .field("authorization", &owner::authorization, placed(secret()),
                   "What the field Authorization has to be, as a whole (`Bearer ...`). Not given: the signature alone counts.")
            .field("path", &owner::path, absent_if_empty(placed(receiver_path())),
                   "Where the events are sent, on every host of every proxy listener; compared before any route. Default: "
                   "/.bearward/events/PROVIDER.")
            .field("hold", &owner::hold, duration(1s, longest_hold),
                   "How long an event counts: at least as long as tokens that were issued before it live.");
    return declared;
}

const section<back_channel_logout_settings>& back_channel_logout_fields() {
    using owner = back_channel_logout_settings;
    static const section<owner> declared =
        section<owner>("back_channel_logout")
            .field("audience", &owner::audience, absent_if_empty(one_audience()), "Our client ID at the issuer: `aud` must hold it.",
                   presence::required)
            .field("path", &owner::path, absent_if_empty(placed(receiver_path())),
                   "Where the issuer sends logout tokens, on every host of every proxy listener; compared before any route. Default: "
                   "/.bearward/logout/PROVIDER.")
            .field("hold", &owner::hold, duration(1s, longest_hold),
                   "How long a logout counts: at least as long as tokens that were issued before it live.");
    return declared;
}

} // namespace

codec<std::optional<back_channel_logout_settings>> back_channel_logout() {
    return maybe(nested("back_channel_logout", &back_channel_logout_fields));
}

codec<std::optional<event_settings>> security_events() {
    return maybe(nested("events", &event_fields));
}

} // namespace bearward::config
