#include "policies/requests/network.hpp"

#include <gtest/gtest.h>

namespace bearward::policies::requests {
namespace {

bool inside(std::string_view net, std::string_view address) {
    const auto parsed = parse_network(net);
    const auto of = parse_ip_address(address);
    EXPECT_TRUE(parsed && of) << net << ' ' << address;
    return parsed && of && parsed->contains(*of);
}

TEST(network_test, contains_what_shares_its_prefix) {
    EXPECT_TRUE(inside("10.0.0.0/8", "10.255.0.1"));
    EXPECT_FALSE(inside("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(inside("192.0.2.128/25", "192.0.2.255"));
    EXPECT_FALSE(inside("192.0.2.128/25", "192.0.2.127"));
    EXPECT_TRUE(inside("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(inside("192.0.2.1", "192.0.2.2"));
    EXPECT_TRUE(inside("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(inside("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_TRUE(inside("::/0", "192.0.2.1"));
    EXPECT_TRUE(inside("0.0.0.0/0", "255.1.2.3"));
    EXPECT_FALSE(inside("0.0.0.0/0", "2001:db8::1")) << "all of IPv4 is not all of IPv6";
}

TEST(network_test, an_ipv4_address_is_the_same_in_its_ipv6_spelling) {
    EXPECT_TRUE(inside("10.0.0.0/8", "::ffff:10.1.2.3"));
    EXPECT_EQ(to_string(*parse_ip_address("::ffff:10.1.2.3")), "10.1.2.3");
    EXPECT_EQ(to_string(*parse_ip_address("2001:DB8:0:0::1")), "2001:db8::1");
    EXPECT_TRUE(inside("fe80::/10", "fe80::1%eth0"));
}

TEST(network_test, refuses_what_is_unclear) {
    for (const auto* text :
         {"", "10", "10.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.1/8", "2001:db8::/129",
          "2001:db8::1/32", "example.com", "10.0.0.256", "010.0.0.1", "fe80::1%eth0", "10.0.0.0/ 8", "[::1]"}) {
        EXPECT_FALSE(parse_network(text).has_value()) << text;
    }
    EXPECT_FALSE(parse_ip_address(std::string_view("10.0.0.1\0", 9)).has_value());
    EXPECT_FALSE(parse_ip_address("0000:0000:0000:0000:0000:ffff:255.255.255.2555").has_value());
}

TEST(network_test, is_shown_as_it_is_read) {
    for (const auto* text : {"10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1", "0.0.0.0/0", "::/0"}) {
        EXPECT_EQ(to_string(*parse_network(text)), text);
    }
}

TEST(trusted_peers_test, are_named_networks_and_unix_sockets_only_if_said_so) {
    trusted_peers peers{{*parse_network("10.0.0.0/8"), *parse_network("::1")}, false};
    EXPECT_TRUE(peers.contains("10.9.8.7"));
    EXPECT_TRUE(peers.contains("::1"));
    EXPECT_FALSE(peers.contains("127.0.0.1"));
    EXPECT_FALSE(peers.contains("nonsense"));
    EXPECT_FALSE(peers.contains(""));
    peers.unix_sockets = true;
    EXPECT_TRUE(peers.contains(""));
    EXPECT_TRUE(trusted_peers{}.empty());
    EXPECT_FALSE(trusted_peers{}.contains("127.0.0.1"));
}

} // namespace
} // namespace bearward::policies::requests
