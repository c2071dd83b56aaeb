// Algorithms that not every OpenSSL has.
#include "config/configuration.hpp"

#include "policies/jose/availability.hpp"

#include <gmock/gmock.h>

namespace bearward::config {
namespace {

TEST(provider_algorithms, ml_dsa_needs_an_openssl_that_has_it) {
    const std::string text = R"(version: 1
listen: [{address: "127.0.0.1:8080"}]
upstreams: {app: {servers: ["127.0.0.1:8000"]}}
providers: {main: {audiences: [a], algorithms: [ES256, ML-DSA-65], keys: {jwks_file: none.json}}}
routes: [{prefix: /, upstream: app, providers: [main]}]
)";
    load_options options;
    options.offline = true;
    const load_result result = load_text(text, "test.yaml", options);
    const bool available = policies::jose::is_available(policies::jose::algorithm::ml_dsa_65);
    EXPECT_EQ(result.loaded.has_value(), available);
    if (!available) {
        ASSERT_EQ(result.diagnostics.size(), 1U);
        EXPECT_THAT(to_string(result.diagnostics[0]),
                    testing::MatchesRegex("test.yaml:4:56: error: providers.main.algorithms\\[1\\]: ML-DSA-65 needs OpenSSL 3.5 or later; "
                                          "[0-9]+\\.[0-9]+\\.[0-9]+[^ ]* is linked"));
    }
}

} // namespace
} // namespace bearward::config
