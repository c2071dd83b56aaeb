// What the challenge of a refusal asks for.
#include "policies/challenges.hpp"

#include "policies/reason_table.hpp"
#include "policies/tokens/dpop_proof.hpp"

#include <gmock/gmock.h>

namespace bearward::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tokens::dpop_mode;

const std::string dpop = R"(DPoP realm="bearward", algs=")" + tokens::proof_algorithm_words() + '"';

TEST(challenges, are_bearer_alone_without_dpop) {
    EXPECT_THAT(make_challenges(answer_for(reason::token_missing), {.realm = "bearward"}), ElementsAre(R"(Bearer realm="bearward")"));
    EXPECT_THAT(make_challenges(answer_for(reason::no_route), {.realm = "bearward", .dpop = dpop_mode::required}), IsEmpty());
}

TEST(challenges, a_401_names_dpop_too_where_it_is_accepted_and_alone_where_it_is_required) {
    EXPECT_THAT(make_challenges(answer_for(reason::token_missing), {.realm = "bearward", .dpop = dpop_mode::accepted}),
                ElementsAre(R"(Bearer realm="bearward")", dpop));
    EXPECT_THAT(make_challenges(answer_for(reason::token_missing), {.realm = "bearward", .dpop = dpop_mode::required}), ElementsAre(dpop));
    EXPECT_THAT(make_challenges(answer_for(reason::token_expired), {.realm = "bearward", .dpop = dpop_mode::accepted}),
                ElementsAre(R"(Bearer realm="bearward", error="invalid_token", error_description="The token has expired")", dpop));
    EXPECT_THAT(make_challenges(answer_for(reason::token_expired), {.realm = "bearward", .dpop = dpop_mode::required}),
                ElementsAre(dpop + R"(, error="invalid_token", error_description="The token has expired")"));
}

TEST(challenges, a_bad_proof_is_named) {
    EXPECT_THAT(
        make_challenges(answer_for(reason::binding_unverified), {.realm = "bearward", .dpop = dpop_mode::required, .bad_proof = true}),
        ElementsAre(dpop + R"(, error="invalid_dpop_proof")"));
    EXPECT_THAT(
        make_challenges(answer_for(reason::binding_unverified), {.realm = "bearward", .dpop = dpop_mode::accepted, .bad_proof = true}),
        ElementsAre(R"(Bearer realm="bearward", error="invalid_token", error_description="The token is not valid")",
                    dpop + R"(, error="invalid_dpop_proof")"));
}

TEST(challenges, other_statuses_are_bearers) {
    EXPECT_THAT(make_challenges(answer_for(reason::scope_missing), {.realm = "r", .needs = {.scope = "read"}, .dpop = dpop_mode::required}),
                ElementsAre(R"(Bearer realm="r", error="insufficient_scope", scope="read")"));
    EXPECT_THAT(make_challenges(answer_for(reason::token_multiple), {.realm = "r", .dpop = dpop_mode::accepted}),
                ElementsAre(R"(Bearer realm="r", error="invalid_request")"));
}

TEST(challenges, a_401_and_a_403_that_names_scopes_lead_to_the_metadata) {
    const std::string url = "https://api.test/.well-known/oauth-protected-resource/x";
    const std::string end = ", resource_metadata=\"" + url + '"';
    EXPECT_THAT(make_challenges(answer_for(reason::token_missing), {.realm = "r", .resource_metadata = url}),
                ElementsAre(R"(Bearer realm="r")" + end));
    EXPECT_THAT(make_challenges(answer_for(reason::token_expired), {.realm = "r", .dpop = dpop_mode::accepted, .resource_metadata = url}),
                ElementsAre(R"(Bearer realm="r", error="invalid_token", error_description="The token has expired")" + end,
                            R"(DPoP realm="r", algs=")" + tokens::proof_algorithm_words() + '"' + end));
    EXPECT_THAT(
        make_challenges(answer_for(reason::step_up_required), {.realm = "r", .needs = {.acr_values = "gold"}, .resource_metadata = url}),
        ElementsAre(R"(Bearer realm="r", error="insufficient_user_authentication", acr_values="gold")" + end));
    EXPECT_THAT(make_challenges(answer_for(reason::scope_missing), {.realm = "r", .needs = {.scope = "read"}, .resource_metadata = url}),
                ElementsAre(R"(Bearer realm="r", error="insufficient_scope", scope="read")" + end));
}

TEST(challenges, other_refusals_do_not_lead_there) {
    const std::string_view url = "https://api.test/.well-known/oauth-protected-resource";
    EXPECT_THAT(make_challenges(answer_for(reason::role_missing), {.realm = "r", .resource_metadata = url}),
                ElementsAre(R"(Bearer realm="r", error="insufficient_scope")"));
    EXPECT_THAT(make_challenges(answer_for(reason::token_multiple), {.realm = "r", .resource_metadata = url}),
                ElementsAre(R"(Bearer realm="r", error="invalid_request")"));
    EXPECT_THAT(make_challenges(answer_for(reason::no_route), {.realm = "r", .resource_metadata = url}), IsEmpty());
}

} // namespace
} // namespace bearward::policies
