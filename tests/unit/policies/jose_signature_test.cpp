#include "jose_test_tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <array>
#include <thread>

using namespace bearward::policies;
using namespace bearward::policies::jose;

namespace {

key verification_key(algorithm value) {
    return test::keys_of(test::shared_key(value).jwk(value, "k")).keys.at(0);
}

class each_algorithm : public testing::TestWithParam<algorithm> {
protected:
    const algorithm alg = GetParam();
    const key with = verification_key(alg);
    const std::string signature = test::shared_key(alg).sign(alg, "message").value();
};

TEST_P(each_algorithm, verifies_its_own_signature) {
    EXPECT_TRUE(verify_signature(with, alg, "message", signature));
}

TEST_P(each_algorithm, refuses_another_message) {
    EXPECT_FALSE(verify_signature(with, alg, "messagf", signature));
    EXPECT_FALSE(verify_signature(with, alg, "", signature));
}

TEST_P(each_algorithm, refuses_signatures_of_another_length) {
    EXPECT_FALSE(verify_signature(with, alg, "message", ""));
    EXPECT_FALSE(verify_signature(with, alg, "message", std::string(1, '\0') + signature));
    EXPECT_FALSE(verify_signature(with, alg, "message", signature + '\0'));
    for (std::size_t size = 0; size < signature.size(); ++size) {
        EXPECT_FALSE(verify_signature(with, alg, "message", std::string_view(signature).substr(0, size))) << size;
    }
}

TEST_P(each_algorithm, refuses_signatures_of_every_size_up_to_64_kib) {
    // Sizes about which a conversion into a fixed buffer would go over its end.
    std::vector<std::size_t> sizes{1023, 1024, 4095, 4096, 8192, 16384, 21829, 21830, 21831, 32767, 32768, 65534, 65535, 65536};
    for (std::size_t size = 0; size <= 600; ++size) {
        sizes.push_back(size);
    }
    for (const std::size_t size : sizes) {
        for (const char byte : {'\0', '\x30', '\xFF'}) {
            EXPECT_FALSE(verify_signature(with, alg, "message", std::string(size, byte))) << size;
        }
        std::string longer = signature;
        if (size > longer.size()) {
            longer.resize(size, '\0');
            EXPECT_FALSE(verify_signature(with, alg, "message", longer)) << size;
        }
    }
    EXPECT_EQ(ERR_peek_error(), 0UL);
    EXPECT_TRUE(verify_signature(with, alg, "message", signature));
}

TEST_P(each_algorithm, refuses_signatures_of_zeros_and_of_ones) {
    EXPECT_FALSE(verify_signature(with, alg, "message", std::string(signature.size(), '\0')));
    EXPECT_FALSE(verify_signature(with, alg, "message", std::string(signature.size(), '\xFF')));
}

TEST_P(each_algorithm, refuses_another_key_of_its_kind) {
    const std::string other = signing_key::generate(alg).sign(alg, "message").value();
    EXPECT_FALSE(verify_signature(with, alg, "message", other));
}

TEST_P(each_algorithm, goes_on_after_a_failure_and_leaves_no_error_behind) {
    EXPECT_FALSE(verify_signature(with, alg, "message", std::string(signature.size(), '\x01')));
    EXPECT_EQ(ERR_peek_error(), 0UL);
    EXPECT_TRUE(verify_signature(with, alg, "message", signature));
}

TEST_P(each_algorithm, is_verified_by_several_threads_with_one_key) {
    std::vector<std::jthread> threads;
    std::array<int, 4> held{};
    for (int& count : held) {
        threads.emplace_back([this, &count] {
            for (int round = 0; round < 20; ++round) {
                count += verify_signature(with, alg, "message", signature) ? 1 : 0;
            }
        });
    }
    threads.clear();
    EXPECT_THAT(held, testing::Each(20));
}

INSTANTIATE_TEST_SUITE_P(jose, each_algorithm, testing::ValuesIn(test::all_algorithms),
                         [](const auto& chosen) { return std::string(to_string(chosen.param)); });

TEST(signature, an_ecdsa_signature_in_der_is_refused) {
    // A DER signature as OpenSSL makes it: SEQUENCE of two INTEGERs.
    const key with = verification_key(algorithm::es256);
    const std::string raw = test::shared_key(algorithm::es256).sign(algorithm::es256, "message").value();
    const std::string der = "\x30\x44\x02\x20" + raw.substr(0, 32) + "\x02\x20" + raw.substr(32);
    EXPECT_FALSE(verify_signature(with, algorithm::es256, "message", der));
}

TEST(signature, ecdsa_numbers_of_zero_or_beyond_the_order_are_refused) {
    const key with = verification_key(algorithm::es256);
    const std::string raw = test::shared_key(algorithm::es256).sign(algorithm::es256, "message").value();
    const std::string zero(32, '\0');
    const std::string order(
        "\xFF\xFF\xFF\xFF\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xBC\xE6\xFA\xAD\xA7\x17\x9E\x84\xF3\xB9\xCA\xC2"
        "\xFC\x63\x25\x51",
        32);
    EXPECT_FALSE(verify_signature(with, algorithm::es256, "message", zero + raw.substr(32)));
    EXPECT_FALSE(verify_signature(with, algorithm::es256, "message", raw.substr(0, 32) + zero));
    EXPECT_FALSE(verify_signature(with, algorithm::es256, "message", order + raw.substr(32)));
    EXPECT_FALSE(verify_signature(with, algorithm::es256, "message", raw.substr(0, 32) + order));
    EXPECT_FALSE(verify_signature(with, algorithm::es256, "message", order + order));
}

TEST(signature, rsa_paddings_are_not_interchangeable) {
    const signing_key& rsa = test::shared_key(algorithm::rs256);
    const key_set set = parse_pem_keys(rsa.public_pem(), test::options_for(test::all_algorithms)).value();
    const std::string pkcs1 = rsa.sign(algorithm::rs256, "message").value();
    const std::string pss = rsa.sign(algorithm::ps256, "message").value();
    EXPECT_TRUE(verify_signature(set.keys[0], algorithm::rs256, "message", pkcs1));
    EXPECT_TRUE(verify_signature(set.keys[0], algorithm::ps256, "message", pss));
    EXPECT_FALSE(verify_signature(set.keys[0], algorithm::ps256, "message", pkcs1));
    EXPECT_FALSE(verify_signature(set.keys[0], algorithm::rs256, "message", pss));
    EXPECT_FALSE(verify_signature(set.keys[0], algorithm::rs384, "message", pkcs1));
}

TEST(signature, more_keys_than_prepared_places_all_verify) {
    const signing_key& rsa = test::shared_key(algorithm::rs256);
    const std::string signature = rsa.sign(algorithm::rs256, "message").value();
    const std::string other = signing_key::generate(algorithm::rs256).sign(algorithm::rs256, "message").value();
    for (int round = 0; round < 100; ++round) {
        const key again = verification_key(algorithm::rs256);
        EXPECT_TRUE(verify_signature(again, algorithm::rs256, "message", signature));
        EXPECT_FALSE(verify_signature(again, algorithm::rs256, "message", other));
    }
}

TEST(signing_key, does_not_sign_what_does_not_fit) {
    EXPECT_FALSE(test::shared_key(algorithm::rs256).sign(algorithm::hs256, "message"));
    EXPECT_FALSE(test::shared_key(algorithm::es256).sign(algorithm::es384, "message"));
    EXPECT_FALSE(test::shared_key(algorithm::hs256).sign(algorithm::rs256, "message"));
}

TEST(signing_key, is_read_back_from_its_pem) {
    for (const algorithm value :
         {algorithm::rs256, algorithm::es256, algorithm::es384, algorithm::es512, algorithm::eddsa, algorithm::ed448}) {
        const auto again = signing_key::parse_pem(test::shared_key(value).private_pem());
        ASSERT_TRUE(again) << again.error();
        EXPECT_EQ(again->public_pem(), test::shared_key(value).public_pem());
        EXPECT_TRUE(verify_signature(verification_key(value), value, "message", again->sign(value, "message").value()));
    }
}

TEST(signing_key, refuses_public_keys_and_nonsense) {
    EXPECT_FALSE(signing_key::parse_pem(test::shared_key(algorithm::rs256).public_pem()));
    EXPECT_FALSE(signing_key::parse_pem(""));
    EXPECT_FALSE(signing_key::parse_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
}

TEST(signing_key, generates_secrets_as_long_as_the_hash) {
    EXPECT_EQ(signing_key::generate(algorithm::hs256).private_pem().size(), 32U);
    EXPECT_EQ(signing_key::generate(algorithm::hs512).private_pem().size(), 64U);
    EXPECT_EQ(signing_key::generate(algorithm::hs512).public_pem(), "");
}

TEST(algorithm, its_word_says_what_it_is_made_of) {
    for (const algorithm_row& each : algorithm_table) {
        const std::string_view kind = each.word.substr(0, 2);
        EXPECT_EQ(is_hmac(each.value), kind == "HS") << each.word;
        EXPECT_EQ(each.family == key_family::rsa, kind == "RS" || kind == "PS") << each.word;
        EXPECT_EQ(is_pss(each.value), kind == "PS") << each.word;
        EXPECT_EQ(field_size(each.family) != 0, kind == "ES") << each.word;
        EXPECT_EQ(row_of(key_family_table, each.family).raw != 0, kind == "Ed" || kind == "ML") << each.word;
        EXPECT_EQ(is_ml_dsa(each.value), kind == "ML") << each.word;
        const std::string bits = std::to_string(hash_size(each.value) * 8);
        EXPECT_EQ(each.word.ends_with(bits), kind != "Ed" && kind != "ML") << each.word;
    }
    EXPECT_STREQ(curve_name(row_of(algorithm_table, algorithm::es256).family), "P-256");
    EXPECT_STREQ(curve_name(row_of(algorithm_table, algorithm::es384).family), "P-384");
    EXPECT_STREQ(curve_name(row_of(algorithm_table, algorithm::es512).family), "P-521");
}

TEST(algorithm, words_are_exact) {
    for (const algorithm value : test::all_algorithms) {
        EXPECT_EQ(parse_algorithm(to_string(value)), value);
    }
    for (const char* word :
         {"", "none", "None", "NONE", "hs256", "HS256 ", "RS1", "HS128", "ES256K", "eddsa", "ed25519", "ed448", "X448"}) {
        EXPECT_EQ(parse_algorithm(word), std::nullopt) << word;
    }
}

} // namespace
