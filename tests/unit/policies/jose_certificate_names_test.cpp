// What is read of a certificate, where it says what nobody should.
#include "policies/jose/certificate_names.hpp"

#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bearward::policies::jose {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr long end_of_1970s = 315'532'800;

/// A certificate without key and signature: names are read of what is verified elsewhere.
class maker {
public:
    maker() { ASN1_TIME_set(X509_getm_notAfter(made_.get()), end_of_1970s); }

    /// As one of UTF-8 unless said otherwise; nothing is checked.
    maker& attribute(const std::string& name, const std::string& value, int type = V_ASN1_UTF8STRING) {
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made_.get()), name.c_str(), type,
                                   reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()), -1, 0);
        return *this;
    }
    maker& alternative(int type, const std::string& value) {
        GENERAL_NAME* const name = GENERAL_NAME_new();
        ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
        ASN1_STRING_set(text, value.data(), static_cast<int>(value.size()));
        GENERAL_NAME_set0_value(name, type, text);
        sk_GENERAL_NAME_push(names_.get(), name);
        return *this;
    }
    certificate_names read() {
        X509_add1_ext_i2d(made_.get(), NID_subject_alt_name, names_.get(), 0, X509V3_ADD_REPLACE);
        return read_certificate_names(*made_);
    }
    X509& bare() { return *made_; }

private:
    std::unique_ptr<X509, decltype(&X509_free)> made_{X509_new(), &X509_free};
    std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names_{GENERAL_NAMES_new(), &GENERAL_NAMES_free};
};

TEST(certificate_names, a_subject_is_as_rfc_2253_writes_it) {
    EXPECT_EQ(maker().attribute("C", "DE").attribute("O", "Example, Inc.").attribute("CN", "sensor-1").read().subject,
              "CN=sensor-1,O=Example\\, Inc.,C=DE");
    EXPECT_EQ(maker().attribute("CN", "M\xC3\xBCller").read().subject, "CN=M\\C3\\BCller");
    EXPECT_EQ(maker().attribute("CN", "M\xFCller", V_ASN1_T61STRING).read().subject, "CN=M\\C3\\BCller");
    EXPECT_EQ(maker().attribute("CN", "x,O=Acme").read().subject, "CN=x\\,O=Acme");
    EXPECT_EQ(maker().read().subject, "");
}

TEST(certificate_names, nothing_in_a_subject_can_end_a_header_or_hide_its_rest) {
    for (const std::string& value : {"a\r\nX-User-Id: root"s, "a\0b"s, "\x1B[0m"s, "a\x7F"s, "\xE2\x80\xAE"s}) {
        const std::string subject = maker().attribute("CN", value).read().subject;
        EXPECT_NE(subject, "CN=" + value);
        for (const char byte : subject) {
            EXPECT_TRUE(byte >= 0x20 && byte <= 0x7E) << subject;
        }
    }
    EXPECT_EQ(maker().attribute("CN", "a\0b"s).read().subject, "CN=a\\00b");
}

TEST(certificate_names, host_names_count_in_lower_case_and_in_their_order) {
    EXPECT_THAT(maker().alternative(GEN_DNS, "B.Example.com").alternative(GEN_DNS, "a.example.com").alternative(GEN_DNS, "_x.y").read().dns,
                ElementsAre("b.example.com", "a.example.com", "_x.y"));
}

TEST(certificate_names, what_is_no_host_name_is_left_out) {
    const std::vector<std::string> wrong{"*.example.com",
                                         "*",
                                         "a.*.b",
                                         "a,b.example.com",
                                         "a b",
                                         "a\r\nb",
                                         "a.example.com\0.evil.test"s,
                                         "\0"s,
                                         "",
                                         ".",
                                         ".example.com",
                                         "example.com.",
                                         "a..b",
                                         "m\xC3\xBCller.test",
                                         "a%2Cb",
                                         "a/b",
                                         "a@b",
                                         "a:1",
                                         std::string(64, 'a') + ".test",
                                         std::string(127, 'a').replace(63, 1, ".") + "." + std::string(127, 'a').replace(63, 1, ".")};
    for (const std::string& name : wrong) {
        EXPECT_THAT(maker().alternative(GEN_DNS, name).read().dns, IsEmpty()) << name;
    }
    EXPECT_THAT(maker().alternative(GEN_DNS, "a,b").alternative(GEN_DNS, "c.test").read().dns, ElementsAre("c.test"));
}

TEST(certificate_names, uris_are_of_printable_ascii_without_blanks) {
    EXPECT_THAT(maker().alternative(GEN_URI, "spiffe://Example.org/ns/a,b").alternative(GEN_URI, "urn:x%20y").read().uris,
                ElementsAre("spiffe://Example.org/ns/a,b", "urn:x%20y"));
    for (const std::string& uri : {"a b"s, "a\nb"s, "a\0b"s, "\xC3\xBC"s, ""s, "urn:" + std::string(2045, 'x')}) {
        EXPECT_THAT(maker().alternative(GEN_URI, uri).read().uris, IsEmpty()) << uri;
    }
}

TEST(certificate_names, other_kinds_are_no_names_and_the_subject_is_no_host_name) {
    const certificate_names read = maker().attribute("CN", "host.test").alternative(GEN_EMAIL, "a@host.test").read();
    EXPECT_THAT(read.dns, IsEmpty());
    EXPECT_THAT(read.uris, IsEmpty());
}

TEST(certificate_names, a_bounded_number_of_each_kind_is_read) {
    maker made;
    for (int index = 0; index < 1000; ++index) {
        made.alternative(GEN_DNS, "h" + std::to_string(index) + ".test").alternative(GEN_URI, "urn:" + std::to_string(index));
    }
    const certificate_names read = made.read();
    EXPECT_THAT(read.dns, SizeIs(most_certificate_names));
    EXPECT_THAT(read.uris, SizeIs(most_certificate_names));
}

TEST(certificate_names, an_end_that_can_not_be_read_is_over) {
    EXPECT_EQ(maker().read().not_after, time_point(std::chrono::seconds(end_of_1970s)));
    maker odd;
    ASN1_STRING_set(X509_getm_notAfter(&odd.bare()), "soon", 4);
    EXPECT_EQ(odd.read().not_after, time_point::min());
    maker far;
    ASN1_TIME_set_string_X509(X509_getm_notAfter(&far.bare()), "99991231235959Z");
    EXPECT_EQ(far.read().not_after, time_point(253'402'300'799s));
}

} // namespace
} // namespace bearward::policies::jose
