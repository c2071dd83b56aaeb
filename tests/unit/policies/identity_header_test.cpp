// What the app gets of an identity.
#include "policies/decide.hpp"
#include "shown_certificate.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace bearward::policies {
namespace {

TEST(identity_header_value_test, values_are_encoded_so_that_they_can_not_be_misread) {
    identity who;
    who.provider = "main";
    who.user = "J\xC3\xB6rg 100%\r\nX-Admin: 1";
    who.tenant = "t,1";
    who.roles = {"a,admin", "b c", "", "r%"};
    who.scopes = {"read", "a b", "x,y"};
    who.claims = boost::json::parse(R"({"n": 42, "b": true, "z": null, "s": "x y", "l": ["a,b", 1, null, ""], "o": {"p": "q"},
                                "d": 1.5, "t": 1700000000.123, "h": 100.0, "m": [0.25, 2], "w": {"x": 1e2}})")
                     .as_object();
    using source = identity_header::source;
    const auto value = [&](source from, tokens::claim_path path = {}) { return identity_header_value({"X", from, std::move(path)}, who); };
    EXPECT_EQ(value(source::user), "J%C3%B6rg%20100%25%0D%0AX-Admin:%201");
    EXPECT_EQ(value(source::tenant), "t,1");
    EXPECT_EQ(value(source::roles), "a%2Cadmin,b%20c,r%25");
    EXPECT_EQ(value(source::scopes), "read a%20b x,y");
    EXPECT_EQ(value(source::provider), "main");
    EXPECT_EQ(value(source::claim, {"n"}), "42");
    EXPECT_EQ(value(source::claim, {"b"}), "true");
    EXPECT_EQ(value(source::claim, {"d"}), "1.5");
    EXPECT_EQ(value(source::claim, {"t"}), "1700000000.123");
    EXPECT_EQ(value(source::claim, {"h"}), "100");
    EXPECT_EQ(value(source::claim, {"m"}), "0.25,2");
    EXPECT_EQ(value(source::claim, {"w"}), R"({"x":100})");
    EXPECT_EQ(value(source::claim, {"z"}), "");
    EXPECT_EQ(value(source::claim, {"s"}), "x%20y");
    EXPECT_EQ(value(source::claim, {"l"}), "a%2Cb,1");
    EXPECT_EQ(value(source::claim, {"o", "p"}), "q");
    EXPECT_EQ(value(source::claim, {"o"}), R"({"p":"q"})");
    EXPECT_EQ(value(source::claim, {"absent", "x"}), "");
    EXPECT_EQ(value(source::claim), "");
    EXPECT_EQ(identity_header_value({"X", source::user, {}}, identity{}), "");
}

TEST(certificate_header_value_test, names_are_listed_and_none_can_pass_for_two) {
    const test::shown_certificate shown({.subject = "CN=a b,O=100%", .dns = {"a.test", "b.test"}, .uris = {"urn:a,urn:b", "urn:%2C"}});
    const auto value = [&](requests::certificate_fact fact) {
        return certificate_header_value({.name = "X", .from = identity_header::source::certificate, .certificate = fact}, shown);
    };
    EXPECT_EQ(value(requests::certificate_fact::subject), "CN=a%20b,O=100%25");
    EXPECT_EQ(value(requests::certificate_fact::dns), "a.test,b.test");
    EXPECT_EQ(value(requests::certificate_fact::uri), "urn:a%2Curn:b,urn:%252C");
    EXPECT_EQ(value(requests::certificate_fact::sha256), test::hex_of_hash);
    EXPECT_EQ(identity_header_value({.name = "X", .from = identity_header::source::certificate}, identity{}), "");
}

TEST(certificate_header_value_test, what_was_not_verified_is_not_told) {
    test::shown_certificate shown({.subject = "CN=a", .dns = {"a.test"}, .uris = {}});
    shown.verified = false;
    for (const auto& row : requests::certificate_fact_table) {
        EXPECT_EQ(certificate_header_value({.name = "X", .from = identity_header::source::certificate, .certificate = row.value}, shown),
                  "");
    }
}

} // namespace
} // namespace bearward::policies
