// Rate limits where they meet the rest of a decision.
#include "tests/unit/policies/decide_guarded_fixture.hpp"

namespace bearward::policies {
namespace {

using rules::rate_subject;

class rate_decision : public guarded_test {
protected:
    rate_decision() {
        add("/");
        add("/login").rate = rules::rate_limit{.per = rate_subject::user, .count = 1, .period = 60s, .burst = 1};
        add("/door").rate = rules::rate_limit{.per = rate_subject::address, .count = 1, .period = 60s, .burst = 1};
        authorize("good");
        request.client = "192.0.2.1";
    }
};

TEST_F(rate_decision, a_second_request_is_refused_and_another_users_is_not) {
    EXPECT_EQ(outcome("/login"), "/login");
    EXPECT_EQ(outcome("/login"), "rate_limited /login");
    authorize("admin");
    EXPECT_EQ(outcome("/login"), "/login");
}

TEST_F(rate_decision, another_spelling_of_the_path_is_no_way_around_a_limit) {
    EXPECT_EQ(outcome("/login"), "/login");
    EXPECT_EQ(outcome("/LOGIN"), "rate_limited /login");
    EXPECT_EQ(outcome("/Door"), "/");
    EXPECT_EQ(outcome("/door"), "rate_limited /door");
    EXPECT_EQ(outcome("/DOOR"), "rate_limited /door");
    EXPECT_EQ(outcome("/doors"), "/");
}

TEST_F(rate_decision, a_request_that_is_asked_for_again_is_counted_once) {
    EXPECT_EQ(outcome("/door"), "/door");
    const decision again = decide(request, rules, source, on_need::refuse_again, scratch);
    EXPECT_TRUE(std::holds_alternative<permit>(again));
    EXPECT_EQ(outcome("/door"), "rate_limited /door");
}

} // namespace
} // namespace bearward::policies
