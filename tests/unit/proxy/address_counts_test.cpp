#include "proxy/address_counts.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bearward::proxy {
namespace {

TEST(address_counts_test, gives_as_many_slots_as_the_limit_and_one_more_for_each_that_ends) {
    address_counts counts;
    std::vector<address_counts::slot> open;
    for (int index = 0; index < 3; ++index) {
        auto slot = counts.take("192.0.2.1", 3);
        ASSERT_TRUE(slot);
        open.push_back(*std::move(slot));
    }
    EXPECT_FALSE(counts.take("192.0.2.1", 3));
    EXPECT_TRUE(counts.take("192.0.2.2", 3)) << "another address has its own";
    open.pop_back();
    EXPECT_TRUE(counts.take("192.0.2.1", 3));
}

TEST(address_counts_test, remembers_no_address_without_a_connection) {
    address_counts counts;
    {
        auto first = counts.take("192.0.2.1", 1);
        auto moved = std::move(first);
        EXPECT_EQ(counts.size(), 1U);
        *moved = address_counts::slot{};
        EXPECT_EQ(counts.size(), 0U);
    }
    EXPECT_EQ(counts.size(), 0U);
}

TEST(address_counts_test, counts_nothing_without_a_limit_and_nobody_without_an_address) {
    address_counts counts;
    const auto unlimited = counts.take("192.0.2.1", 0);
    const auto local = counts.take("", 1);
    EXPECT_TRUE(unlimited && local && counts.take("", 1));
    EXPECT_EQ(counts.size(), 0U);
}

TEST(address_counts_test, a_whole_64_of_ipv6_is_one_client) {
    EXPECT_EQ(make_address_key("2001:db8:1:2::1"), make_address_key("2001:db8:1:2:ffff::9"));
    EXPECT_NE(make_address_key("2001:db8:1:2::1"), make_address_key("2001:db8:1:3::1"));
    EXPECT_EQ(make_address_key("fe80::1%eth0"), make_address_key("fe80::2%eth1"));
    EXPECT_EQ(make_address_key("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(make_address_key("not an address"), "");
}

} // namespace
} // namespace bearward::proxy
