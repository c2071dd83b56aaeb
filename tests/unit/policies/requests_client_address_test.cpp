#include "policies/requests/client_address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::policies::requests {
namespace {

class client_address_test : public ::testing::Test {
protected:
    std::string found(std::string_view peer, const std::vector<std::string>& lines) const {
        std::vector<header> headers{{"Host", "a"}};
        for (const std::string& each : lines) {
            headers.push_back({"x-forwarded-FOR", each});
        }
        headers.push_back({"X-Real-Ip", "203.0.113.99"});
        return std::string(find_client_address(peer, headers, trusted));
    }
    trusted_peers trusted{.networks = {parse_network("10.0.0.0/8").value(), parse_network("2001:db8::/32").value()}, .unix_sockets = false};
};

TEST_F(client_address_test, strangers_say_nothing_of_themselves) {
    EXPECT_EQ(found("192.0.2.1", {"198.51.100.1"}), "192.0.2.1");
    EXPECT_EQ(found("", {"198.51.100.1"}), "") << "a unix socket that isn't trusted";
    trusted = {};
    EXPECT_EQ(found("10.0.0.1", {"198.51.100.1"}), "10.0.0.1");
}

TEST_F(client_address_test, the_rightmost_that_is_not_trusted_counts) {
    EXPECT_EQ(found("10.0.0.1", {}), "10.0.0.1");
    EXPECT_EQ(found("10.0.0.1", {"198.51.100.1"}), "198.51.100.1");
    EXPECT_EQ(found("10.0.0.1", {"127.0.0.1, 198.51.100.1"}), "198.51.100.1") << "what stands left of it the client wrote";
    EXPECT_EQ(found("10.0.0.1", {"1.1.1.1, 198.51.100.1 ,\t10.2.3.4,2001:db8::7"}), "198.51.100.1");
    EXPECT_EQ(found("2001:db8::1", {"::ffff:10.0.0.9", "198.51.100.7, 10.0.0.8"}), "198.51.100.7") << "lines are one list";
    EXPECT_EQ(found("::ffff:10.0.0.1", {"198.51.100.1"}), "198.51.100.1");
}

TEST_F(client_address_test, where_all_are_trusted_the_leftmost_counts) {
    EXPECT_EQ(found("10.0.0.1", {"10.0.0.3, 10.0.0.2"}), "10.0.0.3");
}

TEST_F(client_address_test, what_is_no_address_ends_the_search_at_who_wrote_it) {
    for (const char* line : {"unknown", "198.51.100.1, unknown", "_hidden", "198.51.100.1,", "198.51.100", "198.51.100.1.1", "a b",
                             "localhost", "198.51.100.1;10.0.0.1", "\"198.51.100.1\"", "[2001:db8::1", "2001:db8::1::2"}) {
        EXPECT_EQ(found("10.0.0.1", {line}), "10.0.0.1") << line;
    }
    EXPECT_EQ(found("10.0.0.1", {"unknown, 10.0.0.2"}), "10.0.0.2");
}

TEST_F(client_address_test, ports_are_left_out) {
    EXPECT_EQ(found("10.0.0.1", {"198.51.100.1:4711"}), "198.51.100.1");
    EXPECT_EQ(found("10.0.0.1", {"[2001:db9::1]:4711"}), "2001:db9::1");
    EXPECT_EQ(found("10.0.0.1", {"[2001:db9::1]"}), "2001:db9::1");
    EXPECT_EQ(found("10.0.0.1", {"2001:db9::1"}), "2001:db9::1");
}

TEST_F(client_address_test, trusted_unix_sockets_speak_for_clients) {
    trusted.unix_sockets = true;
    EXPECT_EQ(found("", {"198.51.100.1"}), "198.51.100.1");
    EXPECT_EQ(found("", {}), "");
}

} // namespace
} // namespace bearward::policies::requests
