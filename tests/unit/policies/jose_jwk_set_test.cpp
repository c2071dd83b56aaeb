#include "jose_test_tokens.hpp"

#include "policies/jose/base64url.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace bearward::policies;
using namespace bearward::policies::jose;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

const std::string ec_x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const std::string ec_y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const std::string ed_x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const std::string modulus_1024 =
    "pA5WsujqdIowuUx4Jc-7xnniczGyq5c0_vUjs9XYIRAk9NRuU4HUIywb888wG7FCwbJFJwTcICaDaWFZf8JHZ3RHSRUcNxH8DM2GFkVYrBHtbmwJ646"
    "0I7QRLE9rR9zgt0luUB-novBgtYts4_0jpYx9iZwhxsWgtNcGwJyanUc";

std::string ec_jwk(const std::string& more = "", const std::string& x = ec_x, const std::string& y = ec_y) {
    return R"({"kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + y + "\"" + more + "}";
}

std::string rsa_jwk(const std::string& modulus, const std::string& exponent = "AQAB", const std::string& more = "") {
    return R"({"kty":"RSA","n":")" + modulus + R"(","e":")" + exponent + "\"" + more + "}";
}

std::string oct_jwk(std::size_t bytes, const std::string& more = "") {
    return R"({"kty":"oct","k":")" + encode_base64url(std::string(bytes, 's')) + "\"" + more + "}";
}

std::string strong_modulus(std::size_t bytes = 256, char last = '\x01') {
    return encode_base64url('\xC1' + std::string(bytes - 2, '\x55') + last);
}

std::string set_of(const std::string& one, const std::string& two = "") {
    return R"({"keys":[)" + one + (two.empty() ? "" : "," + two) + "]}";
}

/// Why the only key of a set can't be used.
std::string fault_of(const std::string& jwk, const std::vector<algorithm>& algorithms = test::all_algorithms) {
    const auto set = parse_jwk_set(set_of(jwk), test::options_for(algorithms));
    return set ? "accepted" : set.error();
}

std::vector<std::string> allowed_by(const std::string& jwk, const key_options& options) {
    std::vector<std::string> words;
    const auto set = parse_jwk_set(set_of(jwk), options);
    for (const algorithm value : test::all_algorithms) {
        if (set && set->keys[0].allows(value)) {
            words.emplace_back(to_string(value));
        }
    }
    return words;
}

TEST(jwk_set, keys_made_by_signing_key_are_read_back) {
    for (const algorithm value : test::all_algorithms) {
        const signing_key& key = test::shared_key(value);
        const key_set set = test::keys_of(set_of(key.jwk(value, "k-1")));
        ASSERT_EQ(set.keys.size(), 1U);
        EXPECT_EQ(set.keys[0].id(), "k-1");
        EXPECT_EQ(set.selection, key_selection::by_id);
        EXPECT_THAT(set.warnings, IsEmpty());
        EXPECT_TRUE(verify_signature(set.keys[0], value, "message", key.sign(value, "message").value())) << to_string(value);
    }
}

TEST(jwk_set, a_bare_key_counts_as_a_set_of_one) {
    const auto set = parse_jwk_set(ec_jwk(), test::options_for(test::all_algorithms));
    ASSERT_TRUE(set) << set.error();
    EXPECT_EQ(set->keys.size(), 1U);
}

TEST(jwk_set, a_key_without_alg_allows_what_its_type_fits) {
    const key_options all = test::options_for(test::all_algorithms);
    EXPECT_THAT(allowed_by(ec_jwk(), all), ElementsAre("ES256"));
    EXPECT_THAT(allowed_by(rsa_jwk(strong_modulus()), all), ElementsAre("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"));
    EXPECT_THAT(allowed_by(R"({"kty":"OKP","crv":"Ed25519","x":")" + ed_x + "\"}", all), ElementsAre("EdDSA"));
    EXPECT_THAT(allowed_by(oct_jwk(32), all), ElementsAre("HS256"));
    EXPECT_THAT(allowed_by(oct_jwk(48), all), ElementsAre("HS256", "HS384"));
    EXPECT_THAT(allowed_by(oct_jwk(64), all), ElementsAre("HS256", "HS384", "HS512"));
}

TEST(jwk_set, only_the_providers_algorithms_are_allowed) {
    const std::vector<algorithm> listed{algorithm::ps256, algorithm::rs384};
    EXPECT_THAT(allowed_by(rsa_jwk(strong_modulus()), test::options_for(listed)), ElementsAre("RS384", "PS256"));
    EXPECT_THAT(fault_of(ec_jwk(), listed), HasSubstr("fits none"));
}

TEST(jwk_set, a_key_with_alg_allows_that_one_only) {
    const key_options all = test::options_for(test::all_algorithms);
    EXPECT_THAT(allowed_by(rsa_jwk(strong_modulus(), "AQAB", R"(,"alg":"PS384")"), all), ElementsAre("PS384"));
    EXPECT_THAT(fault_of(rsa_jwk(strong_modulus(), "AQAB", R"(,"alg":"PS384")"), {algorithm::rs256}), HasSubstr("fits none"));
    EXPECT_THAT(fault_of(ec_jwk(R"(,"alg":"ES384")")), HasSubstr("does not fit its type"));
    EXPECT_THAT(fault_of(ec_jwk(R"(,"alg":"HS256")")), HasSubstr("does not fit its type"));
    EXPECT_THAT(fault_of(oct_jwk(64, R"(,"alg":"RS256")")), HasSubstr("does not fit its type"));
    for (const char* alg : {R"("none")", R"("RSA-OAEP")", R"("es256")", "5"}) {
        EXPECT_THAT(fault_of(ec_jwk(std::string(R"(,"alg":)") + alg)), HasSubstr("its alg is not")) << alg;
    }
}

TEST(jwk_set, a_member_that_is_null_is_absent) {
    for (const char* name : {"use", "key_ops", "alg", "kid", "d"}) {
        const auto set = parse_jwk_set(set_of(ec_jwk(",\"" + std::string(name) + "\":null")), test::options_for(test::all_algorithms));
        ASSERT_TRUE(set) << name << ": " << set.error();
        EXPECT_THAT(set->private_parts, testing::IsEmpty()) << name;
    }
    EXPECT_THAT(fault_of(R"({"kty":null})"), HasSubstr("'kty' is missing"));
}

TEST(jwk_set, use_must_be_for_signatures_when_present) {
    EXPECT_EQ(fault_of(ec_jwk(R"(,"use":"sig")")), "accepted");
    EXPECT_EQ(fault_of(ec_jwk(R"(,"use":"jwt-svid")")), "accepted");
    for (const char* use : {R"("enc")", R"("SIG")", R"("")", R"(["sig"])"}) {
        EXPECT_THAT(fault_of(ec_jwk(std::string(R"(,"use":)") + use)), HasSubstr("its use is not sig")) << use;
    }
}

TEST(jwk_set, key_ops_must_contain_verify_when_present) {
    EXPECT_EQ(fault_of(ec_jwk(R"(,"key_ops":["verify"])")), "accepted");
    EXPECT_EQ(fault_of(ec_jwk(R"(,"key_ops":["sign","verify"])")), "accepted");
    EXPECT_EQ(fault_of(ec_jwk(R"(,"key_ops":[])")), "accepted");
    for (const char* operations : {R"(["sign"])", R"("verify")", R"([["verify"]])"}) {
        EXPECT_THAT(fault_of(ec_jwk(std::string(R"(,"key_ops":)") + operations)), HasSubstr("key_ops")) << operations;
    }
}

TEST(jwk_set, kid_must_be_a_string) {
    EXPECT_THAT(fault_of(ec_jwk(R"(,"kid":7)")), HasSubstr("its kid is not a string"));
}

TEST(jwk_set, weak_keys_are_refused_unless_allowed) {
    EXPECT_THAT(fault_of(rsa_jwk(modulus_1024)), HasSubstr("1024 bits"));
    EXPECT_THAT(fault_of(oct_jwk(31)), HasSubstr("31 bytes; HS256 needs at least 32"));
    EXPECT_THAT(fault_of(oct_jwk(32), {algorithm::hs512}), HasSubstr("HS512 needs at least 64"));
    const key_options weak{.algorithms = test::all_algorithms, .allow_weak_keys = true, .allow_symmetric = true};
    EXPECT_TRUE(parse_jwk_set(rsa_jwk(modulus_1024), weak));
    EXPECT_THAT(allowed_by(oct_jwk(5), weak), ElementsAre("HS256", "HS384", "HS512"));
    EXPECT_FALSE(parse_jwk_set(R"({"kty":"oct","k":""})", weak));
}

TEST(jwk_set, refuses_absurd_rsa_numbers) {
    EXPECT_THAT(fault_of(rsa_jwk(strong_modulus(2049))), HasSubstr("bits"));
    EXPECT_THAT(fault_of(rsa_jwk(strong_modulus(5000))), HasSubstr("too long"));
    EXPECT_EQ(fault_of(rsa_jwk(strong_modulus(2048))), "accepted");
    EXPECT_THAT(fault_of(rsa_jwk(strong_modulus(256, '\x02'))), HasSubstr("even"));
    EXPECT_THAT(fault_of(rsa_jwk("AA")), HasSubstr("bits"));
    EXPECT_THAT(fault_of(rsa_jwk(strong_modulus(), "AQ")), HasSubstr("exponent"));           // 1
    EXPECT_THAT(fault_of(rsa_jwk(strong_modulus(), "AA")), HasSubstr("exponent"));           // 0
    EXPECT_THAT(fault_of(rsa_jwk(strong_modulus(), "AQAA")), HasSubstr("exponent"));         // even
    EXPECT_THAT(fault_of(rsa_jwk(strong_modulus(), "AQAAAAAAAAAB")), HasSubstr("exponent")); // 2^64 + 1
    EXPECT_EQ(fault_of(rsa_jwk(strong_modulus(), "Aw")), "accepted");                        // 3
}

TEST(jwk_set, members_are_base64url_maybe_padded) {
    EXPECT_EQ(fault_of(ec_jwk("", ec_x + "=", ec_y)), "accepted");
    EXPECT_EQ(fault_of(rsa_jwk(strong_modulus() + "==")), "accepted");
    EXPECT_EQ(fault_of(R"({"kty":"OKP","crv":"Ed25519","x":")" + ed_x + "=\"}"), "accepted");
    EXPECT_THAT(fault_of(ec_jwk("", ec_x.substr(0, 9) + "=" + ec_x.substr(10), ec_y)), HasSubstr("'x' is not base64url"));
    EXPECT_THAT(fault_of(ec_jwk("", ec_x, "+" + ec_y.substr(1))), HasSubstr("'y' is not base64url"));
    EXPECT_THAT(fault_of(rsa_jwk(" " + strong_modulus())), HasSubstr("'n' is not base64url"));
    EXPECT_THAT(fault_of(R"({"kty":"RSA","e":"AQAB"})"), HasSubstr("'n' is missing"));
    EXPECT_THAT(fault_of(R"({"kty":"RSA","n":5,"e":"AQAB"})"), HasSubstr("'n' is missing or not a string"));
    EXPECT_THAT(fault_of(R"({"kty":"oct"})"), HasSubstr("'k' is missing"));
}

TEST(jwk_set, ec_points_lie_on_their_curve_in_full_length) {
    EXPECT_THAT(fault_of(ec_jwk("", ec_x, ec_x)), HasSubstr("not lie on the curve"));
    EXPECT_THAT(fault_of(ec_jwk("", encode_base64url(std::string(32, '\0')), encode_base64url(std::string(32, '\0')))),
                HasSubstr("not lie on the curve"));
    EXPECT_THAT(fault_of(ec_jwk("", encode_base64url(std::string(33, 'x')))), HasSubstr("32 bytes"));
    EXPECT_THAT(fault_of(R"({"kty":"EC","crv":"P-384","x":")" + ec_x + R"(","y":")" + ec_y + "\"}"), HasSubstr("not lie on the curve"));
}

TEST(jwk_set, ec_coordinates_may_lack_or_repeat_zeros_in_front) {
    EXPECT_EQ(fault_of(ec_jwk("", encode_base64url('\0' + *decode_base64url(ec_x)))), "accepted");
    // A key whose x begins with a zero byte, written without it.
    for (int attempt = 0; attempt < 5000; ++attempt) {
        const auto jwk = boost::json::parse(signing_key::generate(algorithm::es256).jwk(algorithm::es256, "")).as_object();
        const auto x = decode_base64url(std::string_view(jwk.at("x").as_string()));
        if (x->front() == '\0') {
            EXPECT_EQ(fault_of(ec_jwk("", encode_base64url(x->substr(1)), std::string(jwk.at("y").as_string()))), "accepted");
            return;
        }
    }
    FAIL() << "no such key in 5000";
}

TEST(jwk_set, refuses_ed25519_points_of_small_order) {
    for (const char* hex : {"00", "01", "80", "81"}) { // the first byte, and whether the sign bit is set
        const int value = std::stoi(hex, nullptr, 16);
        std::string point(32, '\0');
        point.front() = static_cast<char>(value & 0x01);
        point.back() = static_cast<char>(value & 0x80);
        EXPECT_THAT(fault_of(R"({"kty":"OKP","crv":"Ed25519","x":")" + encode_base64url(point) + "\"}"), HasSubstr("small order")) << hex;
    }
    const std::string below_prime = "\xEC" + std::string(30, '\xFF') + "\x7F";
    EXPECT_THAT(fault_of(R"({"kty":"OKP","crv":"Ed25519","x":")" + encode_base64url(below_prime) + "\"}"), HasSubstr("small order"));
}

TEST(jwk_set, refuses_ed448_points_of_small_order) {
    const std::string prime = std::string(28, '\xFF') + '\xFE' + std::string(27, '\xFF'); // little-endian
    const std::string below = '\xFE' + prime.substr(1);
    const std::string beyond = std::string(28, '\0') + std::string(28, '\xFF');
    for (const std::string& y : {std::string(56, '\0'), '\x01' + std::string(55, '\0'), below, prime, beyond}) {
        for (const char sign : {'\0', '\x80'}) {
            EXPECT_THAT(fault_of(R"({"kty":"OKP","crv":"Ed448","x":")" + encode_base64url(y + sign) + "\"}"), HasSubstr("small order"));
        }
    }
}

TEST(jwk_set, an_ed448_key_has_its_own_word_and_its_own_length) {
    const std::string jwk = test::shared_key(algorithm::ed448).jwk(algorithm::ed448, "k-1");
    EXPECT_THAT(allowed_by(jwk, test::options_for(test::all_algorithms)), ElementsAre("Ed448"));
    EXPECT_THAT(fault_of(R"({"kty":"OKP","crv":"Ed448","x":")" + ed_x + "\"}"), HasSubstr("exactly 57 bytes"));
    EXPECT_THAT(fault_of(test::shared_key(algorithm::ed448).jwk(algorithm::ed25519, "k-1")), HasSubstr("does not fit its type"));
    const key_set set =
        test::keys_of(set_of(ec_jwk(R"(,"kid":"good")"), test::shared_key(algorithm::ed448).jwk(algorithm::eddsa, "other")));
    EXPECT_THAT(set.notes, ElementsAre(HasSubstr("an Ed448 key's is Ed448")));
}

TEST(jwk_set, refuses_other_types_and_curves) {
    EXPECT_THAT(fault_of(R"({"kty":"EC","crv":"secp256k1","x":")" + ec_x + R"(","y":")" + ec_y + "\"}"), HasSubstr("curve is none of"));
    EXPECT_THAT(fault_of(R"({"kty":"OKP","crv":"X25519","x":")" + ed_x + "\"}"), HasSubstr("neither Ed25519 nor Ed448"));
    EXPECT_THAT(fault_of(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"), HasSubstr("exactly 32 bytes"));
    EXPECT_THAT(fault_of(R"({"kty":"rsa","n":"AQAB","e":"AQAB"})"), HasSubstr("its kty is none of"));
    EXPECT_THAT(fault_of(R"({"kid":"a"})"), HasSubstr("'kty' is missing"));
    EXPECT_THAT(fault_of("7"), HasSubstr("not an object"));
}

TEST(jwk_set, skips_keys_for_something_else_with_a_note_each) {
    for (const char* other : {R"("use":"enc")", R"("alg":"RSA-OAEP")", R"("key_ops":["encrypt"])"}) {
        const key_set set = test::keys_of(set_of(ec_jwk(R"(,"kid":"good")"), ec_jwk(R"(,"kid":"other",)" + std::string(other))));
        ASSERT_EQ(set.keys.size(), 1U);
        EXPECT_EQ(set.keys[0].id(), "good");
        EXPECT_THAT(set.notes, ElementsAre(HasSubstr("key 2 (kid 'other') is skipped: its "))) << other;
        EXPECT_THAT(set.warnings, testing::IsEmpty());
    }
}

TEST(jwk_set, keys_of_types_and_curves_for_others_are_notes) {
    for (const char* other : {R"("kty":"OKP","crv":"X25519","x":"AAAA")", R"("kty":"OKP","crv":"X448","x":"AAAA")",
                              R"("kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA")", R"("kty":"EC","crv":"BP-256","x":"AAAA","y":"AAAA")",
                              R"("kty":"AKP","alg":"SLH-DSA-SHA2-128s","pub":"AAAA")"}) {
        const key_set set = test::keys_of(set_of(ec_jwk(R"(,"kid":"good")"), R"({"kid":"other",)" + std::string(other) + "}"));
        ASSERT_EQ(set.keys.size(), 1U);
        EXPECT_THAT(set.notes, ElementsAre(HasSubstr("key 2 (kid 'other') is skipped: its "))) << other;
        EXPECT_THAT(set.warnings, testing::IsEmpty()) << other;
    }
    for (const char* broken : {R"("kty":"EC","crv":"P256","x":"AAAA","y":"AAAA")", R"("kty":"OKP","crv":"ed25519","x":"AAAA")",
                               R"("kty":"OKP","crv":"Ed25519","x":"AAAA")", R"("kty":"OKP","crv":"Ed448","x":"AAAA")",
                               R"("kty":"OKP","x":"AAAA")", R"("kty":"rsa","n":"AQAB","e":"AQAB")"}) {
        const key_set set = test::keys_of(set_of(ec_jwk(R"(,"kid":"good")"), R"({"kid":"broken",)" + std::string(broken) + "}"));
        EXPECT_THAT(set.notes, testing::IsEmpty()) << broken;
        EXPECT_THAT(set.warnings, ElementsAre(HasSubstr("key 2 (kid 'broken') is skipped: "))) << broken;
    }
}

TEST(jwk_set, skips_unusable_keys_with_a_warning_each) {
    const key_set set = test::keys_of(set_of(ec_jwk(R"(,"kid":"good")"), ec_jwk(R"(,"kid":"bad")", ec_x, ec_x)));
    ASSERT_EQ(set.keys.size(), 1U);
    EXPECT_THAT(set.warnings, ElementsAre("key 2 (kid 'bad') is skipped: the point does not lie on the curve"));
}

TEST(jwk_set, says_which_weak_keys_are_let_in) {
    const key_options weak{.algorithms = test::all_algorithms, .allow_weak_keys = true, .allow_symmetric = true};
    const auto set = parse_jwk_set(set_of(rsa_jwk(modulus_1024), ec_jwk()), weak);
    ASSERT_TRUE(set);
    EXPECT_THAT(set->weak, ElementsAre(HasSubstr("1024 bits")));
}

TEST(jwk_set, a_public_key_is_no_secret) {
    const signing_key& key = test::shared_key(algorithm::es256);
    const std::string pem = key.public_pem();
    std::string der = pem.substr(pem.find('\n') + 1);
    der = der.substr(0, der.find("-----END"));
    std::erase(der, '\n');
    for (char& byte : der) {
        byte = byte == '+' ? '-' : byte == '/' ? '_' : byte;
    }
    der = *decode_base64url(std::string_view(der).substr(0, der.find_last_not_of('=') + 1));
    for (const std::string& text :
         {pem, der, key.jwk(algorithm::es256, "k"), set_of(key.jwk(algorithm::es256, "k")), "\n " + pem,
          std::string("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7"), std::string("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlz"),
          std::string("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ")}) {
        EXPECT_FALSE(make_secret_key_set(text, test::options_for({algorithm::hs256}))) << text;
        EXPECT_THAT(fault_of(R"({"kty":"oct","k":")" + encode_base64url(text) + "\"}"), HasSubstr("could make tokens")) << text;
    }
    EXPECT_TRUE(make_secret_key_set("{a secret in braces that is no JSON at all}", test::options_for({algorithm::hs256})));
}

TEST(jwk_set, without_one_usable_key_is_an_error_that_names_the_reasons) {
    EXPECT_THAT(fault_of(ec_jwk(R"(,"use":"enc")")), HasSubstr("no usable key; key 1 is skipped: its use is not sig"));
    EXPECT_FALSE(parse_jwk_set(R"({"keys":[]})", test::options_for(test::all_algorithms)));
}

TEST(jwk_set, two_keys_may_have_the_same_kid) {
    EXPECT_EQ(test::keys_of(set_of(ec_jwk(R"(,"kid":"k")"), oct_jwk(64, R"(,"kid":"k")"))).keys.size(), 2U);
}

TEST(jwk_set, warns_of_a_private_part) {
    const key_set set = test::keys_of(set_of(ec_jwk(R"(,"d":"AAAA")")));
    EXPECT_EQ(set.keys.size(), 1U);
    EXPECT_THAT(set.private_parts, ElementsAre(HasSubstr("private part")));
}

TEST(jwk_set, ignores_symmetric_keys_where_they_are_not_accepted) {
    const key_options options{.algorithms = test::all_algorithms, .allow_weak_keys = false, .allow_symmetric = false};
    EXPECT_FALSE(parse_jwk_set(set_of(oct_jwk(64)), options));
    const auto set = parse_jwk_set(set_of(oct_jwk(64), ec_jwk()), options);
    ASSERT_TRUE(set) << set.error();
    EXPECT_EQ(set->keys.size(), 1U);
    EXPECT_THAT(set->warnings, ElementsAre(HasSubstr("symmetric")));
}

TEST(jwk_set, refuses_what_is_no_set) {
    const key_options all = test::options_for(test::all_algorithms);
    for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":null})", "{\"keys\":[", R"({"Keys":[]})"}) {
        EXPECT_FALSE(parse_jwk_set(text, all)) << text;
    }
}

TEST(jwk_set, says_what_was_taken_for_a_set) {
    const key_options all = test::options_for(test::all_algorithms);
    EXPECT_THAT(parse_jwk_set("<!DOCTYPE html><html></html>", all).error(), HasSubstr("HTML"));
    EXPECT_THAT(parse_jwk_set(" \n<html>", all).error(), HasSubstr("HTML"));
    EXPECT_THAT(parse_jwk_set(R"({"issuer":"https://id/","jwks_uri":"https://id/jwks"})", all).error(),
                testing::AllOf(HasSubstr("discovery"), HasSubstr("jwks_uri")));
    EXPECT_THAT(parse_jwk_set("-----BEGIN PUBLIC KEY-----\n", all).error(), HasSubstr("pem_file"));
    EXPECT_THAT(parse_jwk_set("", all).error(), HasSubstr("empty"));
    EXPECT_TRUE(parse_jwk_set("\xEF\xBB\xBF" + set_of(ec_jwk()), all)) << "a byte order mark";
}

TEST(jwk_set, refuses_duplicate_member_names) {
    const key_options all = test::options_for(test::all_algorithms);
    EXPECT_FALSE(parse_jwk_set(R"({"keys":[)" + ec_jwk() + R"(],"keys":[]})", all));
    EXPECT_FALSE(parse_jwk_set(set_of(ec_jwk(R"(,"kty":"EC")")), all));
    EXPECT_FALSE(parse_jwk_set(set_of(ec_jwk(), ec_jwk(R"(,"kid":"a","kid":"a")")), all));
}

TEST(jwk_set, messages_never_hold_key_bytes) {
    const std::string secret = encode_base64url(std::string(31, 's'));
    EXPECT_THAT(fault_of(oct_jwk(31)), Not(HasSubstr(secret)));
    EXPECT_THAT(fault_of(oct_jwk(31, R"(,"kid":"a\nb")")), Not(HasSubstr("\n")));
}

} // namespace
