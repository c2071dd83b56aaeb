#include "proxy/http/notice_reply.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearward::proxy::http {
namespace {

using policies::reason;
using kind = policies::revocation_receiver::kind;

std::string field(const outgoing_response& head, std::string_view name) {
    for (const header& each : head.fields()) {
        if (each.name == name) {
            return std::string(each.value);
        }
    }
    return "none";
}

struct answer {
    explicit answer(const local_reply& reply) { make_local_reply(reply, {}, head, body); }
    outgoing_response head;
    std::string body;
};

TEST(notice_reply, what_is_kept_is_200_or_202_without_a_body) {
    for (const auto& [takes, status] : {std::pair(kind::logout, 200U), std::pair(kind::events, 202U)}) {
        const answer made(make_notice_receipt(takes));
        EXPECT_EQ(made.head.status, status);
        EXPECT_EQ(made.body, "");
        EXPECT_EQ(made.head.framing(), body_framing::content_length);
        EXPECT_EQ(made.head.content_length(), 0U);
        EXPECT_EQ(field(made.head, "Cache-Control"), "no-store");
        EXPECT_EQ(field(made.head, "Content-Type"), "none");
    }
}

TEST(notice_reply, a_logout_token_is_refused_with_one_word_whatever_is_wrong) {
    for (const reason why : {reason::signature_invalid, reason::token_expired, reason::bad_request, reason::claim_mismatch}) {
        const answer made(make_notice_refusal(kind::logout, why));
        EXPECT_EQ(made.head.status, 400U);
        EXPECT_EQ(made.body, R"({"error": "invalid_request"})");
        EXPECT_EQ(field(made.head, "Content-Type"), "application/json");
        EXPECT_EQ(field(made.head, "Cache-Control"), "no-store");
        EXPECT_EQ(field(made.head, "WWW-Authenticate"), "none");
    }
}

TEST(notice_reply, an_event_is_refused_in_the_words_of_its_delivery) {
    const answer made(make_notice_refusal(kind::events, reason::signature_invalid));
    EXPECT_EQ(made.head.status, 400U);
    EXPECT_EQ(made.body, R"({"err": "invalid_key", "description": "No key of the issuer verifies it"})");
    EXPECT_EQ(field(made.head, "Content-Language"), "en");
    EXPECT_EQ(field(made.head, "Content-Type"), "application/json");
    EXPECT_EQ(field(made.head, "WWW-Authenticate"), "none");
    const answer unknown(make_notice_refusal(kind::events, reason::token_missing));
    EXPECT_EQ(unknown.head.status, 401U);
    EXPECT_EQ(unknown.body, R"({"err": "authentication_failed", "description": "Authorization is missing or wrong"})");
    EXPECT_EQ(field(unknown.head, "WWW-Authenticate"), "Bearer");
    EXPECT_EQ(field(unknown.head, "Content-Language"), "en");
}

TEST(notice_reply, our_own_trouble_is_a_503_that_says_when_to_come_again) {
    for (const kind takes : {kind::logout, kind::events}) {
        for (const reason why : {reason::keys_unavailable, reason::revocation_unavailable}) {
            EXPECT_TRUE(is_own_trouble(why));
            const answer made(make_notice_refusal(takes, why));
            EXPECT_EQ(made.head.status, 503U);
            EXPECT_EQ(field(made.head, "Retry-After"), "1");
            EXPECT_EQ(made.body, R"({"detail":"Authentication is unavailable"})");
        }
    }
    EXPECT_FALSE(is_own_trouble(reason::key_not_found));
}

} // namespace
} // namespace bearward::proxy::http
