// What names in braces stand for, and when nobody can tell.
#include "policies/rules/operand.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace bearward::policies::rules {
namespace {

using ::testing::HasSubstr;

class operand_test : public ::testing::Test {
protected:
    /// The value of an operand; "unknown" where it is.
    std::string value(std::string_view written) {
        request.headers = headers;
        operand_values values(captures);
        values.request = &request;
        values.headers = kinds;
        std::string memory;
        const operand parsed = operand::parse(written).value(); // the value may be a view into it
        const auto found = resolve(parsed, values, memory);
        return found ? std::string(*found) : "unknown";
    }

    std::vector<capture> captures{{.name = "tenant", .value = "a/b"}, {.name = "empty", .value = ""}};
    std::vector<requests::header> headers;
    requests::header_rules kinds;
    requests::request_view request;
};

TEST_F(operand_test, text_and_names_make_one_value) {
    request.host = "acme.eu.example.com";
    headers = {{"X-Org", "o-1"}};
    request.query = "region=north%20west&x=a+b";
    EXPECT_EQ(value("plain"), "plain");
    EXPECT_EQ(value("{tenant}"), "a/b");
    EXPECT_EQ(value("org-{tenant}"), "org-a/b");
    EXPECT_EQ(value("{host.1}:{host.2}"), "acme:eu");
    EXPECT_EQ(value("{header.X-Org}/{query.region}/{query.x}"), "o-1/north west/a b");
    EXPECT_EQ(value("{header.x-org}"), "o-1") << "names of headers have no case";
}

TEST_F(operand_test, what_is_absent_empty_or_repeated_is_unknown_and_so_is_the_whole) {
    headers = {{"X-Empty", ""}, {"X-Two", "a"}, {"x-two", "a"}};
    request.query = "empty=&two=a&two=a&bare&%74hree=a&three=b&bad=%zz&org=a;org2=b";
    request.host = "example";
    for (const char* unknown :
         {"{empty}", "{unbound}", "{header.X-None}", "{header.X-Empty}", "{header.X-Two}", "{query.none}", "{query.empty}", "{query.two}",
          "{query.bare}", "{query.three}", "{query.bad}", "{query.Org}", "{query.org2}", "{host.2}", "a-{empty}", "{header.X-None}-b"}) {
        EXPECT_EQ(value(unknown), "unknown") << unknown;
    }
    EXPECT_EQ(value("{query.org}"), "a;org2=b") << "`;` does not separate";
    request.host = "[::1]";
    EXPECT_EQ(value("{host.1}"), "unknown");
}

TEST_F(operand_test, a_header_counts_as_it_will_be_forwarded) {
    headers = {{"X-Org", "a"}, {"X_Org", "b"}};
    EXPECT_EQ(value("{header.X-Org}"), "a") << "the other one is dropped";
    kinds.drop_unusual_names = false;
    EXPECT_EQ(value("{header.X-Org}"), "unknown") << "the app may read either";
    headers = {{"X.Org", "b"}};
    EXPECT_EQ(value("{header.X-Org}"), "unknown");
    headers = {{"X-Org", "a"}, {"Connection", "close, x-org"}};
    EXPECT_EQ(value("{header.X-Org}"), "unknown") << "it ends at this hop";
    headers = {{"X-Client-IP", "10.0.0.1"}, {"X-HTTP-Method-Override", "PUT"}, {"X-Forwarded-User", "u"}};
    EXPECT_EQ(value("{header.X-Client-IP}"), "unknown");
    EXPECT_EQ(value("{header.X-HTTP-Method-Override}"), "unknown");
    EXPECT_EQ(value("{header.X-Forwarded-User}"), "unknown");
    request.trusted_peer = true;
    kinds.drop_rewrites = false;
    EXPECT_EQ(value("{header.X-Client-IP}"), "10.0.0.1");
    EXPECT_EQ(value("{header.X-HTTP-Method-Override}"), "PUT");
    EXPECT_EQ(value("{header.X-Forwarded-User}"), "u");
}

TEST_F(operand_test, what_is_no_operand_is_refused) {
    for (const char* bad : {"{", "}", "a{b", "a}b", "{}", "{a b}", "{1a}", "{a-b}", "{{a}}", "{header.}", "{header.X Y}", "{query.}",
                            "{host.0}", "{host.x}", "{host.1x}", "{host.}", "{host.128}", "{cookie.x}", "{claims.sub}"}) {
        ASSERT_FALSE(operand::parse(bad).has_value()) << bad;
        EXPECT_THAT(operand::parse(bad).error(), HasSubstr("{equals: TEXT}")) << bad;
    }
    for (const char* star : {"*", "a*", "{tenant}*"}) {
        ASSERT_FALSE(operand::parse(star).has_value()) << star;
        EXPECT_THAT(operand::parse(star).error(), HasSubstr("matches")) << star;
    }
}

TEST_F(operand_test, is_written_as_it_was_read) {
    for (const char* text : {"plain", "{tenant}", "org-{tenant}-{host.2}", "{header.X-Org}", "{query.a b}"}) {
        EXPECT_EQ(operand::parse(text).value().written(), text);
    }
    EXPECT_TRUE(operand::parse("plain").value().is_literal());
    EXPECT_FALSE(operand::parse("{a}b").value().is_literal());
}

} // namespace
} // namespace bearward::policies::rules
