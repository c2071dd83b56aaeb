// Whether a set that was fetched again says something new.
#include "tests/unit/policies/jose_test_tokens.hpp"

#include <gtest/gtest.h>

#include <openssl/err.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bearward::policies::jose {
namespace {

std::string jwk(algorithm value, std::string_view id) {
    return test::shared_key(value).jwk(value, id);
}

/// One member of `{"keys": [...]}`, as signing_key writes it.
std::string bare(algorithm value, std::string_view id) {
    std::string text = jwk(value, id);
    const std::string open = R"({"keys":[)";
    return text.starts_with(open) ? text.substr(open.size(), text.size() - open.size() - 2) : text;
}

key_set set(const std::vector<std::string>& keys) {
    std::string text = R"({"keys":[)";
    for (const std::string& each : keys) {
        text += (text.ends_with('[') ? "" : ",") + each;
    }
    return test::keys_of(text + "]}", {algorithm::es256, algorithm::es384, algorithm::rs256, algorithm::eddsa});
}

TEST(same_keys, are_the_same_in_any_order) {
    const std::string first = bare(algorithm::es256, "a");
    const std::string second = bare(algorithm::rs256, "b");
    EXPECT_TRUE(same_keys(set({first, second}), set({first, second})));
    EXPECT_TRUE(same_keys(set({first, second}), set({second, first})));
}

TEST(same_keys, differ_by_one_key_more_or_less) {
    const std::string first = bare(algorithm::es256, "a");
    const std::string second = bare(algorithm::rs256, "b");
    EXPECT_FALSE(same_keys(set({first}), set({first, second})));
    EXPECT_FALSE(same_keys(set({first, second}), set({first})));
    EXPECT_FALSE(same_keys(set({first, first, second}), set({first, second, second})));
}

TEST(same_keys, differ_by_kid_and_by_key) {
    EXPECT_FALSE(same_keys(set({bare(algorithm::es256, "a")}), set({bare(algorithm::es256, "b")})));
    const auto other = signing_key::generate(algorithm::es256);
    const auto fresh = test::keys_of(other.jwk(algorithm::es256, "a"), {algorithm::es256});
    EXPECT_FALSE(same_keys(test::keys_of(jwk(algorithm::es256, "a"), {algorithm::es256}), fresh))
        << "a kid that is used again for another key";
    EXPECT_FALSE(same_keys(set({bare(algorithm::es256, "a")}), set({bare(algorithm::es384, "a")})));
    EXPECT_FALSE(same_keys(set({bare(algorithm::es256, "a")}), set({bare(algorithm::eddsa, "a")})));
}

TEST(same_keys, differ_by_what_is_left_out) {
    const std::string good = bare(algorithm::es256, "a");
    EXPECT_FALSE(same_keys(set({good}), set({good, R"({"kty":"EC","crv":"P-999","kid":"b"})"}))) << "/status shows it";
}

TEST(same_keys, of_a_huge_set_are_compared_in_their_order) {
    auto many = set({bare(algorithm::es256, "a"), bare(algorithm::es384, "a")});
    const auto first = many.keys.front();
    const auto second = many.keys.back();
    many.keys.assign(6'000, first);
    many.keys.insert(many.keys.end(), 6'000, second);
    auto turned = many;
    EXPECT_TRUE(same_keys(many, turned));
    std::ranges::reverse(turned.keys);
    EXPECT_FALSE(same_keys(many, turned)) << "and not after millions of comparisons";
}

TEST(same_keys, leaves_no_error_behind) {
    ERR_clear_error();
    static_cast<void>(same_keys(set({bare(algorithm::es256, "a")}), set({bare(algorithm::es384, "a")})));
    EXPECT_EQ(ERR_peek_error(), 0U) << "TLS on this thread would take it for its own";
}

} // namespace
} // namespace bearward::policies::jose
