#include "proxy/commands/test_request.hpp"

#include "policies/jose/base64url.hpp"
#include "proxy/commands/explain.hpp"
#include "proxy/exchange/request_form.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>

namespace bearward::proxy::commands {
namespace {

namespace json = boost::json;
using policies::reason;

explain_options options_of(const config::test_request& request) {
    explain_options made{.path = request.path, .method = request.method, .host = request.host, .websocket = request.websocket};
    for (const auto& each : request.headers) {
        made.headers.push_back(each.name + ": " + each.value);
    }
    return made;
}

std::string head_of(const explain_options& options) {
    return make_request_head(options, std::nullopt).value_or(std::string{});
}

std::uint32_t listener_of(const serving& rules, const config::test_request& request) {
    const auto& listeners = rules.settings.listeners;
    const auto found = std::ranges::find(listeners, request.listener.value, &config::listener_settings::name);
    return found == listeners.end() ? 0 : static_cast<std::uint32_t>(found - listeners.begin());
}

/// The route that looks for the head's credential: the one that it matches, or where that
/// one is public the one that `paths` guards besides; null: none, or refused before.
const policies::rules::route* find_route(const serving& rules, std::string_view bytes, std::uint32_t listener, bool& websocket) {
    http::request_head head;
    if (http::parse_request_head(bytes, rules.request_limits, head).state != http::head_state::complete) {
        return nullptr;
    }
    policies::requests::path_scratch scratch;
    const auto form = check_form(head, rules.rules().path_reading, scratch);
    websocket = form.websocket;
    if (form.status != 0) {
        return nullptr;
    }
    const auto& routes = rules.rules().routes;
    const auto* const own = routes.find(form.path.path, head.host, head.method, listener).matched;
    if (own == nullptr || own->auth != policies::rules::authentication::none || !routes.may_be_read_otherwise(form.path.path)) {
        return own;
    }
    const auto* const guarded = routes.find_ignoring(form.path.path, head.host, head.method, listener).matched;
    return guarded == nullptr ? own : guarded;
}

bool asks_for_certificates(const serving& rules, std::uint32_t listener) {
    const auto& tls = rules.settings.listeners[listener].tls;
    return tls && !tls->client_ca.value.empty();
}

const policies::provider* find_provider(const serving& rules, const policies::rules::route& route, const std::string& name) {
    const auto& all = rules.rules().providers;
    if (name.empty()) {
        return route.providers.empty() ? nullptr : &all[route.providers.front()];
    }
    const auto found = std::ranges::find_if(all, [&name](const policies::provider& each) { return each.rules.provider == name; });
    return found == all.end() ? nullptr : &*found;
}

/// In the form of a JWS that names its issuer, by which serving chooses the provider; what is
/// no JWS goes to one that asks its issuer.
std::string make_stand_in(const policies::provider& by) {
    if (std::holds_alternative<policies::introspection_provider>(by.how)) {
        return "token-of-a-policy-test";
    }
    json::object claims{{"for", "a policy test"}};
    if (!by.rules.issuers.empty()) {
        claims["iss"] = by.rules.issuers.front().sample();
    }
    return policies::jose::encode_base64url(R"({"alg":"none"})") + '.' + policies::jose::encode_base64url(json::serialize(claims)) +
           ".test";
}

void place_token(explain_options& options, const policies::requests::token_places& places,
                 const policies::requests::credential_names& names, const std::string& token) {
    if (places.header) {
        options.headers.push_back(names.header + (names.header == "Authorization" ? ": Bearer " : ": ") + token);
    } else if (places.query && !names.query_parameter.empty()) {
        options.path += (options.path.contains('?') ? '&' : '?') + names.query_parameter + '=' + token;
    } else if (places.subprotocol && !names.api_key) {
        options.headers.push_back("Sec-WebSocket-Protocol: bearer, " + token);
    } else if (places.cookie && !names.cookie.empty()) {
        options.headers.push_back("Cookie: " + names.cookie + "=" + token);
    }
}

} // namespace

test_request_head make_test_request(const serving& rules, const config::test_settings& test) {
    explain_options options = options_of(test.request);
    test_request_head made{.head = head_of(options), .listener = listener_of(rules, test.request)};
    if (!test.identity) {
        return made;
    }
    bool websocket = false;
    const auto* const route = find_route(rules, made.head, made.listener, websocket);
    made.by = route == nullptr ? nullptr : find_provider(rules, *route, test.identity->provider.value);
    if (made.by != nullptr && takes_certificates(*made.by)) {
        made.shows_certificate = asks_for_certificates(rules, made.listener);
    } else if (made.by != nullptr) {
        made.stand_in = make_stand_in(*made.by);
        place_token(options, websocket ? route->websocket.token_from : route->token_from, made.by->names, *made.stand_in);
        made.head = head_of(options);
    }
    return made;
}

test_outside::test_outside(const config::test_settings& test, const test_request_head& request, policies::time_point now)
    : outside(now), request_(request), others_(now) {
    if (!test.identity) {
        return;
    }
    const config::test_identity& given = *test.identity;
    // Neither an API key nor a certificate has any.
    const bool has_claims = request.by == nullptr || (!request.by->names.api_key && !takes_certificates(*request.by));
    auto made = std::make_shared<policies::tokens::verified_token>();
    made->who = {.provider = request.by == nullptr ? std::string{} : request.by->rules.provider,
                 .user = given.user,
                 .tenant = given.tenants.size() == 1 ? given.tenants.front() : std::string{},
                 .roles = given.roles,
                 .scopes = given.scopes,
                 .claims = has_claims ? given.claims : json::object{},
                 .expires = now + std::chrono::hours(1)};
    if (given.tenants.size() > 1) {
        made->who.tenants = given.tenants;
    }
    made->expires = made->who.expires;
    known_ = std::move(made);
}

policies::verification test_outside::verify(const policies::provider& by, std::string_view token) {
    if (!request_.stand_in || token != *request_.stand_in) {
        return others_.verify(by, token);
    }
    if (&by == request_.by) {
        return known_;
    }
    // Another provider's keys don't verify it, and its issuer is another.
    const auto& own = request_.by->rules.issuers;
    const bool other_issuer =
        !by.rules.issuers.empty() && (own.empty() || fit_issuer(by.rules, own.front().sample()) == policies::tokens::issuer_fit::none);
    return std::unexpected(policies::refusal(other_issuer ? reason::issuer_mismatch : reason::signature_invalid));
}

policies::tokens::verified_token_ptr test_outside::identify(const policies::provider& by, const policies::requests::client_certificate*) {
    return &by == request_.by && request_.shows_certificate ? known_ : nullptr;
}

} // namespace bearward::proxy::commands
