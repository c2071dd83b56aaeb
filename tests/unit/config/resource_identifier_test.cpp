#include "config/resource_identifier.hpp"

#include <gmock/gmock.h>

namespace bearward::config {
namespace {

using testing::HasSubstr;

std::string metadata_of(std::string_view written) {
    const auto made = parse_resource_identifier(written);
    return made ? made->metadata_url : "refused: " + made.error();
}

// RFC 9728 section 3.1
TEST(resource_identifier, the_well_known_path_goes_between_host_and_path) {
    EXPECT_EQ(metadata_of("https://api.test"), "https://api.test/.well-known/oauth-protected-resource");
    EXPECT_EQ(metadata_of("https://api.test/"), "https://api.test/.well-known/oauth-protected-resource");
    EXPECT_EQ(metadata_of("https://api.test/mcp"), "https://api.test/.well-known/oauth-protected-resource/mcp");
    EXPECT_EQ(metadata_of("https://api.test/a/b/"), "https://api.test/.well-known/oauth-protected-resource/a/b/");
    EXPECT_EQ(metadata_of("https://api.test:8443/mcp"), "https://api.test:8443/.well-known/oauth-protected-resource/mcp");
    EXPECT_EQ(metadata_of("http://127.0.0.1:8080"), "http://127.0.0.1:8080/.well-known/oauth-protected-resource");
    EXPECT_EQ(metadata_of("http://[::1]:8080/x"), "http://[::1]:8080/.well-known/oauth-protected-resource/x");
}

TEST(resource_identifier, its_host_is_compared_as_routes_compare_it) {
    EXPECT_EQ(parse_resource_identifier("https://API.Test:8443/x")->host, "api.test");
    EXPECT_EQ(parse_resource_identifier("http://[::1]:80/")->host, "[::1]");
    EXPECT_EQ(parse_resource_identifier("https://api.test/x")->path, "/.well-known/oauth-protected-resource/x");
    EXPECT_EQ(parse_resource_identifier("https://api.test/x")->text, "https://api.test/x");
}

TEST(resource_identifier, says_why_it_refuses) {
    EXPECT_THAT(metadata_of("http://api.test"), HasSubstr("write https://"));
    EXPECT_THAT(metadata_of("https://api.test./x"), HasSubstr("not a host name"));
    EXPECT_THAT(metadata_of("api.test"), HasSubstr("begins with https://"));
    EXPECT_THAT(metadata_of("https://api.test/#x"), HasSubstr("fragment"));
    EXPECT_THAT(metadata_of("https://api.test/?x=1"), HasSubstr("query"));
    EXPECT_THAT(metadata_of("https://u:p@api.test/"), HasSubstr("password"));
    EXPECT_THAT(metadata_of("https://api.test/a//b"), HasSubstr("write https://api.test/a/b"));
    EXPECT_THAT(metadata_of("https://api.test/a/../b"), HasSubstr("write https://api.test/b"));
    EXPECT_THAT(metadata_of("https://api.test/%61"), HasSubstr("write https://api.test/a"));
    for (const char* odd :
         {"", "https://", "https://api.test/a;b", "https://api.test/a%2Fb", "https://api.test/../x", "https://api.test/{x}",
          "https://api.test/%00", "https://api.test/a b", "https://*.api.test/", "https://api.test/\"x", "https://127.0.0.1.api.test:0/"}) {
        EXPECT_FALSE(parse_resource_identifier(odd)) << odd;
    }
}

TEST(server_identifier, is_an_https_url_without_query_and_fragment) {
    EXPECT_EQ(parse_server_identifier("https://id.test/realms/x"), "https://id.test/realms/x");
    EXPECT_EQ(parse_server_identifier("http://localhost:9000/"), "http://localhost:9000/");
    for (const char* odd :
         {"http://id.test/", "id.test", "https://id.test/?a", "https://id.test/#a", "https://id.test/{tid}", "https://u@id.test/"}) {
        EXPECT_FALSE(parse_server_identifier(odd)) << odd;
    }
}

} // namespace
} // namespace bearward::config
