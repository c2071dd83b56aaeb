#include "jose_test_tokens.hpp"

#include "policies/jose/base64url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace bearward::policies;
using namespace bearward::policies::jose;
using testing::HasSubstr;

namespace {

const std::string rsa_pkcs1 = "-----BEGIN RSA PUBLIC KEY-----\n"
                              "MIIBCgKCAQEAyLEyGqpCpGm/AE2aHwdpWB5ZmROc1wD5SI6Du62Y+d2YMH5RtTKT\n"
                              "6cAvzcHGHneMDmzK2wBkyXT4349eRKcSs2r+Q01WuBsGbf4eu4dlVEBWaw4SVAl/\n"
                              "D0JddkCyNsoLX1vj987yl4kj6XGKilidoVyBpauvoqdwk/wMJ8aRG1YHVlIGglpH\n"
                              "qulKO5LXlAlaB2WLgRmJ2vKa+bRPoIjrDvkSU3ED81/68L3+M0oR1fqJTXCQ8C5R\n"
                              "fZaLjXjIBhrIJo9rkbatY7Ar7m/dF0JvZ5rFxBNscOmWamgCk86Bs7kf+JXkHFsw\n"
                              "iD1Pq7jUsHoeEvU9zN+l9NPJXYQfo+mHdwIDAQAB\n"
                              "-----END RSA PUBLIC KEY-----\n";
const std::string rsa_spki = "-----BEGIN PUBLIC KEY-----\n"
                             "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyLEyGqpCpGm/AE2aHwdp\n"
                             "WB5ZmROc1wD5SI6Du62Y+d2YMH5RtTKT6cAvzcHGHneMDmzK2wBkyXT4349eRKcS\n"
                             "s2r+Q01WuBsGbf4eu4dlVEBWaw4SVAl/D0JddkCyNsoLX1vj987yl4kj6XGKilid\n"
                             "oVyBpauvoqdwk/wMJ8aRG1YHVlIGglpHqulKO5LXlAlaB2WLgRmJ2vKa+bRPoIjr\n"
                             "DvkSU3ED81/68L3+M0oR1fqJTXCQ8C5RfZaLjXjIBhrIJo9rkbatY7Ar7m/dF0Jv\n"
                             "Z5rFxBNscOmWamgCk86Bs7kf+JXkHFswiD1Pq7jUsHoeEvU9zN+l9NPJXYQfo+mH\n"
                             "dwIDAQAB\n"
                             "-----END PUBLIC KEY-----\n";
const std::string ec_certificate = "-----BEGIN CERTIFICATE-----\n"
                                   "MIIBdTCCARugAwIBAgIUEa741Ayq7aP5qeJgXo5WtpS+V6gwCgYIKoZIzj0EAwIw\n"
                                   "DzENMAsGA1UEAwwEa2V5czAgFw0yNjExMjExMjAyMzRaGA8yMTI2MTAyODEyMDIz\n"
                                   "NFowDzENMAsGA1UEAwwEa2V5czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKfJ\n"
                                   "6gmRi7OlLw8OoJWZm3ffUpJl5hSAhVx6kf1/PtgXna+cnubtv7noym3IbWauuyEy\n"
                                   "rZj0GQbN/D00/MoDWY2jUzBRMB0GA1UdDgQWBBTJKCWwVq/ZmPNufDgcgLQ9uaFR\n"
                                   "LjAfBgNVHSMEGDAWgBTJKCWwVq/ZmPNufDgcgLQ9uaFRLjAPBgNVHRMBAf8EBTAD\n"
                                   "AQH/MAoGCCqGSM49BAMCA0gAMEUCIQDYxgpIb1i16ZKHromwINyadMjTMlHKourz\n"
                                   "PRMDR9L9IwIgS+SZ7nuwSHqWF96JNZDOVPAjfRgTwymh8sZq65/E+7c=\n"
                                   "-----END CERTIFICATE-----\n";
const std::string ec_spki = "-----BEGIN PUBLIC KEY-----\n"
                            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEp8nqCZGLs6UvDw6glZmbd99SkmXm\n"
                            "FICFXHqR/X8+2Bedr5ye5u2/uejKbchtZq67ITKtmPQZBs38PTT8ygNZjQ==\n"
                            "-----END PUBLIC KEY-----\n";
const std::string rsa_1024 = "-----BEGIN PUBLIC KEY-----\n"
                             "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCkDlay6Op0ijC5THglz7vGeeJz\n"
                             "MbKrlzT+9SOz1dghECT01G5TgdQjLBvzzzAbsULBskUnBNwgJoNpYVl/wkdndEdJ\n"
                             "FRw3EfwMzYYWRVisEe1ubAnrjrQjtBEsT2tH3OC3SW5QH6ei8GC1i2zj/SOljH2J\n"
                             "nCHGxaC01wbAnJqdRwIDAQAB\n"
                             "-----END PUBLIC KEY-----\n";
const std::string secp256k1 = "-----BEGIN PUBLIC KEY-----\n"
                              "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEqChE6Du9FOMwOX3K/INJpNmpXtMsbToB\n"
                              "bYZCnhYewYjmN9o5ZOs92PpuBZKpcEtcfkAVbJ+HSuTqtp0SuO4GCA==\n"
                              "-----END PUBLIC KEY-----\n";
const std::string ed448 = "-----BEGIN PUBLIC KEY-----\n"
                          "MEMwBQYDK2VxAzoAJKAzuRaIkUU+kNpTQoamlBm7+GHDATfNBZ6CBoozxNiRXIZy\n"
                          "bbC9eJvdJl2lUJgyjP/QbceRTX2A\n"
                          "-----END PUBLIC KEY-----\n";
const std::string x25519 = "-----BEGIN PUBLIC KEY-----\n"
                           "MCowBQYDK2VuAyEAd8ZHS0mahw1W0k1SyD1lsUxbREoUcTOUAIn/i9uOf30=\n"
                           "-----END PUBLIC KEY-----\n";

std::string error_of(const std::string& pem, const std::vector<algorithm>& algorithms = test::all_algorithms) {
    const auto set = parse_pem_keys(pem, test::options_for(algorithms));
    return set ? "accepted" : set.error();
}

TEST(pem_keys, reads_each_kind_of_public_key) {
    for (const algorithm value : test::all_algorithms) {
        if (is_hmac(value)) {
            continue;
        }
        const signing_key& key = test::shared_key(value);
        const auto set = parse_pem_keys(key.public_pem(), test::options_for(test::all_algorithms));
        ASSERT_TRUE(set) << set.error();
        ASSERT_EQ(set->keys.size(), 1U);
        EXPECT_EQ(set->selection, key_selection::ignore_id);
        EXPECT_TRUE(set->keys[0].allows(value)) << to_string(value);
        EXPECT_TRUE(verify_signature(set->keys[0], value, "message", key.sign(value, "message").value())) << to_string(value);
    }
}

TEST(pem_keys, reads_pkcs1_and_certificates) {
    EXPECT_EQ(error_of(rsa_pkcs1), "accepted");
    const auto set = parse_pem_keys(ec_certificate, test::options_for(test::all_algorithms));
    ASSERT_TRUE(set) << set.error();
    EXPECT_TRUE(set->keys[0].allows(algorithm::es256));
    EXPECT_FALSE(set->keys[0].allows(algorithm::es384));
}

TEST(pem_keys, reads_several_in_a_file_with_text_between) {
    const auto set = parse_pem_keys("old\n" + rsa_spki + "\nnew:\n" + ec_spki + ec_certificate, test::options_for(test::all_algorithms));
    ASSERT_TRUE(set) << set.error();
    EXPECT_EQ(set->keys.size(), 3U);
}

TEST(pem_keys, never_serve_as_hmac_secrets) {
    EXPECT_THAT(error_of(rsa_spki, {algorithm::hs256, algorithm::hs384, algorithm::hs512}), HasSubstr("fits none"));
    const auto set = parse_pem_keys(rsa_spki, test::options_for(test::all_algorithms));
    ASSERT_TRUE(set);
    const std::string forged = signing_key::from_secret(rsa_spki).sign(algorithm::hs256, "message").value();
    for (const algorithm value : {algorithm::hs256, algorithm::hs384, algorithm::hs512}) {
        EXPECT_FALSE(set->keys[0].allows(value));
        EXPECT_FALSE(verify_signature(set->keys[0], value, "message", forged));
    }
}

TEST(pem_keys, refuse_private_keys_and_say_so) {
    for (const algorithm value : {algorithm::rs256, algorithm::es256, algorithm::eddsa}) {
        const std::string message = error_of(test::shared_key(value).private_pem());
        EXPECT_THAT(message, HasSubstr("private key"));
        EXPECT_THAT(message, Not(HasSubstr("BEGIN")));
    }
    EXPECT_THAT(error_of(rsa_spki + test::shared_key(algorithm::es256).private_pem()), HasSubstr("PEM block 2: it is a private key"));
    EXPECT_THAT(error_of("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"), HasSubstr("private key"));
    EXPECT_THAT(error_of("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"), HasSubstr("private key"));
}

TEST(pem_keys, refuse_weak_rsa_unless_allowed) {
    EXPECT_THAT(error_of(rsa_1024), HasSubstr("1024 bits"));
    const key_options weak{.algorithms = test::all_algorithms, .allow_weak_keys = true, .allow_symmetric = true};
    EXPECT_TRUE(parse_pem_keys(rsa_1024, weak));
}

TEST(pem_keys, an_ed448_key_is_for_ed448_alone) {
    const auto set = parse_pem_keys(ed448, test::options_for(test::all_algorithms));
    ASSERT_TRUE(set) << set.error();
    EXPECT_EQ(set->keys[0].algorithms(), std::vector{algorithm::ed448});
    EXPECT_THAT(error_of(ed448, {algorithm::eddsa, algorithm::ed25519}), HasSubstr("fits none"));
}

TEST(pem_keys, refuse_other_curves_and_types) {
    EXPECT_THAT(error_of(secp256k1), HasSubstr("only RSA, P-256"));
    EXPECT_THAT(error_of(x25519), HasSubstr("only RSA, P-256"));
}

TEST(pem_keys, refuse_keys_that_fit_no_algorithm_of_the_provider) {
    EXPECT_THAT(error_of(ec_spki, {algorithm::rs256, algorithm::es384}), HasSubstr("fits none"));
}

TEST(pem_keys, refuse_damaged_and_empty_files) {
    EXPECT_THAT(error_of(""), HasSubstr("no PEM public key"));
    EXPECT_THAT(error_of("secret"), HasSubstr("no PEM public key"));
    EXPECT_THAT(error_of(ec_spki.substr(0, ec_spki.size() - 30)), HasSubstr("damaged"));
    EXPECT_THAT(error_of(rsa_spki + ec_spki.substr(0, 90)), HasSubstr("damaged"));
    EXPECT_THAT(error_of("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), HasSubstr("can't be read"));
    EXPECT_THAT(error_of("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), HasSubstr("can't be read"));
    EXPECT_THAT(error_of("-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n"), HasSubstr("none of"));
}

TEST(secret_key, must_be_as_long_as_the_hash_of_each_algorithm) {
    const auto error = [](std::size_t size, const std::vector<algorithm>& algorithms) {
        const auto set = make_secret_key_set(std::string(size, 's'), test::options_for(algorithms));
        return set ? "accepted" : set.error();
    };
    EXPECT_EQ(error(32, {algorithm::hs256}), "accepted");
    EXPECT_THAT(error(31, {algorithm::hs256}), HasSubstr("31 bytes; HS256 needs at least 32"));
    EXPECT_THAT(error(32, {algorithm::hs256, algorithm::hs384}), HasSubstr("HS384 needs at least 48"));
    EXPECT_THAT(error(63, {algorithm::hs512}), HasSubstr("HS512 needs at least 64"));
    EXPECT_EQ(error(64, test::all_algorithms), "accepted");
    EXPECT_THAT(error(64, {algorithm::rs256}), HasSubstr("verifies only HS256"));
}

/// The bytes within a PEM block.
std::string der_of(const std::string& pem) {
    std::string text;
    for (std::size_t at = pem.find('\n') + 1; pem[at] != '-'; ++at) {
        if (const char each = pem[at]; each != '\n' && each != '=') {
            text += each == '+' ? '-' : each == '/' ? '_' : each;
        }
    }
    return decode_base64url(text).value();
}

void expect_refused(const std::vector<std::pair<std::string, std::string>>& cases) {
    const std::vector<algorithm> only{algorithm::hs256};
    for (const auto& [secret, form] : cases) {
        for (const bool weak : {false, true}) {
            const key_options options{.algorithms = only, .allow_weak_keys = weak, .allow_symmetric = true};
            const auto set = make_secret_key_set(secret, options);
            ASSERT_FALSE(set) << secret;
            EXPECT_THAT(set.error(), HasSubstr("holds " + form + ":")) << secret;
        }
    }
}

TEST(secret_key, is_no_public_key_in_any_form) {
    const std::string jwk = test::shared_key(algorithm::es256).jwk(algorithm::es256, "k");
    const std::string bare_jwk =
        R"({"kty":"EC","crv":"P-256","x":"p8nqCZGLs6UvDw6glZmbd99SkmXmFICFXHqR_X8-2Bc","y":"na-cnubtv7noym3IbWauuyEyrZj0GQbN_D00_MoDWY0"})";
    const std::string private_pem = test::shared_key(algorithm::es256).private_pem();
    const std::vector<std::pair<std::string, std::string>> cases{
        {ec_spki, "a PEM key"},
        {ec_spki.substr(0, ec_spki.size() - 1), "a PEM key"},
        {"  \n" + ec_spki, "a PEM key"},
        {"key: " + ec_spki, "a PEM key"},
        {ec_certificate, "a PEM key"},
        {private_pem, "a PEM key"},
        {rsa_spki, "a PEM key"},
        {rsa_pkcs1, "a PEM key"},
        {"---- BEGIN SSH2 PUBLIC KEY ----\nAAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=\n---- END SSH2 PUBLIC KEY ----\n", "a PEM key"},
        {"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA== key@host", "an SSH key"},
        {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVubm9uZSBvZiB0aGVtIGlzIGEgc2VjcmV0", "an SSH key"},
        {"sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTY=", "an SSH key"},
        {jwk, "a JWK"},
        {bare_jwk, "a JWK"},
        {" \n" + bare_jwk + "\n", "a JWK"},
        {R"({"keys":[)" + bare_jwk + "]}", "a JWK"},
        {der_of(ec_spki), "a DER key"},
        {der_of(ec_certificate), "a DER key"},
        {der_of(private_pem), "a DER key"},
        {der_of(rsa_spki), "a DER key"},
    };
    expect_refused(cases);
}

/// What stands between the lines that begin and end a PEM block, line ends included.
std::string body_of(const std::string& pem) {
    const std::size_t first = pem.find('\n') + 1;
    return pem.substr(first, pem.find("-----END") - first);
}

std::string hex_of(std::string_view bytes, std::string_view between = {}) {
    std::string hex;
    for (const char each : bytes) {
        const auto byte = static_cast<unsigned char>(each);
        hex.append(hex.empty() ? "" : between) += "0123456789abcdef"[byte / 16];
        hex += "0123456789abcdef"[byte % 16];
    }
    return hex;
}

std::string without(std::string text, std::string_view bytes) {
    std::erase_if(text, [&](char each) { return bytes.contains(each); });
    return text;
}

TEST(secret_key, is_no_public_key_in_an_encoding) {
    std::vector<std::pair<std::string, std::string>> cases{
        {encode_base64url(rsa_spki), "a PEM key in base64"},
        {encode_base64url(encode_base64url(rsa_spki)), "a PEM key in base64 in base64"},
        {hex_of(ec_spki), "a PEM key in hex"},
        {encode_base64url(R"({"kty":"EC"})"), "a JWK in base64"},
        {"AAAAC3NzaC1lZDI1NTE5AAAAIGVubm9uZSBvZiB0aGVtIGlzIGEgc2VjcmV0", "an SSH key in base64"},
        {der_of(rsa_pkcs1), "a DER key"},
    };
    for (const std::string& pem : {rsa_spki, rsa_pkcs1, ec_spki, ec_certificate}) {
        const std::string body = body_of(pem);
        std::string escaped = without(body, "\n");
        escaped.insert(20, "\\n");
        for (const std::string& form : {body, without(body, "\n"), without(body, "\n="), encode_base64url(der_of(pem)),
                                        " \r\n" + body + "\r\n", "\xEF\xBB\xBF" + body, escaped}) {
            cases.emplace_back(form, "a DER key in base64");
        }
        const std::string hex = hex_of(der_of(pem));
        for (const std::string& form : {hex, "0x" + hex, hex.substr(0, 40) + "\n" + hex.substr(40), hex_of(der_of(pem), ":")}) {
            cases.emplace_back(form, "a DER key in hex");
        }
    }
    expect_refused(cases);
}

TEST(secret_key, is_no_jwk_wherever_it_stands) {
    const std::string jwk = R"({"kty":"EC","crv":"P-256","x":"p8nqCZGLs6UvDw6glZmbd99SkmXmFICFXHqR_X8-2Bc"})";
    std::vector<std::pair<std::string, std::string>> cases;
    for (const std::string& form : {"[" + jwk + "]", "\xEF\xBB\xBF" + jwk, R"({"key":)" + jwk + "}",
                                    std::string(R"({"kty":"EC","kty":"EC"})"), "key = " + jwk, std::string(R"("{\"kty\":\"EC\"}")"),
                                    std::string("{'kty': 'EC'}"), std::string("{ \"kty\" : \"RSA\""), std::string("kty: RSA\nn: AQAB")}) {
        cases.emplace_back(form, "a JWK");
    }
    expect_refused(cases);
}

TEST(secret_key, may_be_random_bytes_in_any_encoding) {
    const key_options weak{.algorithms = test::all_algorithms, .allow_weak_keys = true, .allow_symmetric = true};
    std::string bytes;
    for (int each = 0; each < 64; ++each) {
        bytes += static_cast<char>(each * 37 + 48); // begins as DER's SEQUENCE does
    }
    for (const std::string& secret : {bytes, encode_base64url(bytes), hex_of(bytes), std::string("a kty without a colon, and \"kty\""),
                                      std::string("donkty: 1"), std::string("ssh-rsafe and sound"), std::string("="), std::string("0")}) {
        EXPECT_TRUE(make_secret_key_set(secret, weak)) << secret;
    }
}

TEST(secret_key, may_be_short_when_weak_keys_are_allowed_but_never_empty) {
    const key_options weak{.algorithms = test::all_algorithms, .allow_weak_keys = true, .allow_symmetric = true};
    EXPECT_TRUE(make_secret_key_set("short", weak));
    EXPECT_FALSE(make_secret_key_set("", weak));
}

} // namespace
