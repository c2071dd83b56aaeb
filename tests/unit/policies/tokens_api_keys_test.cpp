#include "policies/explanation.hpp"
#include "policies/tokens/api_keys.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace bearward::policies::tokens {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1'700'000'000s};

std::string key_of(char byte) {
    return make_api_key(std::string(api_key_random_bytes, byte));
}

api_key known_key(const std::string& id, const std::string& key, std::optional<time_point> expires = {}) {
    auto means = std::make_shared<verified_token>();
    means->who.user = id;
    means->expires = expires;
    return {.id = id, .hash = jose::sha256(key).value(), .means = std::move(means)};
}

TEST(api_keys, have_one_form) {
    const std::string key = key_of('x');
    EXPECT_EQ(key.size(), api_key_size);
    EXPECT_TRUE(is_api_key(key));
    EXPECT_FALSE(is_api_key(""));
    EXPECT_FALSE(is_api_key("bwk_"));
    EXPECT_FALSE(is_api_key(key + "A"));
    EXPECT_FALSE(is_api_key(key.substr(0, key.size() - 1)));
    EXPECT_FALSE(is_api_key("Bearer " + key));
    EXPECT_FALSE(is_api_key("BWK_" + key.substr(4)));
    for (const char other : {'+', '/', '=', ' ', '.', '\0', '\x80'}) {
        std::string wrong = key;
        wrong.back() = other;
        EXPECT_FALSE(is_api_key(wrong)) << static_cast<int>(other);
    }
}

TEST(api_keys, are_hashed_as_sha256) {
    const auto digest = jose::sha256("abc").value(); // FIPS 180-4's example
    EXPECT_EQ(digest[0], 0xBA);
    EXPECT_EQ(digest[31], 0xAD);
    EXPECT_FALSE(jose::equal_digests(digest, jose::sha256("abd").value()));
}

TEST(api_keys, are_found_by_the_hash_of_what_was_sent) {
    std::vector<api_key> keys;
    for (char byte = 'a'; byte <= 'z'; ++byte) {
        keys.push_back(known_key(std::string(1, byte), key_of(byte)));
    }
    const api_key_list list(std::move(keys));
    EXPECT_EQ(list.size(), 26U);
    for (char byte = 'a'; byte <= 'z'; ++byte) {
        const auto found = verify_api_key(list, key_of(byte));
        ASSERT_TRUE(found) << byte;
        EXPECT_EQ((*found)->who.user, std::string(1, byte));
    }
    EXPECT_EQ(verify_api_key(list, key_of('A')).error().why, reason::api_key_unknown);
    EXPECT_EQ(verify_api_key(api_key_list(), key_of('a')).error().why, reason::api_key_unknown);
}

TEST(api_keys, of_another_form_are_unknown) {
    const api_key_list list({known_key("odd", "password")}); // a hash of what is no key
    for (const std::string& text : {std::string("password"), std::string(), std::string(100'000, 'x')}) {
        EXPECT_EQ(verify_api_key(list, text).error().why, reason::api_key_unknown);
    }
    EXPECT_EQ(verify_api_key(list, "password").error().cause, "not in the form of an API key: bwk_ and 43 letters of base64url");
}

TEST(api_keys, count_until_they_expire) {
    const verified_token key = *known_key("k", key_of('k'), now).means;
    EXPECT_EQ(judge_api_key(key, now - 1ms), reason::ok);
    EXPECT_EQ(judge_api_key(key, now), reason::api_key_expired);
    EXPECT_EQ(judge_api_key(key, now + 24h), reason::api_key_expired);
    EXPECT_EQ(api_key_cause(key, now + 1s), "expires 2023-11-14T22:13:20Z, now 2023-11-14T22:13:21Z");
    EXPECT_EQ(judge_api_key(*known_key("k", key_of('k')).means, time_point::max()), reason::ok) << "one without an end";
}

TEST(api_keys, are_explained_by_their_id_alone) {
    const api_key_list list({known_key("acme", key_of('k'), now)});
    explanation told;
    const auto found = verify_api_key(list, key_of('k'), &told);
    (void)judge_api_key(**found, now, &told);
    (void)verify_api_key(list, key_of('j'), &told);
    ASSERT_EQ(told.steps().size(), 3U);
    EXPECT_EQ(told.steps()[0].found, "acme");
    EXPECT_EQ(told.steps()[0].outcome, step::mark::ok);
    EXPECT_EQ(told.steps()[1].why, reason::api_key_expired);
    EXPECT_TRUE(told.steps()[2].found.is_null());
    EXPECT_EQ(told.steps()[2].why, reason::api_key_unknown);
}

} // namespace
} // namespace bearward::policies::tokens
