#include "proxy/http/notice_form.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::proxy::http {
namespace {

using kind = policies::revocation_receiver::kind;

bool takes(kind what, std::vector<header> fields) {
    request_head head;
    head.fields = std::move(fields);
    return !find_media_fault(what, head);
}

std::string notice(std::string_view body) {
    std::string memory;
    const auto found = find_notice(kind::logout, body, memory);
    return found ? std::string(*found) : "nothing";
}

TEST(notice_form, a_logout_token_comes_in_a_form) {
    EXPECT_TRUE(takes(kind::logout, {{"Content-Type", "application/x-www-form-urlencoded"}}));
    EXPECT_TRUE(takes(kind::logout, {{"content-type", "Application/X-WWW-Form-Urlencoded ; charset=utf-8"}}));
    EXPECT_TRUE(takes(kind::events, {{"Content-Type", "application/secevent+jwt"}}));
    for (const char* other : {"", "application/json", "application/secevent+jwt", "text/plain", "application/x-www-form-urlencoded2",
                              "multipart/form-data; boundary=x"}) {
        EXPECT_FALSE(takes(kind::logout, {{"Content-Type", other}})) << other;
    }
    EXPECT_FALSE(takes(kind::events, {{"Content-Type", "application/jwt"}}));
    EXPECT_FALSE(takes(kind::logout, {}));
    EXPECT_FALSE(takes(kind::logout,
                       {{"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Type", "application/x-www-form-urlencoded"}}));
    EXPECT_FALSE(takes(kind::logout, {{"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Encoding", "gzip"}}));
}

TEST(notice_form, exactly_one_logout_token_counts) {
    EXPECT_EQ(notice("logout_token=a.b.c"), "a.b.c");
    EXPECT_EQ(notice("other=1&logout%5Ftoken=a%2Eb.c&x"), "a.b.c");
    EXPECT_EQ(notice("logout_token=a&logout_token=a"), "nothing");
    EXPECT_EQ(notice("logout_token=a%2"), "nothing");
    EXPECT_EQ(notice("token=a"), "nothing");
    EXPECT_EQ(notice(""), "nothing");
    EXPECT_EQ(notice("logout_token="), "");
}

TEST(notice_form, authorization_is_the_whole_value_and_comes_once) {
    const auto wanted = policies::jose::sha256("Bearer s3cret");
    const auto authorized = [&](std::vector<header> fields) {
        request_head head;
        head.fields = std::move(fields);
        return is_authorized(wanted, head);
    };
    EXPECT_TRUE(authorized({{"Authorization", "Bearer s3cret"}}));
    for (const char* other : {"", "s3cret", "bearer s3cret", "Bearer s3cret ", "Bearer s3cre", "Bearer s3crets", "Basic s3cret"}) {
        EXPECT_FALSE(authorized({{"Authorization", other}})) << other;
    }
    EXPECT_FALSE(authorized({}));
    EXPECT_FALSE(authorized({{"Authorization", "Bearer s3cret"}, {"Authorization", "Bearer s3cret"}}));
    EXPECT_TRUE(is_authorized(std::nullopt, request_head{}));
}

TEST(notice_form, an_event_is_the_whole_body) {
    std::string memory;
    EXPECT_EQ(find_notice(kind::events, "a.b.c", memory), "a.b.c");
    EXPECT_FALSE(find_notice(kind::events, "", memory));
}

} // namespace
} // namespace bearward::proxy::http
