// Whose a certificate is, by patterns of its names.
#include "policies/tokens/certificate_match.hpp"
#include "shown_certificate.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace bearward::policies::tokens {
namespace {

using requests::certificate_fact;
using test::shown_certificate;
using ::testing::ElementsAre;
using namespace std::chrono_literals;

constexpr time_point end{1'800'000'000s};

shown_certificate device() {
    return shown_certificate({.subject = "CN=sensor-1,O=Acme",
                              .dns = {"other.test", "a.devices.example.com", "b.devices.example.com"},
                              .uris = {"spiffe://example.org/ns/a"},
                              .not_after = end});
}

verified_token_ptr match(const certificate_match& entry, const shown_certificate& shown = device()) {
    return match_certificate(std::vector{entry}, "devices", shown);
}

certificate_match by_dns(std::string pattern) {
    certificate_match made;
    made.dns = std::move(pattern);
    return made;
}

TEST(certificate_match, the_name_that_matched_first_is_the_user) {
    certificate_match entry = by_dns("*.devices.example.com");
    entry.user = {.from = certificate_fact::dns, .text = {}};
    entry.tenant = {.from = {}, .text = "acme"};
    entry.roles = {{.from = {}, .text = "device"}, {.from = certificate_fact::uri, .text = {}}};
    entry.scopes = {{.from = certificate_fact::subject, .text = {}}, {.from = certificate_fact::sha256, .text = {}}};
    const auto known = match(entry);
    ASSERT_NE(known, nullptr);
    EXPECT_EQ(known->who.provider, "devices");
    EXPECT_EQ(known->who.user, "a.devices.example.com");
    EXPECT_EQ(known->who.tenant, "acme");
    EXPECT_THAT(known->who.roles, ElementsAre("device", "spiffe://example.org/ns/a"));
    EXPECT_THAT(known->who.scopes, ElementsAre("CN=sensor-1,O=Acme", test::hex_of_hash));
    EXPECT_EQ(known->expires, end) << "it ends with the certificate";
    EXPECT_TRUE(known->who.claims.empty());
}

TEST(certificate_match, a_pattern_compares_the_whole_name) {
    EXPECT_NE(match(by_dns("a.devices.example.com")), nullptr);
    EXPECT_NE(match(by_dns("*")), nullptr);
    for (const std::string pattern :
         {"devices.example.com", "a.devices", "*.devices.example.co", "evices.example.com", "a.devices.example.com.*"}) {
        EXPECT_EQ(match(by_dns(pattern)), nullptr) << pattern;
    }
    certificate_match by_uri;
    by_uri.uri = "spiffe://example.org/*";
    EXPECT_NE(match(by_uri), nullptr);
    by_uri.uri = "spiffe://example.com/*";
    EXPECT_EQ(match(by_uri), nullptr);
}

TEST(certificate_match, all_patterns_of_an_entry_must_fit) {
    certificate_match entry = by_dns("*.devices.example.com");
    entry.subject = "CN=*,O=Acme";
    entry.uri = "spiffe://example.org/*";
    EXPECT_NE(match(entry), nullptr);
    for (std::string certificate_match::* each : {&certificate_match::dns, &certificate_match::subject, &certificate_match::uri}) {
        certificate_match other = entry;
        other.*each = "no";
        EXPECT_EQ(match(other), nullptr);
    }
}

TEST(certificate_match, of_several_entries_the_first_that_fits_counts) {
    std::vector<certificate_match> entries{by_dns("no.test"), by_dns("*.devices.example.com"), by_dns("*")};
    for (std::size_t index = 0; index < entries.size(); ++index) {
        entries[index].user.text = std::to_string(index);
    }
    EXPECT_EQ(match_certificate(entries, "devices", device())->who.user, "1");
}

TEST(certificate_match, a_name_without_a_pattern_of_its_own_must_be_the_only_one) {
    certificate_match entry;
    entry.subject = "CN=sensor-1,*";
    entry.user = {.from = certificate_fact::uri, .text = {}};
    EXPECT_EQ(match(entry)->who.user, "spiffe://example.org/ns/a");
    entry.user = {.from = certificate_fact::dns, .text = {}};
    EXPECT_EQ(match(entry), nullptr) << "three names: none is the one";
    EXPECT_EQ(match(entry, shown_certificate({.subject = "CN=sensor-1,O=Acme", .dns = {}, .uris = {}})), nullptr) << "none at all";
}

TEST(certificate_match, without_a_verified_certificate_or_a_name_nothing_fits) {
    shown_certificate unverified = device();
    unverified.verified = false;
    EXPECT_EQ(match(by_dns("*"), unverified), nullptr);
    certificate_match any_subject;
    any_subject.subject = "*";
    EXPECT_EQ(match(any_subject, shown_certificate({.subject = "", .dns = {}, .uris = {}})), nullptr);
    EXPECT_EQ(match(by_dns("*"), shown_certificate({.subject = "CN=a", .dns = {}, .uris = {}})), nullptr);
}

TEST(certificate_match, an_escaped_comma_never_passes_for_one_between_parts) {
    EXPECT_TRUE(matches_subject("CN=*,O=Acme", "CN=sensor-1,O=Acme"));
    EXPECT_FALSE(matches_subject("CN=*,O=Acme", "CN=x\\,O=Acme"));
    EXPECT_FALSE(matches_subject("CN=*,O=Acme", "CN=x\\2CO=Acme"));
    EXPECT_FALSE(matches_subject("CN=*+UID=1", "CN=x\\+UID=1"));
    EXPECT_TRUE(matches_subject("CN=*\\,O=Acme", "CN=x\\,O=Acme")) << "who writes the escape means it";
    EXPECT_TRUE(matches_subject("CN=a\\2Cb", "CN=a\\,b")) << "both forms of an escape are one";
    EXPECT_TRUE(matches_subject("CN=M\\c3\\bcller", "CN=M\\C3\\BCller"));
    EXPECT_FALSE(matches_subject("CN=*Cb", "CN=a\\2Cb")) << "no part of an escape";
    EXPECT_FALSE(matches_subject("CN=*,b", "CN=a\\\\\\,b"));
    EXPECT_TRUE(matches_subject("CN=a\\\\,O=b", "CN=a\\\\,O=b"));
    EXPECT_TRUE(matches_subject("CN=*,O=b", "CN=a\\\\,O=b")) << "that backslash is the value's own";
}

TEST(certificate_match, a_backslash_in_a_pattern_escapes_something) {
    for (const std::string_view good : {"CN=a", "CN=a\\,b", "CN=\\C3\\bc", "CN=\\\\", "CN=\\ a", "CN=\\#a"}) {
        EXPECT_EQ(fault_of_subject_pattern(good), "") << good;
    }
    for (const std::string_view wrong : {"CN=\\", "CN=\\*", "CN=\\x", "CN=\\C", "CN=\\Cx", "\\d+"}) {
        EXPECT_NE(fault_of_subject_pattern(wrong), "") << wrong;
    }
}

} // namespace
} // namespace bearward::policies::tokens
