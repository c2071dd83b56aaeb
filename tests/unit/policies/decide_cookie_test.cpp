// Tokens in cookies, from the search to what is left to forward.
#include "policies/decide.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::policies {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class one_token final : public outside {
public:
    one_token() : outside(time_point(1'700'000'000s)) {}
    verification verify(const provider& by, std::string_view token) override {
        if (token != "good") {
            return std::unexpected(refusal(reason::signature_invalid));
        }
        auto made = std::make_shared<tokens::verified_token>();
        made->who.provider = by.rules.provider;
        made->who.user = "ada";
        made->expires = now() + 60s;
        return made;
    }
};

class cookie_test : public ::testing::Test {
protected:
    cookie_test() {
        for (const auto& [name, cookie] : {std::pair("main", "session"), std::pair("second", "other"), std::pair("third", "")}) {
            auto& made = rules.providers.emplace_back();
            made.rules.provider = name;
            made.rules.issuers.emplace_back(std::string("https://") + name);
            made.names.cookie = cookie;
        }
        routes.reserve(4);
        route = &add("/");
    }

    rules::route& add(std::string_view pattern) {
        rules::route& made = routes.emplace_back();
        made.name = made.pattern = pattern;
        made.segments = rules::parse_pattern(pattern).value();
        made.providers = {0};
        made.credential_names = {rules.providers.front().names};
        made.has_cookies = true;
        made.token_from = {.header = true, .cookie = true};
        made.websocket.token_from = {.header = true, .cookie = true};
        return made;
    }

    decision run(std::string_view path = "/x") {
        rules.routes = rules::route_table(routes, {}, {.ignore_case = true, .ignore_final_slash = true});
        request.method = method;
        request.path = requests::parse_path(path, rules.path_reading, paths).value();
        request.host = request.authority = "api.test";
        request.websocket = websocket;
        request.headers = headers;
        return decide(request, rules, source, on_need::refuse, scratch);
    }
    std::string outcome(std::string_view path = "/x") {
        const decision made = run(path);
        if (const auto* leave = std::get_if<permit>(&made)) {
            return leave->who() == nullptr ? std::string(to_string(leave->why())) : leave->who()->user;
        }
        cause = std::get<denial>(made).cause;
        return std::string(to_string(std::get<denial>(made).why));
    }
    permit permitted(std::string_view path = "/x") { return std::get<permit>(run(path)); }

    snapshot rules;
    std::vector<rules::route> routes;
    rules::route* route = nullptr;
    one_token source;
    std::string_view method = "GET";
    bool websocket = false;
    std::vector<requests::header> headers;
    requests::request_view request;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
    std::string cause;
};

TEST_F(cookie_test, is_a_place_of_a_token_where_the_route_says_so) {
    headers = {{"Cookie", "a=b; session=good"}};
    EXPECT_EQ(outcome(), "ada");
    EXPECT_TRUE(permitted().drops_cookie("session"));
    EXPECT_FALSE(permitted().drops_cookie("a"));
    EXPECT_FALSE(permitted().drops_cookie(""));
    headers = {{"Cookie", "session=bad"}};
    EXPECT_EQ(outcome(), "signature_invalid");
    route->token_from.cookie = false;
    EXPECT_EQ(outcome(), "token_missing");
    websocket = true; // has places of its own
    headers.push_back({"Origin", "http://api.test"});
    EXPECT_EQ(outcome(), "signature_invalid");
    route->websocket.token_from.cookie = false;
    EXPECT_EQ(outcome(), "token_missing");
}

TEST_F(cookie_test, is_looked_at_only_where_no_other_place_holds_a_credential) {
    headers = {{"Authorization", "Bearer good"}, {"Cookie", "session=bad; session=worse"}};
    EXPECT_EQ(outcome(), "ada");
    EXPECT_TRUE(permitted().drops_cookie("session"));
    headers = {{"Authorization", "Bearer"}, {"Cookie", "session=good"}};
    EXPECT_EQ(outcome(), "token_malformed");
    headers = {{"Authorization", "Bearer bad"}, {"Cookie", "session=good"}};
    EXPECT_EQ(outcome(), "signature_invalid");
    headers = {{"Authorization", "Basic x"}, {"Cookie", "session=good"}};
    EXPECT_EQ(outcome(), "ada");
    method = "POST"; // nor does its origin count then
    headers = {{"Authorization", "Bearer good"}, {"Cookie", "session=bad"}, {"Origin", "https://evil.test"}};
    EXPECT_EQ(outcome(), "ada");
}

TEST_F(cookie_test, twice_or_different_is_more_than_one_credential) {
    headers = {{"Cookie", "session=good; session=good"}};
    EXPECT_EQ(outcome(), "token_multiple");
    EXPECT_THAT(cause, HasSubstr("cookie"));
    headers = {{"Cookie", "session=good"}, {"Cookie", "session=good"}};
    EXPECT_EQ(outcome(), "token_multiple");
    route->providers = {0, 1};
    route->credential_names = {rules.providers[0].names, rules.providers[1].names};
    headers = {{"Cookie", "session=good; other=bad"}};
    EXPECT_EQ(outcome(), "token_multiple");
    headers = {{"Cookie", "session=good; other=good"}};
    EXPECT_EQ(outcome(), "ada");
}

TEST_F(cookie_test, that_is_no_token_is_malformed) {
    for (const std::string_view field : {"session=", "session=\"good\"", "session=a b", "session=Bearer good", "session=g%6fod"}) {
        headers = {{"Cookie", field}};
        EXPECT_EQ(outcome(), "token_malformed") << field;
    }
    for (const std::string_view field : {"session", "Session=good", "xsession=good"}) {
        headers = {{"Cookie", field}};
        EXPECT_EQ(outcome(), "token_missing") << field;
        EXPECT_THAT(cause, HasSubstr("cookie session"));
    }
}

TEST_F(cookie_test, is_for_the_providers_that_name_it) {
    route->providers = {1, 2};
    route->credential_names = {rules.providers[1].names, rules.providers[2].names};
    headers = {{"Cookie", "session=good"}};
    EXPECT_EQ(outcome(), "token_missing");
    headers = {{"Cookie", "other=good"}};
    EXPECT_EQ(permitted().who()->provider, "second");
}

TEST_F(cookie_test, of_another_origin_changes_nothing) {
    method = "POST";
    headers = {{"Cookie", "session=good"}, {"Origin", "https://evil.test"}};
    EXPECT_EQ(outcome(), "origin_denied");
    EXPECT_THAT(cause, AllOf(HasSubstr("'https://evil.test'"), HasSubstr("'http://api.test'")));
    headers.back().value = "http://api.test";
    EXPECT_EQ(outcome(), "ada");
    headers.back().value = "null";
    EXPECT_EQ(outcome(), "origin_denied");
    headers.pop_back();
    EXPECT_EQ(outcome(), "origin_denied");
    route->cookie_origins = {"https://app.test"};
    headers.push_back({"Origin", "https://app.test"});
    EXPECT_EQ(outcome(), "ada");
    // Before its token is looked at.
    headers = {{"Cookie", "session=bad"}, {"Origin", "https://evil.test"}};
    EXPECT_EQ(outcome(), "origin_denied");
    headers = {{"Cookie", "session=1; session=2"}, {"Origin", "https://evil.test"}};
    EXPECT_EQ(outcome(), "origin_denied");
}

TEST_F(cookie_test, of_another_origin_is_denied_in_every_mode) {
    method = "POST";
    headers = {{"Cookie", "session=good"}, {"Origin", "https://evil.test"}};
    route->mode = rules::enforcement::observe_all;
    EXPECT_EQ(outcome(), "origin_denied");
    route->auth = rules::authentication::optional;
    EXPECT_EQ(outcome(), "origin_denied");
    route->auth = rules::authentication::none;
    EXPECT_EQ(outcome(), "public");
}

TEST_F(cookie_test, opens_a_socket_for_pages_of_its_own_origin_only) {
    websocket = true;
    headers = {{"Cookie", "session=good"}, {"Origin", "https://evil.test"}};
    EXPECT_EQ(outcome(), "origin_denied");
    headers.back().value = "http://api.test";
    EXPECT_EQ(outcome(), "ada");
}

TEST_F(cookie_test, stays_where_the_token_is_forwarded_or_nobody_asked) {
    headers = {{"Cookie", "session=good"}};
    route->forward_token = true;
    EXPECT_FALSE(permitted().drops_cookies());
    route->forward_token = false;
    route->mode = rules::enforcement::observe_all;
    headers = {{"Cookie", "session=bad"}};
    EXPECT_FALSE(permitted().drops_cookies());
    route->auth = rules::authentication::none;
    EXPECT_FALSE(permitted().drops_cookies());
}

TEST_F(cookie_test, is_removed_where_it_is_no_place_too) {
    route->token_from.cookie = false;
    headers = {{"Authorization", "Bearer good"}, {"Cookie", "session=x"}};
    EXPECT_TRUE(permitted().drops_cookie("session"));
    headers = {{"Cookie", "session=x"}};
    route->auth = rules::authentication::optional;
    EXPECT_EQ(outcome(), "anonymous");
    EXPECT_TRUE(permitted().drops_cookie("session"));
}

TEST_F(cookie_test, that_only_another_reading_asks_for_is_removed) {
    route->auth = rules::authentication::none;
    rules::route& admin = add("/admin");
    headers = {{"Cookie", "session=good"}};
    EXPECT_EQ(outcome("/x"), "public");
    EXPECT_FALSE(permitted("/x").drops_cookies());
    EXPECT_TRUE(permitted("/ADMIN").drops_cookie("session"));
    admin.forward_token = true;
    EXPECT_FALSE(permitted("/ADMIN").drops_cookies());
    headers = {};
    EXPECT_EQ(outcome("/ADMIN"), "token_missing");
    method = "POST";
    headers = {{"Cookie", "session=good"}, {"Origin", "https://evil.test"}};
    EXPECT_EQ(outcome("/ADMIN"), "origin_denied");
}

} // namespace
} // namespace bearward::policies
