#include "policies/tokens/security_event.hpp"

#include "event_test_tokens.hpp"
#include "policies/tokens/event_subject.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bearward::policies::tokens {
namespace {

using test::now;
using test::rules_of;

constexpr std::string_view caep = "https://schemas.openid.net/secevent/caep/event-type/";
constexpr std::string_view risc = "https://schemas.openid.net/secevent/risc/event-type/";

const std::vector<issuer_pattern> tokens_of{std::string("https://id.example.com/")};

/// A good one about this subject.
boost::json::object event(std::string_view name, std::string_view subject) {
    boost::json::object claims =
        boost::json::parse(R"({"iss": "https://id.example.com/", "aud": "app", "iat": 1799999990, "jti": "e-1"})").as_object();
    claims["events"] = boost::json::object{{name, boost::json::object{{"event_timestamp", 1799999980}}}};
    claims["sub_id"] = boost::json::parse(subject);
    return claims;
}

std::expected<issuer_notice, refusal> judge(boost::json::object claims, std::optional<std::string> type = "secevent+jwt",
                                            const std::vector<issuer_pattern>& issuers = tokens_of) {
    return judge_security_event(rules_of(), issuers, {.claims = std::move(claims), .type = std::move(type)}, now);
}

/// What is revoked, as members; or the reason of the refusal.
std::string outcome(const std::expected<issuer_notice, refusal>& judged) {
    if (!judged) {
        return std::string(to_string(judged.error().why));
    }
    std::string text;
    for (const auto& each : judged->entries) {
        text.append(text.empty() ? "" : "\n").append(to_member(each));
    }
    return text;
}

std::string of_session(std::string_view subject) {
    return outcome(judge(event(std::string(caep) + "session-revoked", subject)));
}

std::string of_account(std::string_view subject) {
    return outcome(judge(event(std::string(risc) + "account-disabled", subject)));
}

constexpr const char* user_revoked = "sub:u-1 provider:main before:1799999990";
constexpr const char* session_revoked = "sid:s-1 provider:main before:1799999990";

TEST(security_event, revokes_what_its_subject_names) {
    constexpr const char* iss_sub = R"({"format": "iss_sub", "iss": "https://id.example.com/", "sub": "u-1"})";
    constexpr const char* opaque = R"({"format": "opaque", "id": "u-1"})";
    EXPECT_EQ(of_session(iss_sub), user_revoked);
    EXPECT_EQ(of_session(opaque), user_revoked);
    EXPECT_EQ(of_account(iss_sub), user_revoked);
    EXPECT_EQ(outcome(judge(event(std::string(caep) + "token-claims-change", opaque))), user_revoked);
    EXPECT_EQ(of_session(R"({"format": "complex", "user": {"format": "opaque", "id": "u-1"}})"), user_revoked);
    EXPECT_EQ(of_session(R"({"format": "complex", "session": {"format": "opaque", "id": "s-1"}})"), session_revoked);
    EXPECT_EQ(of_session(R"({"format": "complex", "tenant": {"format": "opaque", "id": "t-1"}})"),
              "tenant:t-1 provider:main before:1799999990");
}

TEST(security_event, with_both_the_session_alone_unless_it_is_about_the_account) {
    constexpr const char* both = R"({"format": "complex", "user": {"format": "iss_sub", "iss": "https://id.example.com/", "sub": "u-1"},
        "session": {"format": "opaque", "id": "s-1"}, "tenant": {"format": "opaque", "id": "t-1"}})";
    EXPECT_EQ(of_session(both), session_revoked);
    EXPECT_EQ(of_account(both), user_revoked);
}

TEST(security_event, of_a_subject_that_is_more_than_is_understood_no_tenant_is_revoked) {
    EXPECT_EQ(
        of_session(R"({"format": "complex", "user": {"format": "email", "email": "u@x.test"}, "tenant": {"format": "opaque", "id": "t"}})"),
        "");
    EXPECT_EQ(of_session(R"({"format": "complex", "device": {"format": "opaque", "id": "d"}, "tenant": {"format": "opaque", "id": "t"}})"),
              "");
    EXPECT_EQ(of_session(R"({"format": "complex", "session": {"format": "iss_sub", "iss": "https://id.example.com/", "sub": "s"},
        "tenant": {"format": "opaque", "id": "t"}})"),
              "");
    EXPECT_EQ(of_session(R"({"format": "complex", "device": {"format": "opaque", "id": "d"}, "user": {"format": "opaque", "id": "u-1"}})"),
              user_revoked)
        << "rather more of the user than less";
}

TEST(security_event, what_is_not_acted_on_is_taken_note_of) {
    constexpr const char* opaque = R"({"format": "opaque", "id": "u-1"})";
    for (const char* subject : {R"({"format": "email", "email": "u@x.test"})", R"({"format": "did", "url": "did:x"})",
                                R"({"format": "iss_sub", "iss": "https://other.example/", "sub": "u-1"})", R"({"format": "complex"})"}) {
        const auto judged = judge(event(std::string(caep) + "session-revoked", subject));
        EXPECT_EQ(outcome(judged), "") << subject;
        EXPECT_EQ(judged->about, "session-revoked, a subject that is not acted on") << subject;
    }
    const auto other = judge(event(std::string(caep) + "credential-change", opaque));
    EXPECT_EQ(outcome(other), "");
    EXPECT_TRUE(other->about.starts_with("an event that is not acted on")) << other->about;
    boost::json::object verification = event("https://schemas.openid.net/secevent/ssf/event-type/verification", opaque);
    verification.erase("sub_id");
    const auto checked = judge(verification);
    EXPECT_EQ(outcome(checked), "");
    EXPECT_EQ(checked->about, "verification");
}

TEST(security_event, may_name_its_subject_inside_of_the_event) {
    boost::json::object claims = event(std::string(caep) + "session-revoked", R"({"format": "opaque", "id": "u-1"})");
    boost::json::value subject = claims["sub_id"];
    claims.erase("sub_id");
    EXPECT_EQ(outcome(judge(claims)), "claim_missing");
    claims["events"].as_object().begin()->value().as_object()["subject"] = subject;
    EXPECT_EQ(outcome(judge(claims)), user_revoked);
}

TEST(security_event, of_several_issuers_is_about_one_alone) {
    const std::vector<issuer_pattern> several{*issuer_pattern::parse("https://id.example.com/{tid}/"),
                                              *issuer_pattern::parse("https://old.example.com/{tid}/")};
    const std::string name = std::string(caep) + "session-revoked";
    EXPECT_EQ(
        outcome(judge(event(name, R"({"format": "iss_sub", "iss": "https://old.example.com/t/", "sub": "u-1"})"), "secevent+jwt", several)),
        "sub:u-1 provider:main issuer:https://old.example.com/t/ before:1799999990");
    EXPECT_EQ(outcome(judge(event(name, R"({"format": "opaque", "id": "u-1"})"), "secevent+jwt", several)), user_revoked)
        << "who tells is none of them: any is meant";
    EXPECT_EQ(outcome(judge(event(name, R"({"format": "iss_sub", "iss": "https://x.example/t/", "sub": "u-1"})"), "secevent+jwt", several)),
              "");
}

/// Told by the issuer of a tenant, whose provider takes tokens of every tenant's; `tellers`: of the receiver.
std::string of_tenants(std::string_view teller, std::string_view subject, std::string_view event_name = "session-revoked",
                       std::vector<issuer_pattern> tellers = {}) {
    const std::vector<issuer_pattern> several{*issuer_pattern::parse("https://id.test/{tid}"),
                                              *issuer_pattern::parse("https://old.test/{tid}")};
    verification_rules rules = rules_of();
    rules.issuers = tellers.empty() ? several : std::move(tellers);
    const bool of_account = event_name == "account-disabled";
    boost::json::object claims = event(std::string(of_account ? risc : caep).append(event_name), subject);
    claims["iss"] = teller;
    claims["tid"] = teller.substr(teller.rfind('/') + 1);
    return outcome(judge_security_event(rules, several, {.claims = std::move(claims), .type = "secevent+jwt"}, now));
}

TEST(security_event, the_issuer_of_a_tenant_revokes_nothing_of_anothers) {
    constexpr const char* mine = "sub:u provider:main issuer:https://id.test/t-1 before:1799999990\n"
                                 "sub:u provider:main issuer:https://old.test/t-1 before:1799999990";
    const auto told = [](std::string_view subject) { return of_tenants("https://id.test/t-1", subject); };
    EXPECT_EQ(told(R"({"format": "opaque", "id": "u"})"), mine);
    EXPECT_EQ(told(R"({"format": "iss_sub", "iss": "https://id.test/t-1", "sub": "u"})"), mine);
    EXPECT_EQ(told(R"({"format": "iss_sub", "iss": "https://old.test/t-1", "sub": "u"})"), mine) << "its other name";
    EXPECT_EQ(told(R"({"format": "iss_sub", "iss": "https://id.test/t-2", "sub": "u"})"), "");
    EXPECT_EQ(told(R"({"format": "iss_sub", "iss": "https://old.test/t-2", "sub": "u"})"), "");
    EXPECT_EQ(told(R"({"format": "complex", "user": {"format": "iss_sub", "iss": "https://id.test/t-2", "sub": "u"}})"), "");
    EXPECT_EQ(told(R"({"format": "complex", "session": {"format": "opaque", "id": "s"}})"),
              "sid:s provider:main issuer:https://id.test/t-1 before:1799999990\n"
              "sid:s provider:main issuer:https://old.test/t-1 before:1799999990");
}

TEST(security_event, a_tenant_is_revoked_for_tokens_of_the_issuer_that_tells) {
    EXPECT_EQ(of_tenants("https://id.test/t-1", R"({"format": "complex", "tenant": {"format": "opaque", "id": "t-2"}})"),
              "tenant:t-2 provider:main issuer:https://id.test/t-1 before:1799999990\n"
              "tenant:t-2 provider:main issuer:https://old.test/t-1 before:1799999990");
    EXPECT_EQ(of_session(R"({"format": "complex", "tenant": {"format": "iss_sub", "iss": "https://x.test/", "sub": "t-1"}})"), "")
        << "whose tenant that is, nobody knows";
}

TEST(security_event, who_is_configured_to_tell_speaks_of_all_unless_it_is_of_a_tenant_itself) {
    constexpr const char* of_other = R"({"format": "iss_sub", "iss": "https://id.test/t-2", "sub": "u"})";
    constexpr const char* opaque = R"({"format": "opaque", "id": "u"})";
    const std::vector<issuer_pattern> literal{std::string("https://ssf.test/t-1")};
    const std::vector<issuer_pattern> by_tenant{*issuer_pattern::parse("https://ssf.test/{tid}")};
    constexpr std::string_view name = "session-revoked";
    EXPECT_EQ(of_tenants("https://ssf.test/t-1", of_other, name, literal),
              "sub:u provider:main issuer:https://id.test/t-2 before:1799999990");
    EXPECT_EQ(of_tenants("https://ssf.test/t-1", opaque, name, literal), "sub:u provider:main before:1799999990");
    EXPECT_EQ(of_tenants("https://ssf.test/t-1", of_other, name, by_tenant), "");
    EXPECT_EQ(of_tenants("https://ssf.test/t-2", of_other, name, by_tenant),
              "sub:u provider:main issuer:https://id.test/t-2 before:1799999990\n"
              "sub:u provider:main issuer:https://old.test/t-2 before:1799999990");
    EXPECT_EQ(of_tenants("https://ssf.test/t-1", opaque, name, by_tenant),
              "sub:u provider:main issuer:https://id.test/t-1 before:1799999990\n"
              "sub:u provider:main issuer:https://old.test/t-1 before:1799999990");
}

TEST(security_event, of_somebody_elses_user_no_session_is_revoked) {
    constexpr const char* subject = R"({"format": "complex", "user": {"format": "iss_sub", "iss": "https://elsewhere.test/", "sub": "z"},
        "session": {"format": "opaque", "id": "s-1"}, "tenant": {"format": "opaque", "id": "t"}})";
    EXPECT_EQ(of_account(subject), "");
    EXPECT_EQ(of_session(subject), "");
    EXPECT_EQ(of_tenants("https://id.test/t-1", subject, "account-disabled"), "");
}

TEST(security_event, is_of_its_own_type) {
    const auto claims = event(std::string(caep) + "session-revoked", R"({"format": "opaque", "id": "u-1"})");
    EXPECT_EQ(outcome(judge(claims, "application/SecEvent+JWT")), user_revoked);
    for (const char* type : {"JWT", "logout+jwt", "at+jwt", ""}) {
        EXPECT_EQ(outcome(judge(claims, type)), "type_mismatch") << type;
    }
    EXPECT_EQ(outcome(judge(claims, std::nullopt)), "type_mismatch");
}

TEST(security_event, malformed_ones_are_refused) {
    const std::vector<std::pair<const char*, const char*>> members{
        {R"({"iss": 1})", "claim_mismatch"},          {R"({"iss": "https://other.example/"})", "issuer_mismatch"},
        {R"({"aud": "other"})", "audience_mismatch"}, {R"({"aud": null})", "audience_mismatch"},
        {R"({"iat": null})", "claim_missing"},        {R"({"iat": 1800000031})", "token_not_yet_valid"},
        {R"({"exp": 1799999000})", "token_expired"},  {R"({"jti": null})", "claim_missing"},
        {R"({"jti": 1})", "claim_mismatch"},          {R"({"events": null})", "type_mismatch"},
        {R"({"events": {}})", "type_mismatch"},       {R"({"events": {"x": 1}})", "token_malformed"},
        {R"({"sub_id": "u-1"})", "claim_mismatch"},   {R"({"sub_id": ["u-1"]})", "claim_mismatch"},
    };
    for (const auto& [changes, expected] : members) {
        boost::json::object claims = event(std::string(caep) + "session-revoked", R"({"format": "opaque", "id": "u-1"})");
        const boost::json::value change = boost::json::parse(changes);
        claims[change.as_object().begin()->key()] = change.as_object().begin()->value();
        EXPECT_EQ(outcome(judge(claims)), expected) << changes;
    }
    boost::json::object old = event(std::string(caep) + "session-revoked", R"({"format": "opaque", "id": "u-1"})");
    old["iat"] = 1790000000;
    EXPECT_EQ(outcome(judge(old)), "sub:u-1 provider:main before:1790000000") << "one that was delayed counts for what it was about";
}

TEST(security_event, a_malformed_subject_is_refused) {
    for (const char* subject :
         {R"({})", R"({"id": "u-1"})", R"({"format": 1, "id": "u-1"})", R"({"format": "", "id": "u-1"})", R"({"format": "opaque"})",
          R"({"format": "opaque", "id": ""})", R"({"format": "opaque", "id": 7})", R"({"format": "opaque", "id": "a\u0001b"})",
          R"({"format": "iss_sub", "sub": "u-1"})", R"({"format": "iss_sub", "iss": "https://id.example.com/"})",
          R"({"format": "iss_sub", "iss": 1, "sub": "u-1"})", R"({"format": "complex", "user": "u-1"})",
          R"({"format": "complex", "user": {"format": "opaque"}})", R"({"format": "complex", "session": {"id": "s-1"}})",
          R"({"format": "complex", "user": {"format": "complex", "user": {}}, "session": []})"}) {
        EXPECT_EQ(of_session(subject), "claim_mismatch") << subject;
    }
}

TEST(security_event, its_errors_have_the_words_of_the_delivery) {
    EXPECT_EQ(event_error_of(reason::issuer_mismatch).word, "invalid_issuer");
    EXPECT_EQ(event_error_of(reason::audience_mismatch).word, "invalid_audience");
    for (const reason why : {reason::algorithm_not_allowed, reason::key_not_found, reason::signature_invalid}) {
        EXPECT_EQ(event_error_of(why).word, "invalid_key");
    }
    EXPECT_EQ(event_error_of(reason::token_missing).word, "authentication_failed");
    for (const reason why : {reason::token_malformed, reason::type_mismatch, reason::claim_missing, reason::bad_request}) {
        EXPECT_EQ(event_error_of(why).word, "invalid_request");
    }
}

} // namespace
} // namespace bearward::policies::tokens
