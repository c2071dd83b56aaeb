// What a permit stands on, asked for again while it is used.
#include "policies/lapse.hpp"

#include "tests/unit/policies/decide_guarded_fixture.hpp"

#include <set>

namespace bearward::policies {
namespace {

/// Revokes users.
class revoking final : public outside {
public:
    explicit revoking(std::set<std::string> users, reason why = reason::token_revoked, time_point at = decided_at)
        : outside(at), users_(std::move(users)), why_(why) {}
    verification verify(const provider&, std::string_view) override { return std::unexpected(refusal(reason::signature_invalid)); }
    std::optional<refusal> find_revocation(const provider& by, const tokens::verified_token& token) const override {
        asked.push_back(by.rules.provider);
        return users_.contains(token.who.user) ? std::optional<refusal>(std::in_place, why_, "because") : std::nullopt;
    }

    mutable std::vector<std::string> asked;

private:
    std::set<std::string> users_;
    reason why_;
};

class presented : public decide_test {
protected:
    presented() {
        add("/");
        add("/public").auth = rules::authentication::none;
        add("/observed").mode = rules::enforcement::observe_all;
        authorize("good");
    }
    reason lapse(const permit& leave, const outside& around) {
        const auto found = find_lapse(leave, rules, around);
        return found ? found->why : reason::ok;
    }
};

TEST_F(presented, tokens_are_asked_for_again_by_the_name_of_their_provider) {
    const permit leave = permitted("/");
    const revoking nobody({});
    EXPECT_EQ(lapse(leave, nobody), reason::ok);
    EXPECT_THAT(nobody.asked, testing::ElementsAre("main"));
    EXPECT_EQ(lapse(leave, revoking({"u-1"})), reason::token_revoked);
    EXPECT_EQ(find_lapse(leave, rules, revoking({"u-1"}))->cause, "because");
    EXPECT_EQ(lapse(leave, revoking({"u-2"})), reason::ok);
}

TEST_F(presented, tokens_of_a_provider_that_is_gone_are_revoked_by_nobody) {
    const permit leave = permitted("/");
    rules.providers.front().rules.provider = "another";
    EXPECT_EQ(lapse(leave, revoking({"u-1"})), reason::ok);
}

TEST_F(presented, revocations_that_can_not_be_had_end_nothing_that_runs) {
    EXPECT_EQ(lapse(permitted("/"), revoking({"u-1"}, reason::revocation_unavailable)), reason::ok);
}

TEST_F(presented, tokens_end_with_their_time) {
    const permit leave = permitted("/");
    EXPECT_EQ(lapse(leave, revoking({}, reason::ok, *leave.expires() - std::chrono::milliseconds{1})), reason::ok);
    EXPECT_EQ(lapse(leave, revoking({}, reason::ok, *leave.expires())), reason::token_expired);
}

TEST_F(presented, without_a_token_nothing_ends) {
    EXPECT_TRUE(permitted("/public").tokens().empty());
    EXPECT_EQ(lapse(permitted("/public"), revoking({"u-1", ""})), reason::ok);
}

TEST_F(presented, where_all_is_observed_nothing_ends) {
    EXPECT_TRUE(permitted("/observed").tokens().empty());
}

class presented_to_two_routes : public guarded_test {};

TEST_F(presented_to_two_routes, the_tokens_of_both_count) {
    add("/");
    add("/reports");
    routes.back().token_from = {.header = false, .query = true, .subprotocol = false};
    authorize("good");
    request.query = query = "access_token=admin";
    ASSERT_EQ(outcome("/Reports"), "/");
    const decision made = decide(request, rules, source, on_need::tell, scratch);
    const permit& leave = std::get<permit>(made);
    ASSERT_FALSE(leave.tokens().empty());
    ASSERT_EQ(leave.tokens().others.size(), 1U);
    EXPECT_TRUE(find_revocation(leave.tokens(), rules, revoking({"u-1"})));
    EXPECT_TRUE(find_revocation(leave.tokens(), rules, revoking({"u-2"})));
    EXPECT_FALSE(find_revocation(leave.tokens(), rules, revoking({"u-3"})));
}

} // namespace
} // namespace bearward::policies
