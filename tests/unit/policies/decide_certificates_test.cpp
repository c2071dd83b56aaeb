// Client certificates as credentials, in the whole decision.
#include "policies/decide.hpp"
#include "policies/explanation.hpp"
#include "shown_certificate.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bearward::policies {
namespace {

using test::shown_certificate;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr time_point now{1'700'000'000s};

/// Knows one token, and certificates as serving does.
class known_source final : public outside {
public:
    known_source() : outside(policies::now) {}
    verification verify(const provider& by, std::string_view token) override {
        EXPECT_FALSE(takes_certificates(by)) << "no token is for it";
        if (token != "good") {
            return std::unexpected(refusal(reason::signature_invalid));
        }
        auto made = std::make_shared<tokens::verified_token>();
        made->who.user = "of the token";
        made->expires = policies::now + 60s;
        return made;
    }
    std::optional<refusal> find_revocation(const provider&, const tokens::verified_token& token) const override {
        return token.who.user == revoked ? std::optional<refusal>(std::in_place, reason::token_revoked, "user:" + revoked) : std::nullopt;
    }
    std::string revoked;
};

class certificate_decision : public ::testing::Test {
protected:
    certificate_decision() {
        rules.providers.resize(3);
        rules.providers[0].rules.provider = "main";
        add(1, "devices", "*.devices.test");
        add(2, "others", "*.others.test");
        route.name = "all";
        route.segments = rules::parse_pattern("/").value();
        use({0, 1});
    }

    void add(std::size_t index, const std::string& name, const std::string& pattern) {
        provider& made = rules.providers[index];
        made.rules.provider = name;
        made.rules.clock_skew = {};
        made.names = {.header = {}, .query_parameter = {}};
        tokens::certificate_match entry;
        entry.dns = pattern;
        entry.user.from = requests::certificate_fact::dns;
        entry.roles = {{.from = {}, .text = "device"}};
        made.how = certificate_provider{{entry}};
    }

    void use(std::vector<std::uint32_t> providers) {
        route.providers = std::move(providers);
        route.credential_names.clear();
        route.takes_certificates = false;
        for (const std::uint32_t each : route.providers) {
            if (takes_certificates(rules.providers[each])) {
                route.takes_certificates = true;
            } else {
                route.credential_names.push_back(rules.providers[each].names);
            }
        }
    }

    void show(std::string dns, time_point end = now + 1h) {
        shown.emplace(jose::certificate_names{.subject = "CN=x", .dns = {std::move(dns)}, .uris = {}, .not_after = end});
    }

    decision run(explanation* told = nullptr) {
        rules.routes = rules::route_table({route});
        requests::request_view request;
        request.method = "GET";
        request.path = requests::parse_path("/", {}, paths).value();
        request.query = query;
        request.host = "example.com";
        request.websocket = websocket;
        request.headers = headers;
        request.certificate = shown ? &*shown : nullptr;
        return decide(request, rules, source, on_need::tell, scratch, told);
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
    std::optional<shown_certificate> shown;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
    known_source source;
};

TEST_F(certificate_decision, a_certificate_is_the_credential_where_no_other_is_found) {
    show("a.devices.test");
    const permit leave = permitted();
    EXPECT_EQ(leave.why(), reason::ok);
    EXPECT_EQ(leave.who()->provider, "devices");
    EXPECT_EQ(leave.who()->user, "a.devices.test");
    EXPECT_EQ(leave.expires(), now + 1h) << "no allowance for clocks";
    EXPECT_EQ(leave.token_header(), "");
}

TEST_F(certificate_decision, any_other_credential_goes_before_it) {
    show("a.devices.test");
    headers = {{"Authorization", "Bearer good"}};
    EXPECT_EQ(permitted().who()->user, "of the token");
    EXPECT_EQ(shown->asked, 0) << "nobody read it";
    headers = {{"Authorization", "Bearer bad"}};
    EXPECT_EQ(denied().why, reason::signature_invalid) << "a bad one is not made good by the certificate";
    headers = {{"Authorization", "Bearer"}};
    EXPECT_EQ(denied().why, reason::token_malformed);
    headers = {{"Authorization", "Bearer good"}, {"Authorization", "Bearer good"}};
    EXPECT_EQ(denied().why, reason::token_multiple);
}

TEST_F(certificate_decision, one_that_no_entry_fits_is_no_credential) {
    show("a.elsewhere.test");
    const denial refused = denied();
    EXPECT_EQ(refused.why, reason::token_missing);
    EXPECT_THAT(refused.cause, HasSubstr("no entry of match fits the client's certificate: subject 'CN=x', dns 'a.elsewhere.test'"));
    shown->verified = false;
    EXPECT_THAT(denied().cause, HasSubstr("the client has shown no verified certificate"));
    shown.reset();
    EXPECT_THAT(denied().cause, HasSubstr("the client has shown no verified certificate"));
    route.auth = rules::authentication::optional;
    EXPECT_EQ(permitted().why(), reason::anonymous);
}

TEST_F(certificate_decision, it_opens_the_routes_of_its_provider_alone) {
    show("a.devices.test");
    use({0});
    EXPECT_EQ(denied().why, reason::token_missing);
    EXPECT_EQ(shown->asked, 0);
    use({2});
    EXPECT_EQ(denied().why, reason::token_missing);
    use({2, 1});
    EXPECT_EQ(permitted().who()->provider, "devices");
    route.auth = rules::authentication::none;
    EXPECT_EQ(permitted().who(), nullptr);
}

TEST_F(certificate_decision, no_token_is_for_such_a_provider) {
    use({1});
    websocket = true;
    show("a.devices.test");
    EXPECT_EQ(permitted().who()->user, "a.devices.test");
    headers = {{"Sec-WebSocket-Protocol", "bearer, good"}};
    EXPECT_EQ(denied().why, reason::token_malformed);
    websocket = false;
    headers = {{"Authorization", "Bearer good"}};
    query = "access_token=good";
    EXPECT_EQ(permitted().query(), "access_token=good") << "the route has no such provider: it is not looked at";
}

TEST_F(certificate_decision, one_that_has_ended_since_the_handshake_is_refused) {
    show("a.devices.test", now);
    const denial refused = denied();
    EXPECT_EQ(refused.why, reason::token_expired);
    EXPECT_EQ(refused.who->user, "a.devices.test");
    show("a.devices.test", now + 1ms);
    EXPECT_EQ(permitted().why(), reason::ok);
}

TEST_F(certificate_decision, its_user_can_be_revoked) {
    show("a.devices.test");
    source.revoked = "a.devices.test";
    EXPECT_EQ(denied().why, reason::token_revoked);
    show("b.devices.test");
    EXPECT_EQ(permitted().why(), reason::ok);
}

TEST_F(certificate_decision, requirements_hold_for_it_as_for_any) {
    show("a.devices.test");
    route.require.roles = {"device"};
    EXPECT_EQ(permitted().why(), reason::ok);
    route.require.roles = {"admin"};
    EXPECT_EQ(denied().why, reason::role_missing);
}

TEST_F(certificate_decision, an_explanation_says_what_was_compared) {
    show("a.elsewhere.test");
    explanation told;
    (void)run(&told);
    bool seen = false;
    for (const step& each : told.steps()) {
        seen = seen || (each.check == "certificate" && each.note == "no entry of match fits, of devices" && !each.found.is_null());
    }
    EXPECT_TRUE(seen);
}

} // namespace
} // namespace bearward::policies
