// The answer to each reason, row by row (policies/BEHAVIOUR.md 14.1).
#include "policies/reason_table.hpp"

#include <gtest/gtest.h>

namespace bearward::policies {
namespace {

struct row {
    reason why;
    unsigned status;
    std::string_view detail;
    bool challenge;
    std::string_view error;
    std::uint16_t close_code;
};

constexpr std::string_view not_valid = "Could not validate credentials";
constexpr std::string_view not_enough = "Not enough permissions";

constexpr row rows[] = {
    {reason::ok, 200, "", false, "", 0},
    {reason::anonymous, 200, "", false, "", 0},
    {reason::public_route, 200, "", false, "", 0},
    {reason::token_missing, 401, "Not authenticated", true, "", 1008},
    {reason::token_multiple, 400, "More than one credential", true, "invalid_request", 1008},
    {reason::token_malformed, 401, not_valid, true, "invalid_token", 1008},
    {reason::algorithm_not_allowed, 401, not_valid, true, "invalid_token", 1008},
    {reason::key_not_found, 401, not_valid, true, "invalid_token", 1008},
    {reason::signature_invalid, 401, not_valid, true, "invalid_token", 1008},
    {reason::binding_unverified, 401, not_valid, true, "invalid_token", 1008},
    {reason::token_expired, 401, "Token has expired", true, "invalid_token", 1008},
    {reason::token_not_yet_valid, 401, not_valid, true, "invalid_token", 1008},
    {reason::issuer_mismatch, 401, not_valid, true, "invalid_token", 1008},
    {reason::audience_mismatch, 401, not_valid, true, "invalid_token", 1008},
    {reason::type_mismatch, 401, not_valid, true, "invalid_token", 1008},
    {reason::claim_missing, 401, not_valid, true, "invalid_token", 1008},
    {reason::claim_mismatch, 401, not_valid, true, "invalid_token", 1008},
    {reason::lifetime_too_long, 401, not_valid, true, "invalid_token", 1008},
    {reason::token_inactive, 401, not_valid, true, "invalid_token", 1008},
    {reason::token_revoked, 401, not_valid, true, "invalid_token", 1008},
    {reason::api_key_unknown, 401, not_valid, true, "invalid_token", 1008},
    {reason::api_key_expired, 401, not_valid, true, "invalid_token", 1008},
    {reason::step_up_required, 401, "Stronger authentication is needed", true, "insufficient_user_authentication", 1008},
    {reason::role_missing, 403, not_enough, true, "insufficient_scope", 1008},
    {reason::scope_missing, 403, not_enough, true, "insufficient_scope", 1008},
    {reason::tenant_mismatch, 403, not_enough, true, "insufficient_scope", 1008},
    {reason::claim_denied, 403, not_enough, true, "insufficient_scope", 1008},
    {reason::policy_denied, 403, not_enough, true, "insufficient_scope", 1008},
    {reason::origin_denied, 403, "Not allowed", false, "", 1008},
    {reason::websocket_denied, 403, "Not allowed", false, "", 1008},
    {reason::rate_limited, 429, "Too Many Requests", false, "", 1013},
    {reason::no_route, 404, "Not Found", false, "", 0},
    {reason::method_not_allowed, 405, "Method Not Allowed", false, "", 0},
    {reason::bad_request, 400, "", false, "", 0},
    {reason::limit_exceeded, 413, "", false, "", 0},
    {reason::keys_unavailable, 503, "Authentication is unavailable", false, "", 0},
    {reason::introspection_unavailable, 503, "Authentication is unavailable", false, "", 0},
    {reason::revocation_unavailable, 503, "Authentication is unavailable", false, "", 0},
    {reason::upstream_unavailable, 502, "Bad Gateway", false, "", 0},
    {reason::upstream_timeout, 504, "Gateway Timeout", false, "", 0},
    {reason::upstream_error, 502, "Bad Gateway", false, "", 0},
};

TEST(answer_test, every_reason_has_its_row) {
    ASSERT_EQ(std::size(rows), reason_count);
    for (const row& expected : rows) {
        const answer& got = answer_for(expected.why);
        const std::string_view word = to_string(expected.why);
        EXPECT_EQ(got.status, expected.status) << word;
        EXPECT_EQ(got.detail, expected.detail) << word;
        EXPECT_EQ(got.challenge, expected.challenge) << word;
        EXPECT_EQ(got.error, expected.error) << word;
        EXPECT_EQ(got.close_code, expected.close_code) << word;
    }
}

TEST(answer_test, challenges_have_the_error_codes_of_rfc_6750) {
    EXPECT_EQ(make_challenge(answer_for(reason::token_missing), "bearward", {}), R"(Bearer realm="bearward")");
    EXPECT_EQ(make_challenge(answer_for(reason::token_expired), "bearward", {}),
              R"(Bearer realm="bearward", error="invalid_token", error_description="The token has expired")");
    EXPECT_EQ(make_challenge(answer_for(reason::signature_invalid), "bearward", {}),
              R"(Bearer realm="bearward", error="invalid_token", error_description="The token is not valid")");
    EXPECT_EQ(make_challenge(answer_for(reason::token_multiple), "bearward", {}), R"(Bearer realm="bearward", error="invalid_request")");
    EXPECT_EQ(make_challenge(answer_for(reason::role_missing), "bearward", {}), R"(Bearer realm="bearward", error="insufficient_scope")");
    EXPECT_EQ(make_challenge(answer_for(reason::scope_missing), "bearward", {.scope = "read write"}),
              R"(Bearer realm="bearward", error="insufficient_scope", scope="read write")");
}

TEST(answer_test, a_realm_can_not_break_out_of_its_quotes_or_its_line) {
    EXPECT_EQ(make_challenge(answer_for(reason::token_missing), "a\"b\\c\r\nd", {}), "Bearer realm=\"a\\\"b\\\\c  d\"");
}

} // namespace
} // namespace bearward::policies
