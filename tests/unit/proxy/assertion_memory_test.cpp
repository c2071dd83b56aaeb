// Assertions are signed once for requests alike, and never for others.
#include "proxy/assertion_memory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace bearward::proxy {
namespace {

using namespace std::chrono_literals;

constexpr policies::time_point now{1'800'000'000s};

policies::assertion_rules make_rules() {
    auto made = policies::make_assertion_rules(policies::jose::signing_key::generate(policies::jose::algorithm::eddsa).private_pem());
    made->issuer = "bearward";
    return *std::move(made);
}

policies::identity make_identity(std::string user, std::vector<std::string> roles = {}) {
    policies::identity who;
    who.user = std::move(user);
    who.roles = std::move(roles);
    return who;
}

TEST(assertion_memory_test, one_is_used_again_while_half_of_its_lifetime_is_left) {
    const auto rules = make_rules();
    assertion_memory memory;
    const auto who = make_identity("u-1");
    const std::string first(memory.find_or_make(rules, {who, "app", "GET", "/"}, now));
    EXPECT_FALSE(first.empty());
    EXPECT_EQ(memory.find_or_make(rules, {who, "app", "GET", "/"}, now + 29s), first);
    EXPECT_NE(memory.find_or_make(rules, {who, "app", "GET", "/"}, now + 30s), first);
}

TEST(assertion_memory_test, whatever_it_says_tells_it_apart) {
    const auto rules = make_rules();
    const auto others = make_rules();
    assertion_memory memory;
    const auto who = make_identity("u-1", {"a", "b"});
    const auto joined = make_identity("u-1", {"a1:b"});
    const auto other = make_identity("u-2", {"a", "b"});
    const std::string first(memory.find_or_make(rules, {who, "app", "GET", "/"}, now));
    EXPECT_NE(memory.find_or_make(rules, {joined, "app", "GET", "/"}, now), first);
    EXPECT_NE(memory.find_or_make(rules, {other, "app", "GET", "/"}, now), first);
    EXPECT_NE(memory.find_or_make(rules, {who, "other", "GET", "/"}, now), first);
    EXPECT_NE(memory.find_or_make(rules, {who, "app", "POST", "/"}, now), first);
    EXPECT_NE(memory.find_or_make(rules, {who, "app", "GET", "/x"}, now), first);
    EXPECT_NE(memory.find_or_make(others, {who, "app", "GET", "/"}, now), first) << "another key signs";
    EXPECT_EQ(memory.find_or_make(rules, {who, "app", "GET", "/"}, now), first);
}

TEST(assertion_memory_test, it_is_bounded_and_keeps_those_in_use) {
    const auto rules = make_rules();
    assertion_memory memory;
    const auto busy = make_identity("busy");
    const std::string first(memory.find_or_make(rules, {busy, "app", "GET", "/"}, now));
    for (std::size_t index = 0; index < 3 * assertion_memory::generation_size; ++index) {
        const auto who = make_identity(std::to_string(index));
        (void)memory.find_or_make(rules, {who, "app", "GET", "/"}, now);
        if (index % 100 == 0) {
            EXPECT_EQ(memory.find_or_make(rules, {busy, "app", "GET", "/"}, now), first) << index;
        }
    }
    EXPECT_LE(memory.size(), 2 * assertion_memory::generation_size);
    memory.clear();
    EXPECT_EQ(memory.size(), 0U);
}

} // namespace
} // namespace bearward::proxy
