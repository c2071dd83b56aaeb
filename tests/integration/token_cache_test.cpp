// The memory of verified tokens as it shows from outside: a provider's tokens
// stay its own, new rules begin anew, and a token that expires is refused.
#include "tests/support/messages.hpp"
#include "tests/support/raw_socket.hpp"
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include "config/configuration.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/signature.hpp"
#include "proxy/telemetry/counter_registry.hpp"
#include "proxy/token_memory.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>

namespace bearward::test {
namespace {

using policies::reason;

constexpr std::string_view secret = "one secret for access and refresh tokens alike";

std::string mint(std::string_view claims) {
    using policies::jose::encode_base64url;
    const std::string input = encode_base64url(R"({"alg":"HS256"})") + '.' + encode_base64url(claims);
    const auto signature = policies::jose::signing_key::from_secret(secret).sign(policies::jose::algorithm::hs256, input);
    return input + '.' + encode_base64url(signature.value());
}

/// Two providers that differ in nothing but what `token_use` must be.
config::configuration parse(std::uint16_t upstream, const std::string& cache, const std::string& use = "access") {
    const std::string common = "audiences: [app], algorithms: [HS256], require_expiry: false, token_cache: " + cache +
                               ", keys: {secret: {value: " + std::string(secret) + "}}";
    const std::string text = "version: 1\nthreads: 1\nlisten: [{address: \"127.0.0.1:0\"}]\nadmin: {address: off}\nlog: {access: off}\n"
                             "upstreams: {app: {servers: [\"127.0.0.1:" +
                             std::to_string(upstream) + "\"]}}\nproviders:\n  access: {required_claims: {token_use: " + use + "}, " +
                             common + "}\n  refresh: {required_claims: {token_use: refresh}, " + common +
                             "}\ndefaults: {upstream: app}\nroutes:\n  - {prefix: /, providers: [access]}\n"
                             "  - {exact: /token, providers: [refresh]}\n";
    auto result = config::load_text(text, "cache.yaml");
    if (!result.loaded) {
        throw std::runtime_error(result.diagnostics.empty() ? "no configuration" : to_string(result.diagnostics.front()));
    }
    return *std::move(result.loaded);
}

std::uint16_t port_of(const proxy::service& of) {
    const auto address = of.listeners().front().address;
    return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
}

int get(raw_socket& client, std::string_view path, const std::string& token) {
    client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n");
    return read_response(client).status();
}

const std::string access_token = mint(R"({"sub":"u","aud":"app","token_use":"access"})");
const std::string refresh_token = mint(R"({"sub":"u","aud":"app","token_use":"refresh"})");

TEST(token_cache_test, a_refresh_token_known_to_one_provider_is_unknown_to_another) {
    for (const std::string cache : {"{}", "{max_bytes: 0}"}) {
        scripted_upstream app(answer_always(ok("hello")));
        proxy::service proxy(parse(app.port(), cache));
        proxy.start();
        auto client = raw_socket::connect(port_of(proxy));
        for (int round = 0; round < 3; ++round) {
            EXPECT_EQ(get(client, "/token", refresh_token), 200);
            EXPECT_EQ(get(client, "/api", refresh_token), 401);
            EXPECT_EQ(get(client, "/api", access_token), 200);
            EXPECT_EQ(get(client, "/token", access_token), 401);
        }
    }
}

TEST(token_cache_test, a_reload_forgets_what_other_rules_accepted) {
    scripted_upstream app(answer_always(ok("hello")));
    proxy::service proxy(parse(app.port(), "{}"));
    proxy.start();
    auto client = raw_socket::connect(port_of(proxy));
    ASSERT_EQ(get(client, "/api", access_token), 200);
    ASSERT_EQ(get(client, "/api", access_token), 200);

    proxy.reload(parse(app.port(), "{}", "something_else"));

    EXPECT_TRUE(wait_until([&] { return get(client, "/api", access_token) == 401; }));
}

TEST(token_cache_test, a_known_token_is_refused_once_it_has_expired) {
    scripted_upstream app(answer_always(ok("hello")));
    running_proxy proxy(app.port());
    const std::string token = make_token({.lifetime = std::chrono::milliseconds{2'000}});
    auto client = proxy.connect();
    ASSERT_EQ(get(client, "/", token), 200);
    EXPECT_TRUE(wait_until([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        return get(client, "/", token) == 401;
    }));
}

class token_memory_test : public testing::Test {
protected:
    [[nodiscard]] std::uint64_t count(std::size_t provider, proxy::token_lookup how) const {
        return rules->counters[0].token_caches[provider]->results[static_cast<std::size_t>(how)].value();
    }
    [[nodiscard]] const policies::provider& provider(std::size_t index) const { return rules->rules().providers[index]; }

    proxy::counter_registry registry{1};
    proxy::serving_ptr rules = std::make_shared<const proxy::serving>(parse(1, "{}"), registry);
    policies::tokens::proof_memory proofs;
    proxy::token_memory memory{rules, 0, {1, 2}, proofs};
};

TEST_F(token_memory_test, counts_hits_and_misses_by_provider) {
    using enum proxy::token_lookup;
    const auto first = memory.verify(provider(0), access_token);
    const auto second = memory.verify(provider(0), access_token);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->get(), second->get()) << "the very same identity";
    const std::string forged = access_token.substr(0, access_token.size() - 4) + "AAAA";
    for (int count = 0; count < 3; ++count) {
        EXPECT_EQ(std::get<policies::refusal>(memory.verify(provider(0), forged).error()), reason::signature_invalid);
    }
    EXPECT_EQ(count(0, hit), 1U);
    EXPECT_EQ(count(0, miss), 2U);
    EXPECT_EQ(count(0, negative_hit), 2U);
    EXPECT_EQ(count(1, hit) + count(1, miss) + count(1, negative_hit), 0U);
}

TEST_F(token_memory_test, rules_of_another_generation_are_verified_anew_and_not_remembered) {
    const auto newer = std::make_shared<const proxy::serving>(parse(1, "{}", "other"), registry);
    ASSERT_NE(newer->rules().generation, rules->rules().generation);
    ASSERT_EQ((*memory.verify(provider(0), access_token))->claims_verdict, reason::ok);

    memory.replace_rules(newer);
    EXPECT_EQ((*memory.verify(newer->rules().providers[0], access_token))->claims_verdict, reason::claim_mismatch);
    // A request that began with the old rules ends with them.
    const auto before = count(0, proxy::token_lookup::miss);
    EXPECT_EQ((*memory.verify(provider(0), access_token))->claims_verdict, reason::ok);
    EXPECT_EQ(count(0, proxy::token_lookup::miss), before);
}

TEST_F(token_memory_test, new_keys_drop_what_their_own_provider_verified_and_nothing_else) {
    using enum proxy::token_lookup;
    for (const std::size_t index : {0U, 1U}) {
        ASSERT_TRUE(memory.verify(provider(index), access_token));
        ASSERT_TRUE(memory.verify(provider(index), access_token));
        ASSERT_EQ(count(index, hit), 1U);
    }
    auto& ring = keys_of(provider(0));
    const auto same = ring.current().keys;

    ring.replace(same);
    EXPECT_TRUE(memory.verify(provider(0), access_token));
    EXPECT_TRUE(memory.verify(provider(1), access_token));
    EXPECT_EQ(count(0, hit), 1U) << "verified anew";
    EXPECT_EQ(count(0, miss), 2U);
    EXPECT_EQ(count(1, hit), 2U);
    EXPECT_TRUE(memory.verify(provider(0), access_token));
    EXPECT_EQ(count(0, hit), 2U) << "and remembered again";

    ring.replace(std::make_shared<const policies::jose::key_set>());
    EXPECT_EQ(std::get<policies::refusal>(memory.verify(provider(0), access_token).error()), reason::key_not_found);
    EXPECT_TRUE(memory.verify(provider(1), access_token));
    ring.replace(nullptr);
    EXPECT_EQ(std::get<policies::need>(memory.verify(provider(0), access_token).error()).of, &provider(0));
    ring.replace(same);
    EXPECT_TRUE(memory.verify(provider(0), access_token));
}

TEST_F(token_memory_test, off_means_off) {
    const auto none = std::make_shared<const proxy::serving>(parse(1, "{max_bytes: 0}"), registry);
    memory.replace_rules(none);
    const auto first = memory.verify(none->rules().providers[0], access_token);
    const auto second = memory.verify(none->rules().providers[0], access_token);
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->get(), second->get());
}

} // namespace
} // namespace bearward::test
