#include "proxy/exchange/kept_handshake.hpp"

#include "policies/rejudge.hpp"
#include "policies/requests/client_address.hpp"
#include "proxy/worker_context.hpp"

#include <algorithm>

namespace bearward::proxy {

kept_handshake::kept_handshake(const received_request& received, const client_stream& client, const rules_generation& generation,
                               const policies::rules::route& route)
    : raw_path_(received.head.path), query_(received.head.query), host_(received.head.host), authority_(received.head.authority),
      address_(client.client_address()), listener_(generation.listener_name()), closes_with_(route.websocket.closes_with),
      trusted_peer_(generation.trusts_peer), secure_(client.secure()), rechecks_(route.websocket.recheck_on_reload) {
    for (const http::header& each : received.head.fields) {
        fields_.emplace_back(each.name, each.value);
    }
}

std::optional<policies::requests::request_view> kept_handshake::view(const serving& rules, policies::requests::path_scratch& memory,
                                                                     std::vector<http::header>& fields) const {
    const auto path = policies::requests::parse_path(raw_path_, rules.rules().path_reading, memory);
    if (!path) {
        return std::nullopt;
    }
    for (const auto& [name, value] : fields_) {
        fields.push_back({name, value});
    }
    const auto& listeners = rules.settings.listeners;
    const auto listener = std::ranges::find(listeners, listener_, [](const auto& each) -> const std::string& { return each.name; });
    return policies::requests::request_view{
        .method = "GET",
        .path = *path,
        .query = query_,
        .host = host_,
        .websocket = true,
        .listener = listener == listeners.end() ? no_listener : static_cast<std::uint32_t>(listener - listeners.begin()),
        .headers = fields,
        .client = policies::requests::find_client_address(address_, fields, rules.settings.trusted_proxies),
        .trusted_peer = trusted_peer_,
        .secure = secure_,
        .authority = authority_,
        .raw_path = raw_path_,
    };
}

std::optional<policies::denial> kept_handshake::find_denial(worker_context& owner, const policies::presented_tokens& known,
                                                            const policies::requests::client_certificate* certificate) const {
    const serving& now = *owner.rules();
    policies::requests::path_scratch memory;
    std::vector<http::header> fields;
    auto request = view(now, memory, fields);
    if (!request) {
        return policies::denial{.why = policies::reason::bad_request, .cause = "the path of its handshake is refused now"};
    }
    request->certificate = certificate;
    const auto how = renewed_ ? policies::rejudged_by::known_tokens : policies::rejudged_by::its_own;
    return policies::find_denial(*request, now.rules(), owner.outside_now(), known, how);
}

std::uint16_t kept_handshake::close_code_for(policies::reason why) const noexcept {
    const std::uint16_t code = policies::choose_close_code(closes_with_, why);
    return code == policies::close_code::none ? policies::close_code::policy_violation : code;
}

kept_handshake::fresh_standing kept_handshake::judge_with(worker_context& owner, const standing& before,
                                                          policies::tokens::verified_token_ptr token,
                                                          const policies::requests::client_certificate* certificate) {
    using kind = renewal_outcome::kind;
    const serving& now = *owner.rules();
    policies::requests::path_scratch memory;
    std::vector<http::header> fields;
    auto request = view(now, memory, fields);
    if (!request || before.tokens.token == nullptr) {
        return {};
    }
    request->certificate = certificate;
    if (token->bound_to != before.tokens.token->bound_to) {
        return {
            .outcome = {.what = kind::denied,
                        .refused = {.why = policies::reason::binding_unverified, .cause = "it is bound to another key than the socket's"}}};
    }
    policies::requests::credential_scratch scratch;
    const policies::decision made = policies::decide_with(*request, now.rules(), owner.outside_now(), std::move(token), scratch);
    if (const auto* const refused = std::get_if<policies::denial>(&made)) {
        return {.outcome = {.what = kind::denied,
                            .route = refused->route == nullptr ? std::string() : refused->route->name,
                            .refused = {.why = refused->why, .cause = refused->cause, .scope = refused->scope}}};
    }
    const auto* const leave = std::get_if<policies::permit>(&made);
    if (leave == nullptr || leave->who() == nullptr || leave->tokens().empty() || before.who == nullptr ||
        leave->who()->tenant != before.who->tenant) {
        return {};
    }
    renewed_ = true;
    fresh_standing result{.outcome = {.what = kind::renewed, .route = leave->route().name}, .expires = leave->closes(), .by = before};
    result.by.tokens = leave->tokens();
    result.by.who = leave->share_identity();
    return result;
}

} // namespace bearward::proxy
