// What an identity must satisfy, entry by entry and against a naive reading.
#include "policies/rules/requirement.hpp"

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
    return check_requirement(required, who, make_captures(captured));
}

reason check_claim(claim_predicate predicate, const std::string& captured = "t-1") {
    requirement required;
    required.claims = {std::move(predicate)};
    return check(required, make_identity(), captured);
}

claim_predicate equals(tokens::claim_path path, std::vector<boost::json::value> values) {
    return {.path = std::move(path), .present_only = false, .values = std::move(values), .from_capture = {}};
}

claim_predicate present(tokens::claim_path path) {
    return {.path = std::move(path), .present_only = true, .values = {}, .from_capture = {}};
}

claim_predicate captured(tokens::claim_path path, std::string name = "tenant_id") {
    return {.path = std::move(path), .present_only = false, .values = {}, .from_capture = operand{std::move(name), true}};
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
    EXPECT_EQ(check_claim(equals({"level"}, {"3"})), reason::claim_denied);
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

/// The requirement as a list of (reason, holds), in the order of the reasons.
reason naive_check(const requirement& required, const identity& who, const std::string& tenant) {
    const auto count = [](const auto& wanted, const auto& held) {
        return std::ranges::count_if(wanted, [&](const auto& each) { return std::ranges::count(held, each) > 0; });
    };
    const auto holding = [&](const std::vector<requirement>& inner) {
        return std::ranges::count_if(inner, [&](const auto& each) { return naive_check(each, who, tenant) == reason::ok; });
    };
    const std::string wanted = !required.tenant ? who.tenant : required.tenant->is_capture ? tenant : required.tenant->text;
    const bool claims = std::ranges::all_of(required.claims, [&](const claim_predicate& each) {
        const auto* value = who.claims.if_contains(each.path.front());
        return value != nullptr && std::ranges::count(each.values, *value) > 0;
    });
    const std::pair<reason, bool> entries[] = {
        {reason::tenant_mismatch, wanted == who.tenant && !(required.tenant && wanted.empty())},
        {reason::role_missing, required.roles.empty() || count(required.roles, who.roles) > 0},
        {reason::role_missing, count(required.all_roles, who.roles) == std::ssize(required.all_roles)},
        {reason::scope_missing, required.scopes.empty() || count(required.scopes, who.scopes) > 0},
        {reason::scope_missing, count(required.all_scopes, who.scopes) == std::ssize(required.all_scopes)},
        {reason::claim_denied, claims},
        {reason::policy_denied, required.any.empty() || holding(required.any) > 0},
        {reason::policy_denied, holding(required.all) == std::ssize(required.all)},
        {reason::policy_denied, holding(required.none) == 0},
        {reason::policy_denied, holding(required.policy_requirements) == std::ssize(required.policy_requirements)},
    };
    for (const auto& [why, holds] : entries) {
        if (!holds) {
            return why;
        }
    }
    return reason::ok;
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
        made.roles = words(2);
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
            made.claims.push_back({.path = {"k"}, .present_only = false, .values = {boost::json::value(word())}, .from_capture = {}});
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
        const reason got = check(required, who, tenant);
        ASSERT_EQ(to_string(got), to_string(naive_check(required, who, tenant))) << "round " << round;
        held += got == reason::ok ? 1 : 0;
    }
    EXPECT_GT(held, 1000);
    EXPECT_LT(held, 19'000);
}

} // namespace
} // namespace bearward::policies::rules
