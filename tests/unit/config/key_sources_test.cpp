// What a key source is made of, and when a reload finds it unchanged.
#include "config/configuration.hpp"
#include "config/secret.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace bearward::config {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

key_source_settings source(const std::string& keys, const std::string& jwks = "{}",
                           const std::string& more = "issuer: https://id.example.com/") {
    const std::string text =
        "version: 1\nlisten: [{address: \"127.0.0.1:8080\"}]\nproviders:\n  main: {audiences: [a], algorithms: [RS256], " + more +
        ", keys: {" + keys + "}, jwks: " + jwks + "}\nroutes: [{prefix: /, auth: none, upstream: app}]\n" +
        "upstreams: {app: {servers: [\"127.0.0.1:1\"]}}\n";
    load_options options;
    options.environment = [](const std::string& name) { return name == "SECRET" ? std::optional<std::string>("one") : std::nullopt; };
    auto result = load_text(text, "test.yaml", options);
    for (const diagnostic& each : result.diagnostics) {
        EXPECT_NE(each.severity, diagnostic::kind::error) << to_string(each);
    }
    return result.loaded && result.loaded->key_sources.size() == 1 ? result.loaded->key_sources.front() : key_source_settings{};
}

const std::string url_keys = "jwks_url: \"https://id.example.com/keys\"";
const std::string document_keys = "discovery_url: \"https://id.example.com/.well-known/openid-configuration\"";

std::vector<std::string> issuers_of(const key_source_settings& from) {
    std::vector<std::string> texts;
    for (const auto& each : from.issuers) {
        texts.push_back(each.text());
    }
    return texts;
}

TEST(key_source_settings, have_the_documented_defaults) {
    const auto made = source(url_keys);
    EXPECT_EQ(made.provider, "main");
    EXPECT_FALSE(made.discovery);
    EXPECT_EQ(made.from.text, "https://id.example.com/keys");
    EXPECT_EQ(made.algorithms, std::vector{policies::jose::algorithm::rs256});
    EXPECT_EQ(made.how.refresh, 5min);
    EXPECT_EQ(made.how.min_refresh, 10s);
    EXPECT_EQ(made.how.timeout, 5s);
    EXPECT_EQ(made.how.max_stale, 24h);
    EXPECT_FALSE(made.how.authorization.value.given);
    EXPECT_TRUE(made.how.cache_file.value.empty() && made.how.authorities.empty());
}

TEST(key_source_settings, expect_the_providers_issuer_of_a_document) {
    EXPECT_EQ(issuers_of(source(document_keys)), std::vector<std::string>{"https://id.example.com/"});
    EXPECT_EQ(issuers_of(source(document_keys, "{}",
                                "issuer: [\"https://a.example.com\", \"https://b.example.com/{tid}\"], required_claims: {tid: t}")),
              (std::vector<std::string>{"https://a.example.com", "https://b.example.com/{tid}"}));
    EXPECT_EQ(issuers_of(source(document_keys, "{}", "type: jwt")),
              (std::vector<std::string>{"https://id.example.com", "https://id.example.com/"}))
        << "without one the document's own place says whose it is";
}

TEST(key_source_settings, are_equal_where_they_mean_the_same) {
    EXPECT_EQ(source(url_keys), source(url_keys));
    EXPECT_EQ(source(url_keys), source(url_keys, "{refresh: 300s, min_refresh: 10s, max_stale: 1440m}")) << "defaults that are written out";
    EXPECT_EQ(source(url_keys), source(url_keys, "{}", "clock_skew: 1s, issuer: https://id.example.com/"))
        << "what is no matter of fetching";
}

TEST(key_source_settings, differ_by_each_setting) {
    const auto usual = source(url_keys);
    for (const char* jwks : {"{refresh: 1m}", "{min_refresh: 9s}", "{timeout: 1s}", "{max_stale: 1h}", "{cache_file: /tmp/x}",
                             "{authorization: {env: SECRET}}"}) {
        const auto other = source(url_keys, jwks);
        EXPECT_FALSE(other == usual) << jwks;
        EXPECT_TRUE(same_origin(other, usual)) << jwks;
    }
    for (const char* more : {"allow_weak_keys: true", "allow_weak_keys: false"}) {
        EXPECT_TRUE(same_origin(source(url_keys, "{}", more), usual)) << more;
    }
    EXPECT_FALSE(source(url_keys, "{}", "allow_weak_keys: true") == usual);
}

TEST(key_source_settings, are_of_another_origin_with_another_url_issuer_or_authority) {
    const auto usual = source(document_keys);
    EXPECT_FALSE(same_origin(source(url_keys), source("jwks_url: \"https://id.example.com/other\"")));
    EXPECT_FALSE(same_origin(source("jwks_url: \"https://id.example.com/.well-known/openid-configuration\""), usual));
    EXPECT_FALSE(same_origin(source(document_keys, "{}", "issuer: https://id.example.com"), usual));
    const std::string ca = std::string(BEARWARD_SOURCE_DIR) + "/tests/golden/config/keys/tls_ca.crt";
    EXPECT_FALSE(same_origin(source(document_keys, "{ca: \"" + ca + "\"}"), usual));
    EXPECT_EQ(source(document_keys, "{ca: \"" + ca + "\"}"), source(document_keys, "{ca: \"" + ca + "\"}"))
        << "read twice, the same certificate";
}

class secret_again : public ::testing::Test {
protected:
    secret_again() {
        secret.given = true;
        secret.file = path;
        secret.value = "as it was";
    }
    ~secret_again() override { std::filesystem::remove(path); }

    void write(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }

    std::string path = std::filesystem::temp_directory_path() / ("secret-" + std::to_string(::getpid()));
    secret_settings secret;
};

TEST_F(secret_again, is_read_from_its_file) {
    write("first\n");
    EXPECT_EQ(read_again(secret).value(), "first");
    write("second\r\n");
    EXPECT_EQ(read_again(secret).value(), "second");
    write("7365636f6e64\n");
    secret.encoding = secret_encoding::hex;
    EXPECT_EQ(read_again(secret).value(), "second");
}

TEST_F(secret_again, from_elsewhere_is_as_it_was) {
    secret.file.clear();
    EXPECT_EQ(read_again(secret).value(), "as it was");
}

TEST_F(secret_again, that_cant_be_used_is_an_error_that_does_not_show_it) {
    EXPECT_THAT(read_again(secret).error(), HasSubstr("No such file"));
    for (const char* text : {"", "\n", " hunter2", "hunter2\n\n", "\xFFhunter2"}) {
        write(text);
        const auto read = read_again(secret);
        ASSERT_FALSE(read.has_value()) << text;
        EXPECT_THAT(read.error(), HasSubstr("secret"));
        EXPECT_EQ(read.error().find("hunter2"), std::string::npos);
    }
}

} // namespace
} // namespace bearward::config
