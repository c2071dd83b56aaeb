// What an identity must satisfy, entry by entry and against a naive reading.
#include "policies/rules/requirement_check.hpp"

#include "policies/explanation.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace bearward::policies::rules {
namespace {

identity make_identity() {
    identity who;
    who.provider = "main";
    who.user = "u-1";
    who.tenant = "t-1";
    who.roles = {"reader", "editor", ""};
    who.scopes = {"read", "write"};
    who.claims = boost::json::parse(R"({"department": "sales", "level": 3, "ratio": 1.0, "beta": false, "groups": ["a", "b", 7, ""],
        "none": null, "blank": "", "list": [], "object": {}, "realm": {"unit": "north", "deep": {"x": [true]}}, "big": 18446744073709551615})")
                     .as_object();
    return who;
}

std::vector<capture> make_captures(std::string tenant) {
    std::vector<capture> captures;
    captures.push_back({.name = "tenant_id", .value = std::move(tenant)});
    return captures;
}

reason check(const requirement& required, const identity& who = make_identity(), const std::string& captured = "t-1") {
    return check_requirement(required, who, make_captures(captured)).why;
}

reason check_claim(claim_predicate predicate, const std::string& captured = "t-1") {
    requirement required;
    required.claims = {std::move(predicate)};
    return check(required, make_identity(), captured);
}

claim_predicate equals(tokens::claim_path path, std::vector<boost::json::value> values) {
    return {.path = std::move(path), .present_only = false, .values = std::move(values)};
}

claim_predicate present(tokens::claim_path path) {
    return {.path = std::move(path), .present_only = true, .values = {}};
}

claim_predicate captured(tokens::claim_path path, std::string name = "tenant_id") {
    return {.path = std::move(path), .present_only = false, .values = {}, .operands = {operand{std::move(name), true}}};
}

TEST(requirement_test, an_empty_requirement_holds_for_everyone) {
    EXPECT_TRUE(requirement{}.empty());
    EXPECT_EQ(check({}, identity{}), reason::ok);
}

TEST(requirement_test, every_entry_makes_it_not_empty) {
    const auto filled = [](auto fill) {
        requirement required;
        fill(required);
        return !required.empty();
    };
    EXPECT_TRUE(filled([](requirement& r) { r.roles = {"a"}; }));
    EXPECT_TRUE(filled([](requirement& r) { r.all_roles = {"a"}; }));
    EXPECT_TRUE(filled([](requirement& r) { r.scopes = {"a"}; }));
    EXPECT_TRUE(filled([](requirement& r) { r.all_scopes = {"a"}; }));
    EXPECT_TRUE(filled([](requirement& r) { r.tenant = operand{}; }));
    EXPECT_TRUE(filled([](requirement& r) { r.claims.emplace_back(); }));
    EXPECT_TRUE(filled([](requirement& r) { r.any.emplace_back(); }));
    EXPECT_TRUE(filled([](requirement& r) { r.all.emplace_back(); }));
    EXPECT_TRUE(filled([](requirement& r) { r.none.emplace_back(); }));
    EXPECT_TRUE(filled([](requirement& r) { r.policies = {"a"}; }));
}

TEST(requirement_test, any_of_the_roles_will_do_and_all_of_all_roles) {
    requirement required;
    required.roles = {"admin", "editor"};
    EXPECT_EQ(check(required), reason::ok);
    required.roles = {"admin", "Editor", ""};
    EXPECT_EQ(check(required), reason::role_missing);
    required.roles.clear();
    required.all_roles = {"reader", "editor"};
    EXPECT_EQ(check(required), reason::ok);
    required.all_roles = {"reader", "admin"};
    EXPECT_EQ(check(required), reason::role_missing);
}

TEST(requirement_test, any_of_the_scopes_will_do_and_all_of_all_scopes) {
    requirement required;
    required.scopes = {"x", "read"};
    EXPECT_EQ(check(required), reason::ok);
    required.scopes = {"x"};
    EXPECT_EQ(check(required), reason::scope_missing);
    required.scopes.clear();
    required.all_scopes = {"read", "x"};
    EXPECT_EQ(check(required), reason::scope_missing);
    EXPECT_EQ(check(required, identity{}), reason::scope_missing);
}

TEST(requirement_test, the_tenant_is_compared_byte_for_byte) {
    requirement required;
    required.tenant = operand{"tenant_id", true};
    EXPECT_EQ(check(required), reason::ok);
    for (const char* other : {"t-2", "T-1", "t-1 ", "t-10", "t", ""}) {
        EXPECT_EQ(check(required, make_identity(), other), reason::tenant_mismatch) << other;
    }
    required.tenant = operand{"t-1", false};
    EXPECT_EQ(check(required, make_identity(), "elsewhere"), reason::ok);
    required.tenant = operand{"unbound", true};
    EXPECT_EQ(check(required), reason::tenant_mismatch);
}

TEST(requirement_test, an_identity_without_tenant_matches_no_tenant_not_even_an_empty_one) {
    requirement required;
    required.tenant = operand{"tenant_id", true};
    EXPECT_EQ(check(required, identity{}, ""), reason::tenant_mismatch);
    required.tenant = operand{"", false};
    EXPECT_EQ(check(required, identity{}, ""), reason::tenant_mismatch);
}

TEST(requirement_test, a_claim_equals_one_of_the_values_with_its_type) {
    EXPECT_EQ(check_claim(equals({"department"}, {"hr", "sales"})), reason::ok);
    EXPECT_EQ(check_claim(equals({"department"}, {"hr"})), reason::claim_denied);
    EXPECT_EQ(check_claim(equals({"department"}, {"Sales"})), reason::claim_denied);
    EXPECT_EQ(check_claim(equals({"level"}, {3})), reason::ok);
    EXPECT_EQ(check_claim(equals({"level"}, {3.0})), reason::ok);
    EXPECT_EQ(check_claim(equals({"level"}, {3U})), reason::ok);
    EXPECT_EQ(check_claim(equals({"level"}, {3.5})), reason::claim_denied);
    EXPECT_EQ(check_claim(equals({"level"}, {"3"})), reason::ok) << "integers are taken as text";
    EXPECT_EQ(check_claim(equals({"level"}, {"03"})), reason::claim_denied);
    EXPECT_EQ(check_claim(equals({"ratio"}, {1})), reason::ok);
    EXPECT_EQ(check_claim(equals({"beta"}, {false})), reason::ok);
    EXPECT_EQ(check_claim(equals({"beta"}, {0})), reason::claim_denied);
    EXPECT_EQ(check_claim(equals({"big"}, {18446744073709551615ULL})), reason::ok);
    EXPECT_EQ(check_claim(equals({"big"}, {1.8446744073709552e19})), reason::claim_denied) << "beyond what a double tells apart";
}

TEST(requirement_test, a_claim_that_is_an_array_holds_each_of_its_values) {
    EXPECT_EQ(check_claim(equals({"groups"}, {"b"})), reason::ok);
    EXPECT_EQ(check_claim(equals({"groups"}, {7})), reason::ok);
    EXPECT_EQ(check_claim(equals({"groups"}, {"c"})), reason::claim_denied);
    EXPECT_EQ(check_claim(equals({"groups"}, {""})), reason::claim_denied);
}

TEST(requirement_test, paths_lead_into_objects_only) {
    EXPECT_EQ(check_claim(equals({"realm", "unit"}, {"north"})), reason::ok);
    EXPECT_EQ(check_claim(equals({"realm", "deep", "x"}, {true})), reason::ok);
    EXPECT_EQ(check_claim(equals({"realm", "north"}, {"north"})), reason::claim_denied);
    EXPECT_EQ(check_claim(present({"department", "x"})), reason::claim_denied);
    EXPECT_EQ(check_claim(present({"realm", "unit", "x"})), reason::claim_denied);
    EXPECT_EQ(check_claim(present({})), reason::claim_denied);
}

TEST(requirement_test, absent_and_empty_claims_match_nothing) {
    for (const char* name : {"absent", "none", "blank", "list", "object"}) {
        EXPECT_EQ(check_claim(present({name})), reason::claim_denied) << name;
        EXPECT_EQ(check_claim(equals({name}, {nullptr, "", boost::json::array{}, boost::json::object{}})), reason::claim_denied) << name;
        EXPECT_EQ(check_claim(captured({name}), ""), reason::claim_denied) << name;
    }
    EXPECT_EQ(check_claim(present({"beta"})), reason::ok) << "false is a value";
}

TEST(requirement_test, a_claim_can_be_compared_with_a_capture) {
    EXPECT_EQ(check_claim(captured({"department"}), "sales"), reason::ok);
    EXPECT_EQ(check_claim(captured({"groups"}), "a"), reason::ok);
    EXPECT_EQ(check_claim(captured({"groups"}), "7"), reason::ok) << "integers are taken as text";
    EXPECT_EQ(check_claim(captured({"level"}), "3"), reason::ok);
    EXPECT_EQ(check_claim(captured({"level"}), "03"), reason::claim_denied);
    EXPECT_EQ(check_claim(captured({"big"}), "18446744073709551615"), reason::ok);
    EXPECT_EQ(check_claim(captured({"ratio"}), "1"), reason::claim_denied);
    EXPECT_EQ(check_claim(captured({"beta"}), "false"), reason::claim_denied);
    EXPECT_EQ(check_claim(captured({"department"}, "unbound"), "sales"), reason::claim_denied);
}

TEST(requirement_test, the_first_unmet_entry_gives_the_reason) {
    requirement required;
    required.any = {requirement{}};
    required.any[0].roles = {"nobody"};
    EXPECT_EQ(check(required), reason::policy_denied);
    required.claims = {equals({"absent"}, {1})};
    EXPECT_EQ(check(required), reason::claim_denied);
    required.scopes = {"x"};
    EXPECT_EQ(check(required), reason::scope_missing);
    required.roles = {"x"};
    EXPECT_EQ(check(required), reason::role_missing);
    required.tenant = operand{"t-2", false};
    EXPECT_EQ(check(required), reason::tenant_mismatch);
}

TEST(requirement_test, any_all_not_and_policies_combine) {
    requirement admin;
    admin.roles = {"admin"};
    requirement editor;
    editor.roles = {"editor"};
    const auto combined = [](auto fill) {
        requirement required;
        fill(required);
        return check(required);
    };
    EXPECT_EQ(combined([&](requirement& r) { r.any = {admin, editor}; }), reason::ok);
    EXPECT_EQ(combined([&](requirement& r) { r.any = {admin}; }), reason::policy_denied);
    EXPECT_EQ(combined([&](requirement& r) { r.all = {editor, {}}; }), reason::ok);
    EXPECT_EQ(combined([&](requirement& r) { r.all = {editor, admin}; }), reason::policy_denied);
    EXPECT_EQ(combined([&](requirement& r) { r.none = {admin}; }), reason::ok);
    EXPECT_EQ(combined([&](requirement& r) { r.none = {admin, editor}; }), reason::policy_denied);
    EXPECT_EQ(combined([&](requirement& r) { r.none = {{}}; }), reason::policy_denied) << "an empty requirement holds";
    EXPECT_EQ(combined([&](requirement& r) {
                  r.policies = {"editors"};
                  r.policy_requirements = {editor};
              }),
              reason::ok);
    EXPECT_EQ(combined([&](requirement& r) {
                  r.policies = {"admins"};
                  r.policy_requirements = {admin};
              }),
              reason::policy_denied);
    EXPECT_EQ(combined([&](requirement& r) { r.policies = {"unresolved"}; }), reason::policy_denied);
}

TEST(requirement_test, missing_scopes_are_listed_once) {
    requirement required;
    EXPECT_EQ(missing_scopes(required, make_identity()), "");
    required.all_scopes = {"read", "x", "y"};
    EXPECT_EQ(missing_scopes(required, make_identity()), "x y");
    required.scopes = {"a", "x"};
    EXPECT_EQ(missing_scopes(required, make_identity()), "a x y");
    required.scopes = {"a", "read"};
    EXPECT_EQ(missing_scopes(required, make_identity()), "x y");
}

// --- the naive reading ------------------------------------------------------------

requirement_verdict judge(const requirement& required, const identity& who, const requests::request_view* request = nullptr) {
    const std::vector<capture> captures = make_captures("t-1");
    operand_values values(captures);
    values.request = request;
    return check_requirement(required, who, values);
}

requirement wants_tenant(std::string_view written) {
    requirement required;
    required.tenant = operand::parse(written).value();
    return required;
}

requirement negation(requirement of) {
    requirement required;
    required.none = {std::move(of)};
    return required;
}

TEST(requirement_test, an_unknown_operand_is_met_neither_way) {
    requests::request_view request;
    const requirement by_header = wants_tenant("{header.X-Org}");
    EXPECT_EQ(judge(by_header, make_identity(), &request).holds, truth::unknown);
    EXPECT_EQ(judge(by_header, make_identity(), &request).why, reason::tenant_mismatch);
    EXPECT_EQ(judge(negation(by_header), make_identity(), &request).why, reason::policy_denied);
    EXPECT_EQ(judge(negation(negation(by_header)), make_identity(), &request).why, reason::policy_denied);
    const std::vector<requests::header> headers{{"X-Org", "t-2"}};
    request.headers = headers;
    EXPECT_EQ(judge(negation(by_header), make_identity(), &request).why, reason::ok);
}

TEST(requirement_test, what_is_known_decides_beside_what_is_not) {
    requests::request_view request;
    requirement either;
    either.any = {wants_tenant("{header.X-Org}"), wants_tenant("t-1")};
    EXPECT_EQ(judge(either, make_identity(), &request).why, reason::ok);
    either.any = {wants_tenant("{header.X-Org}"), wants_tenant("t-2")};
    EXPECT_EQ(judge(either, make_identity(), &request).holds, truth::unknown);
    requirement both = wants_tenant("{header.X-Org}");
    both.roles = {"admin"};
    EXPECT_EQ(judge(both, make_identity(), &request).holds, truth::no);
    EXPECT_EQ(judge(negation(both), make_identity(), &request).why, reason::ok) << "nobody without the role is both";
    both.roles = {"editor"};
    EXPECT_EQ(judge(negation(both), make_identity(), &request).why, reason::policy_denied);
}

TEST(requirement_test, roles_that_cant_be_read_are_met_neither_way) {
    identity who = make_identity();
    who.roles.clear();
    who.unknown.roles = true;
    requirement required;
    required.roles = {"external"};
    EXPECT_EQ(judge(required, who).why, reason::role_missing);
    EXPECT_EQ(judge(negation(required), who).why, reason::policy_denied);
    requirement claim;
    claim.claims = {equals({"object_with"}, {"a"})};
    who.claims["object_with"] = boost::json::object{{"a", 1}};
    EXPECT_EQ(judge(negation(claim), who).why, reason::policy_denied);
    claim.claims = {equals({"none"}, {"a"})};
    EXPECT_EQ(judge(negation(claim), who).why, reason::ok) << "an absent claim is known: it equals nothing";
}

TEST(requirement_test, of_several_tenants_the_one_that_was_asked_for_counts) {
    identity who;
    who.tenants = {"a", "b", "c"};
    EXPECT_EQ(judge(wants_tenant("b"), who).why, reason::ok);
    EXPECT_EQ(judge(wants_tenant("b"), who).tenant, "b");
    EXPECT_EQ(judge(wants_tenant("d"), who).why, reason::tenant_mismatch);
    EXPECT_EQ(judge(wants_tenant("d"), who).tenant, "");
    EXPECT_EQ(judge({}, who).tenant, "");
    EXPECT_EQ(judge(negation(wants_tenant("b")), who).why, reason::policy_denied) << "none may be equal";
    EXPECT_EQ(judge(negation(wants_tenant("d")), who).why, reason::ok);
    EXPECT_EQ(judge(negation(wants_tenant("d")), who).tenant, "");
    EXPECT_EQ(judge(wants_tenant("t-1"), make_identity()).tenant, "") << "of one tenant there is nothing to choose";
}

TEST(requirement_test, the_tenant_of_the_branch_that_holds_counts) {
    identity who;
    who.tenants = {"a", "b"};
    requirement admin_of_a = wants_tenant("a");
    admin_of_a.roles = {"admin"};
    requirement either;
    either.any = {admin_of_a, wants_tenant("b")};
    EXPECT_EQ(judge(either, who).tenant, "b");
    explanation told;
    EXPECT_EQ(check_requirement(either, who, operand_values{}, &told).tenant, "b") << "an observer changes nothing";
    either.any = {wants_tenant("a"), wants_tenant("b")};
    EXPECT_EQ(check_requirement(either, who, operand_values{}, &told).tenant, "a");
    requirement both;
    both.all = {wants_tenant("a"), wants_tenant("b")};
    EXPECT_EQ(judge(both, who).why, reason::ok);
    EXPECT_EQ(judge(both, who).tenant, "") << "two were asked for";
    both.all = {wants_tenant("a"), negation(wants_tenant("c"))};
    EXPECT_EQ(judge(both, who).tenant, "a");
}

TEST(requirement_test, a_claim_may_be_a_pattern_or_hold_one_of_several_operands) {
    const std::vector<requests::header> headers{{"X-Team", "b"}};
    requests::request_view request;
    request.headers = headers;
    requirement required;
    required.claims = {{.path = {"department"}, .pattern = "sa*s"}};
    EXPECT_EQ(judge(required, make_identity()).why, reason::ok);
    required.claims = {{.path = {"department"}, .pattern = "s*x"}};
    EXPECT_EQ(judge(required, make_identity()).why, reason::claim_denied);
    required.claims = {
        {.path = {"groups"}, .operands = {operand::parse("{header.X-None}").value(), operand::parse("{header.X-Team}").value()}}};
    EXPECT_EQ(judge(required, make_identity(), &request).why, reason::ok);
    required.claims = {{.path = {"groups"}, .values = {"zz"}, .operands = {operand::parse("{header.X-None}").value()}}};
    EXPECT_EQ(judge(required, make_identity(), &request).holds, truth::unknown);
    required.claims = {{.path = {"none"}, .operands = {operand::parse("{header.X-None}").value()}}};
    EXPECT_EQ(judge(negation(required), make_identity(), &request).why, reason::policy_denied);
}

TEST(requirement_test, not_does_not_open_for_a_claim_of_another_json_type) {
    requirement banned;
    banned.claims = {{.path = {"banned"}, .values = {"true"}}};
    identity who = make_identity();
    for (const boost::json::value& held : {boost::json::value(true), boost::json::value(1.5)}) {
        who.claims["banned"] = held;
        EXPECT_EQ(judge(banned, who).holds, truth::unknown) << held;
        EXPECT_EQ(judge(negation(banned), who).why, reason::policy_denied) << held;
    }
    who.claims["banned"] = "false";
    EXPECT_EQ(judge(negation(banned), who).why, reason::ok);
    banned.claims = {{.path = {"banned"}, .values = {"12"}}};
    who.claims["banned"] = 12;
    EXPECT_EQ(judge(banned, who).why, reason::ok);
}

TEST(requirement_test, a_claim_whose_path_meets_something_else_is_unknown) {
    requirement locked;
    locked.claims = {equals({"status", "locked"}, {true})};
    identity who = make_identity();
    EXPECT_EQ(judge(negation(locked), who).why, reason::ok) << "absent";
    for (const char* status : {R"("locked")", "1", R"([{"locked":true}])", R"(["locked"])"}) {
        who.claims["status"] = boost::json::parse(status);
        EXPECT_EQ(judge(locked, who).holds, truth::unknown) << status;
        EXPECT_EQ(judge(negation(locked), who).why, reason::policy_denied) << status;
    }
    locked.claims = {present({"status", "locked"})};
    EXPECT_EQ(judge(negation(locked), who).why, reason::policy_denied);
}

struct naive_verdict {
    reason why = reason::ok;
    truth holds = truth::yes;
};

/// The requirement as a list of (reason, truth), in the order of the reasons.
naive_verdict naive_check(const requirement& required, const identity& who, const std::string& tenant) {
    const auto count = [](const auto& wanted, const auto& held) {
        return std::ranges::count_if(wanted, [&](const auto& each) { return std::ranges::count(held, each) > 0; });
    };
    const auto truths = [&](const std::vector<requirement>& inner) {
        std::vector<truth> made;
        for (const requirement& each : inner) {
            made.push_back(naive_check(each, who, tenant).holds);
        }
        return made;
    };
    const auto greatest = [&](const std::vector<requirement>& inner) {
        return inner.empty() ? truth::no : std::ranges::max(truths(inner));
    };
    const auto least = [&](const std::vector<requirement>& inner) { return inner.empty() ? truth::yes : std::ranges::min(truths(inner)); };
    const auto roles = [&](bool holds, bool asked) { return asked && who.unknown.roles ? truth::unknown : to_truth(holds); };
    const std::string wanted = !required.tenant ? "" : !required.tenant->is_literal() ? tenant : required.tenant->written();
    const truth of_tenant = !required.tenant ? truth::yes
                            : wanted.empty() ? truth::unknown
                                             : to_truth(wanted == who.tenant || std::ranges::count(who.tenants, wanted) > 0);
    const bool claims = std::ranges::all_of(required.claims, [&](const claim_predicate& each) {
        const auto* value = who.claims.if_contains(each.path.text());
        return value != nullptr && std::ranges::count(each.values, *value) > 0;
    });
    const std::pair<reason, truth> entries[] = {
        {reason::tenant_mismatch, of_tenant},
        {reason::role_missing, roles(required.roles.empty() || count(required.roles, who.roles) > 0, !required.roles.empty())},
        {reason::role_missing, roles(count(required.all_roles, who.roles) == std::ssize(required.all_roles), !required.all_roles.empty())},
        {reason::scope_missing, to_truth(required.scopes.empty() || count(required.scopes, who.scopes) > 0)},
        {reason::scope_missing, to_truth(count(required.all_scopes, who.scopes) == std::ssize(required.all_scopes))},
        {reason::claim_denied, to_truth(claims)},
        {reason::policy_denied, required.any.empty() ? truth::yes : greatest(required.any)},
        {reason::policy_denied, least(required.all)},
        {reason::policy_denied, negate(greatest(required.none))},
        {reason::policy_denied, least(required.policy_requirements)},
    };
    naive_verdict made;
    for (const auto& [why, holds] : entries) {
        made.why = made.why == reason::ok && holds != truth::yes ? why : made.why;
        made.holds = std::min(made.holds, holds);
    }
    return made;
}

class random_requirements {
public:
    explicit random_requirements(unsigned seed) : random_(seed) {}

    bool one_in(int count) { return std::uniform_int_distribution(1, count)(random_) == 1; }

    std::string word() { return std::string(1, static_cast<char>('a' + std::uniform_int_distribution(0, 3)(random_))); }

    std::vector<std::string> words(int rarity) {
        std::vector<std::string> made;
        while (one_in(rarity)) {
            made.push_back(word());
        }
        return made;
    }

    identity who() {
        identity made;
        made.tenant = one_in(4) ? "" : word();
        if (one_in(4)) {
            made.tenant.clear();
            made.tenants = {word(), word()};
        }
        made.roles = words(2);
        made.unknown.roles = one_in(6);
        if (made.unknown.roles) {
            made.roles.clear();
        }
        made.scopes = words(2);
        if (one_in(2)) {
            made.claims["k"] = word();
        }
        return made;
    }

    requirement make(int depth) {
        requirement made;
        made.roles = words(4);
        made.all_roles = words(6);
        made.scopes = words(4);
        made.all_scopes = words(6);
        if (one_in(4)) {
            made.tenant = one_in(2) ? operand{"tenant_id", true} : operand{word(), false};
        }
        if (one_in(5)) {
            made.claims.push_back({.path = {"k"}, .present_only = false, .values = {boost::json::value(word())}});
        }
        for (auto* inner : {&made.any, &made.all, &made.none, &made.policy_requirements}) {
            while (depth > 0 && one_in(3)) {
                inner->push_back(make(depth - 1));
            }
        }
        return made;
    }

private:
    std::mt19937 random_;
};

TEST(requirement_property_test, a_requirement_evaluates_as_its_naive_reading) {
    random_requirements random(99);
    int held = 0;
    for (int round = 0; round < 20'000; ++round) {
        const requirement required = random.make(3);
        const identity who = random.who();
        const std::string tenant = random.one_in(5) ? "" : random.word();
        const requirement_verdict got = check_requirement(required, who, make_captures(tenant));
        const naive_verdict expected = naive_check(required, who, tenant);
        ASSERT_EQ(to_string(got.why), to_string(expected.why)) << "round " << round;
        ASSERT_EQ(got.holds == truth::yes, expected.holds == truth::yes) << "round " << round;
        ASSERT_EQ(got.holds, expected.holds) << "round " << round;
        held += got.why == reason::ok ? 1 : 0;
    }
    EXPECT_GT(held, 1000);
    EXPECT_LT(held, 19'000);
}

} // namespace
} // namespace bearward::policies::rules
