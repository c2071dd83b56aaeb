// API keys beside bearer tokens on a route: who judges what, and what is removed.
#include "policies/decide.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace bearward::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr time_point now{1'700'000'000s};

/// Knows one token, and API keys as serving does.
class known_source final : public outside {
public:
    known_source() : outside(policies::now), keys_(policies::now) {}
    verification verify(const provider& by, std::string_view token) override {
        if (by.names.api_key) {
            return keys_.verify(by, token);
        }
        if (token != "good") {
            return std::unexpected(refusal(reason::signature_invalid));
        }
        auto made = std::make_shared<tokens::verified_token>();
        made->who.user = "of the token";
        made->expires = policies::now + 60s;
        return made;
    }
    std::optional<refusal> find_revocation(const provider& by, const tokens::verified_token&) const override {
        EXPECT_FALSE(by.names.api_key) << "API keys have no revocation";
        return std::nullopt;
    }

private:
    direct_outside keys_;
};

class api_key_decision : public ::testing::Test {
protected:
    api_key_decision() {
        rules.providers.resize(3);
        rules.providers[0].rules.provider = "main";
        add_keys(1, "partners", "X-API-Key", 'p');
        add_keys(2, "others", "X-Other-Key", 'o');
        route.name = "all";
        route.segments = rules::parse_pattern("/").value();
        use({0, 1});
    }

    void add_keys(std::size_t index, const std::string& name, const std::string& header, char byte) {
        provider& made = rules.providers[index];
        made.rules.provider = name;
        made.rules.clock_skew = {};
        made.names = {.header = header, .query_parameter = {}, .api_key = true};
        std::vector<tokens::api_key> keys;
        for (const bool old : {false, true}) {
            auto means = std::make_shared<tokens::verified_token>();
            means->who.provider = name;
            means->who.user = name + "-bot";
            means->who.roles = {"reader"};
            means->expires = old ? now : now + 1h;
            keys.push_back({.id = name, .hash = jose::sha256(key(old ? 'x' : byte)).value(), .means = std::move(means)});
        }
        made.how = api_key_provider{tokens::api_key_list(std::move(keys))};
    }

    static std::string key(char byte) { return tokens::make_api_key(std::string(tokens::api_key_random_bytes, byte)); }

    void use(std::vector<std::uint32_t> providers) {
        route.providers = std::move(providers);
        route.credential_names.clear();
        for (const std::uint32_t each : route.providers) {
            route.credential_names.push_back(rules.providers[each].names);
        }
    }

    void send(std::string_view name, std::string value) {
        values.push_back(std::make_unique<std::string>(std::move(value)));
        headers.push_back({name, *values.back()});
    }

    decision run() {
        rules.routes = rules::route_table({route});
        requests::request_view request;
        request.method = "GET";
        request.path = requests::parse_path("/", {}, paths).value();
        request.query = query;
        request.host = "example.com";
        request.websocket = websocket;
        request.headers = headers;
        decision made = decide(request, rules, source, on_need::tell, scratch);
        headers.clear();
        return made;
    }
    permit permitted() {
        decision made = run();
        if (const denial* refused = std::get_if<denial>(&made)) {
            throw std::runtime_error("denied: " + std::string(to_string(refused->why)) + " " + refused->cause);
        }
        return std::get<permit>(std::move(made));
    }
    denial denied() {
        decision made = run();
        if (std::holds_alternative<permit>(made)) {
            throw std::runtime_error("permitted");
        }
        return std::get<denial>(std::move(made));
    }

    snapshot rules;
    rules::route route;
    std::string query;
    bool websocket = false;
    std::vector<requests::header> headers;
    std::vector<std::unique_ptr<std::string>> values;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
    known_source source;
};

TEST_F(api_key_decision, a_key_is_permitted_with_its_identity_and_removed) {
    send("x-api-key", key('p'));
    const permit leave = permitted();
    EXPECT_EQ(leave.who()->user, "partners-bot");
    EXPECT_EQ(leave.token_header(), "X-API-Key");
    EXPECT_EQ(leave.expires(), now + 1h) << "no allowance for clocks";
}

TEST_F(api_key_decision, a_forwarded_key_stays_where_it_was) {
    route.forward_token = true;
    send("X-API-Key", key('p'));
    EXPECT_EQ(permitted().token_header(), "");
}

TEST_F(api_key_decision, tokens_and_keys_each_go_to_their_provider) {
    send("Authorization", "Bearer good");
    EXPECT_EQ(permitted().who()->user, "of the token");
    send("X-API-Key", "good");
    EXPECT_EQ(denied().why, reason::api_key_unknown) << "a token is no key";
    send("Authorization", "Bearer " + key('p'));
    EXPECT_EQ(denied().why, reason::signature_invalid) << "a key is no token";
    send("X-API-Key", "Bearer " + key('p'));
    EXPECT_EQ(denied().why, reason::api_key_unknown) << "the whole value is the key";
    send("X-API-Key", "");
    EXPECT_EQ(denied().why, reason::api_key_unknown);
}

TEST_F(api_key_decision, a_key_counts_in_its_own_providers_header_alone) {
    use({1, 2});
    send("X-Other-Key", key('o'));
    EXPECT_EQ(permitted().who()->user, "others-bot");
    send("X-Other-Key", key('p'));
    EXPECT_EQ(denied().why, reason::api_key_unknown);
    use({1});
    send("X-Other-Key", key('o'));
    EXPECT_EQ(denied().why, reason::token_missing) << "the route has no such provider";
}

TEST_F(api_key_decision, an_expired_key_is_refused_and_its_owner_known) {
    send("X-API-Key", key('x'));
    const denial refused = denied();
    EXPECT_EQ(refused.why, reason::api_key_expired);
    EXPECT_EQ(refused.who->user, "partners-bot");
    EXPECT_THAT(refused.cause, HasSubstr("expires 2023-11-14T22:13:20Z"));
}

TEST_F(api_key_decision, two_different_credentials_are_refused) {
    send("Authorization", "Bearer good");
    send("X-API-Key", key('p'));
    EXPECT_EQ(denied().why, reason::token_multiple);
    send("X-API-Key", key('p'));
    send("X-API-Key", key('p'));
    EXPECT_EQ(denied().why, reason::token_multiple) << "a repeated header, equal or not";
    use({1, 2});
    send("X-API-Key", key('p'));
    send("X-Other-Key", key('o'));
    EXPECT_EQ(denied().why, reason::token_multiple);
}

TEST_F(api_key_decision, a_key_that_is_sent_as_token_too_counts_once_and_is_removed_from_both) {
    for (const auto& order : {std::vector<std::uint32_t>{0, 1}, std::vector<std::uint32_t>{1, 0}}) {
        use(order);
        send("Authorization", "Bearer " + key('p'));
        send("X-API-Key", key('p'));
        const permit leave = permitted();
        EXPECT_EQ(leave.who()->user, "partners-bot");
        EXPECT_EQ(leave.token_header(), "X-API-Key");
        EXPECT_THAT(leave.credentials().more_headers, ElementsAre("Authorization"));
    }
}

TEST_F(api_key_decision, a_key_is_never_in_the_query_or_a_subprotocol) {
    use({1});
    route.token_from.query = true;
    for (const std::string& sent : {"access_token=" + key('p'), "=" + key('p'), "X-API-Key=" + key('p')}) {
        query = sent;
        EXPECT_EQ(denied().why, reason::token_missing) << sent;
    }
    query.clear();
    websocket = true;
    send("Sec-WebSocket-Protocol", "bearer, " + key('p'));
    EXPECT_EQ(denied().why, reason::token_malformed) << "a token, and no provider of the route takes it";
    use({1, 2});
    send("Sec-WebSocket-Protocol", "bearer, " + key('p'));
    EXPECT_EQ(denied().why, reason::token_malformed);
    send("X-API-Key", key('p'));
    EXPECT_EQ(permitted().who()->user, "partners-bot") << "a handshake may have it in the header";
}

TEST_F(api_key_decision, what_other_providers_headers_hold_passes_untouched) {
    use({1});
    send("Authorization", "Bearer good");
    send("X-API-Key", key('p'));
    const permit leave = permitted();
    EXPECT_EQ(leave.token_header(), "X-API-Key");
    EXPECT_TRUE(leave.credentials().more_headers.empty());
}

TEST_F(api_key_decision, authorization_may_be_the_header_with_the_scheme_bearer) {
    add_keys(1, "partners", "Authorization", 'p');
    use({1});
    send("Authorization", "bearer " + key('p'));
    EXPECT_EQ(permitted().token_header(), "Authorization");
    send("Authorization", key('p'));
    EXPECT_EQ(denied().why, reason::token_missing) << "another scheme is no credential";
}

TEST_F(api_key_decision, optional_passes_without_a_key_and_refuses_a_bad_one) {
    route.auth = rules::authentication::optional;
    EXPECT_EQ(permitted().why(), reason::anonymous);
    send("X-API-Key", "nonsense");
    EXPECT_EQ(denied().why, reason::api_key_unknown);
}

TEST_F(api_key_decision, requirements_see_its_roles_and_no_claims) {
    route.require.roles = {"reader"};
    send("X-API-Key", key('p'));
    EXPECT_EQ(permitted().who()->user, "partners-bot");
    route.require.roles = {"admin"};
    send("X-API-Key", key('p'));
    EXPECT_EQ(denied().why, reason::role_missing);
    route.require = {};
    rules::claim_predicate plan;
    plan.path = tokens::claim_path::parse("plan").value();
    plan.values = {"free"};
    route.require.claims = {plan};
    send("X-API-Key", key('p'));
    EXPECT_EQ(denied().why, reason::claim_denied);
}

} // namespace
} // namespace bearward::policies
