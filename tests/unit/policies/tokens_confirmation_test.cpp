// What of `cnf` is understood; the rest no request can prove.
#include "policies/tokens/confirmation.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace bearward::policies::tokens {
namespace {

using testing::HasSubstr;

const std::string hash = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"; // RFC 8705 section 3.1's

confirmation parsed(std::string_view claim) {
    const boost::json::value value = boost::json::parse(claim);
    return parse_confirmation(&value);
}

TEST(confirmation, absent_or_null_binds_nothing) {
    EXPECT_EQ(parse_confirmation(nullptr), confirmation{});
    EXPECT_EQ(parsed("null"), confirmation{});
}

TEST(confirmation, names_a_certificate_a_key_or_both) {
    EXPECT_EQ(parsed(R"({"x5t#S256":")" + hash + "\"}"), (confirmation{.present = true, .certificate = hash, .key = {}, .fault = {}}));
    EXPECT_EQ(parsed(R"({"jkt":")" + hash + "\"}"), (confirmation{.present = true, .certificate = {}, .key = hash, .fault = {}}));
    EXPECT_EQ(parsed(R"({"jkt":")" + hash + R"(","x5t#S256":")" + hash + R"(","jwe":null})"),
              (confirmation{.present = true, .certificate = hash, .key = hash, .fault = {}}));
}

TEST(confirmation, what_is_not_understood_is_a_fault_beside_what_is) {
    for (const char* other :
         {R"("jwk":{})", R"("jwe":"x")", R"("kid":"k")", R"("jku":"https://x/")", R"("x5t#S512":"x")", R"("JKT":"x")"}) {
        const confirmation made = parsed(R"({"jkt":")" + hash + "\"," + other + "}");
        EXPECT_TRUE(made.present) << other;
        EXPECT_THAT(made.fault, HasSubstr("which can't be verified")) << other;
    }
}

TEST(confirmation, anything_but_an_object_of_hashes_is_a_fault) {
    for (const char* claim : {"7", "\"x\"", "[]", "true"}) {
        EXPECT_EQ(parsed(claim).fault, "cnf is not an object") << claim;
        EXPECT_TRUE(parsed(claim).present) << claim;
    }
    EXPECT_EQ(parsed("{}").fault, "cnf says nothing");
    EXPECT_EQ(parsed(R"({"jkt":null})").fault, "cnf says nothing");
    for (const std::string& value : {std::string("7"), std::string("\"\""), "\"" + hash + "=\"", "\"" + hash + "A\"",
                                     "\"" + hash.substr(1) + "\"", "\"" + hash.substr(0, 42) + "1\"", "\"+" + hash.substr(1) + "\""}) {
        EXPECT_EQ(parsed(R"({"jkt":)" + value + "}").fault, "cnf.jkt is not a SHA-256 in base64url") << value;
        EXPECT_EQ(parsed(R"({"x5t#S256":)" + value + "}").fault, "cnf.x5t#S256 is not a SHA-256 in base64url") << value;
    }
}

} // namespace
} // namespace bearward::policies::tokens
