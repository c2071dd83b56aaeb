#include "proxy/commands/api_key_new.hpp"

#include "policies/tokens/api_keys.hpp"

#include <gtest/gtest.h>

namespace bearward::proxy::commands {
namespace {

TEST(api_key_new, the_hash_is_that_of_the_key) {
    const new_api_key made = describe_api_key("acme", std::string(policies::tokens::api_key_random_bytes, '\0'));
    EXPECT_EQ(made.key, "bwk_" + std::string(43, 'A'));
    EXPECT_TRUE(policies::tokens::is_api_key(made.key));
    // printf bwk_AAAA... | sha256sum
    EXPECT_EQ(made.hash, "sha256:2f2f6313bfac9586b943e74ef98aea3b47f248fe042f5c579830dc3c479f07b9");
    EXPECT_EQ(made.yaml, "- {id: \"acme\", hash: \"" + made.hash + "\"}");
}

TEST(api_key_new, an_id_may_have_quotes) {
    EXPECT_TRUE(describe_api_key(R"(a"b)", "x").yaml.starts_with(R"(- {id: "a\"b", hash)"));
    EXPECT_TRUE(is_api_key_id(R"(a"b)"));
}

} // namespace
} // namespace bearward::proxy::commands
