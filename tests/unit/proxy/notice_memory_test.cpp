#include "proxy/notice_memory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace bearward::proxy {
namespace {

using namespace std::chrono_literals;

constexpr refusal_counts::clock::time_point start{100s};

void count(refusal_counts& counts, std::string_view address, unsigned times, refusal_counts::clock::time_point when = start) {
    for (unsigned done = 0; done < times; ++done) {
        counts.count(address, when);
    }
}

TEST(refusal_counts, ten_of_an_address_in_a_second) {
    refusal_counts counts;
    count(counts, "192.0.2.1", 9);
    EXPECT_FALSE(counts.is_over("192.0.2.1", start + 500ms));
    counts.count("192.0.2.1", start + 500ms);
    EXPECT_TRUE(counts.is_over("192.0.2.1", start + 999ms));
    EXPECT_FALSE(counts.is_over("192.0.2.2", start + 999ms));
    EXPECT_FALSE(counts.is_over("192.0.2.1", start + 1s)) << "the second began with the first of them";
    counts.count("192.0.2.1", start + 1s);
    EXPECT_FALSE(counts.is_over("192.0.2.1", start + 1s));
    count(counts, "192.0.2.1", 9, start + 1900ms);
    EXPECT_TRUE(counts.is_over("192.0.2.1", start + 1950ms));
}

TEST(refusal_counts, of_ipv6_the_network_counts_and_unix_sockets_are_one) {
    refusal_counts counts;
    count(counts, "2001:db8:1:2::1", 5);
    count(counts, "2001:db8:1:2:ffff::2", 5);
    EXPECT_TRUE(counts.is_over("2001:db8:1:2::3", start));
    EXPECT_FALSE(counts.is_over("2001:db8:1:3::3", start));
    count(counts, "::ffff:192.0.2.7", 10);
    EXPECT_TRUE(counts.is_over("192.0.2.7", start));
    EXPECT_FALSE(counts.is_over("192.0.2.8", start));
    count(counts, "", 10);
    EXPECT_TRUE(counts.is_over("", start));
}

TEST(refusal_counts, many_addresses_take_no_more_memory) {
    refusal_counts counts;
    for (std::size_t number = 0; number < refusal_counts::most_addresses + 10; ++number) {
        counts.count("10." + std::to_string(number >> 16U) + "." + std::to_string((number >> 8U) & 255U) + "." +
                         std::to_string(number & 255U),
                     start);
    }
    EXPECT_LE(counts.size(), refusal_counts::most_addresses);
    count(counts, "192.0.2.1", 10);
    EXPECT_TRUE(counts.is_over("192.0.2.1", start));
}

TEST(used_logouts, one_provider_takes_no_room_from_another) {
    using policies::tokens::proof_memory;
    using policies::tokens::proof_use;
    constexpr policies::time_point now{1'800'000'000s};
    used_logouts used;
    for (std::size_t number = 0; number < proof_memory::usual_capacity; ++number) {
        ASSERT_EQ(used.of("main").use("i", std::to_string(number), now + 1min, now), proof_use::first);
    }
    EXPECT_EQ(used.of("main").use("i", "x", now + 1min, now), proof_use::no_room);
    EXPECT_EQ(used.of("main").use("i", "1", now + 1min, now), proof_use::repeated);
    EXPECT_EQ(used.of("other").use("i", "1", now + 1min, now), proof_use::first);
}

TEST(notice_counts, by_provider_receiver_and_result) {
    notice_counts counts;
    EXPECT_TRUE(counts.totals().empty());
    counts.count("main", "logout", notice_result::kept);
    counts.count("main", "logout", notice_result::kept);
    counts.count("main", "events", notice_result::ignored);
    const auto totals = counts.totals();
    EXPECT_EQ(totals.size(), 2U);
    EXPECT_EQ((totals.at({"main", "logout"})), (notice_counts::by_result{2, 0, 0, 0}));
    EXPECT_EQ((totals.at({"main", "events"})), (notice_counts::by_result{0, 1, 0, 0}));
}

} // namespace
} // namespace bearward::proxy
