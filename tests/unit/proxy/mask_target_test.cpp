#include "proxy/telemetry/access_log.hpp"

#include <gtest/gtest.h>

namespace bearward::proxy {
namespace {

std::string masked(std::string_view query) {
    return mask_target("/p", query, true, {"access_token", "jwt"});
}

TEST(mask_target, without_a_query_the_path_stays) {
    EXPECT_EQ(mask_target("/p", "", false, {"access_token"}), "/p");
    EXPECT_EQ(mask_target("/p", "", true, {"access_token"}), "/p?");
}

TEST(mask_target, hides_what_looks_like_a_token_wherever_it_stands) {
    EXPECT_EQ(mask_target("/reset/eyJhbGciOiJIUzI1NiJ9.e30.c2ln/x", "", false, {}), "/reset/***/x");
    EXPECT_EQ(masked("token=eyJhbGciOiJIUzI1NiJ9.e30.c2ln&a=1"), "/p?token=***&a=1");
    EXPECT_EQ(masked("token=eyJhbGciOiJIUzI1NiJ9%2Ee30%2ec2ln"), "/p?token=***");
    EXPECT_EQ(masked("a=eyJx.y"), "/p?a=eyJx.y") << "two parts are no token";
}

TEST(mask_target, hides_the_value_of_each_token_parameter) {
    EXPECT_EQ(masked("a=1&access_token=SECRET&b=2"), "/p?a=1&access_token=***&b=2");
    EXPECT_EQ(masked("access_token=SECRET"), "/p?access_token=***");
    EXPECT_EQ(masked("jwt=SECRET&access_token=SECRET&jwt=SECRET"), "/p?jwt=***&access_token=***&jwt=***");
}

TEST(mask_target, leaves_other_parameters_byte_for_byte) {
    EXPECT_EQ(masked("a=%20+x&&b&=c&d=e=f&"), "/p?a=%20+x&&b&=c&d=e=f&");
    EXPECT_EQ(masked("xaccess_token=1&access_tokens=2&access_token"), "/p?xaccess_token=1&access_tokens=2&access_token");
}

TEST(mask_target, names_are_compared_after_decoding_once) {
    EXPECT_EQ(masked("%61ccess_token=SECRET"), "/p?%61ccess_token=***");
    EXPECT_EQ(masked("access%5Ftoken=SECRET"), "/p?access%5Ftoken=***");
    EXPECT_EQ(masked("access%5ftoken=SECRET"), "/p?access%5ftoken=***");
    EXPECT_EQ(masked("%2561ccess_token=1"), "/p?%2561ccess_token=1");
    EXPECT_EQ(mask_target("/", "my+token=SECRET&my%20token=SECRET", true, {"my token"}), "/?my+token=***&my%20token=***");
}

TEST(mask_target, malformed_escapes_in_names_are_kept) {
    EXPECT_EQ(masked("%=1&%6=2&%zz=3&access_token%=4"), "/p?%=1&%6=2&%zz=3&access_token%=4");
}

TEST(mask_target, equals_signs_and_semicolons_in_a_token_end_nothing) {
    EXPECT_EQ(masked("access_token=SEC=RET;SECRET?SECRET"), "/p?access_token=***");
    EXPECT_EQ(masked("access_token="), "/p?access_token=***");
}

TEST(mask_target, other_readings_of_a_query_hide_the_token_too) {
    EXPECT_EQ(masked("a=1;access_token=SECRET&b=2"), "/p?a=1;access_token=***&b=2");
    EXPECT_EQ(masked("Access_Token=SECRET"), "/p?Access_Token=***");
    EXPECT_EQ(masked("a;b;;c=1;jwt=SECRET;d=2"), "/p?a;b;;c=1;jwt=***");
}

} // namespace
} // namespace bearward::proxy
