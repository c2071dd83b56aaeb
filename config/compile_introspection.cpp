// Providers that ask their issuer, as they serve.
#include "config/compile.hpp"
#include "config/encoding.hpp"

#include <memory>
#include <random>
#include <variant>

namespace bearward::config {
namespace {

/// Nobody outside can know it, so nobody can choose tokens that collide.
policies::tokens::hash_key make_hash_key() {
    std::random_device source;
    const auto bits = [&source] { return std::uint64_t{source()} << 32 | source(); };
    const std::uint64_t first = bits();
    return {first, bits()};
}

} // namespace

void compile_introspection(const introspection_settings& from, policies::provider& made) {
    made.rules.require_expiry = false; // the issuer says whether it is active, and is asked again
    const policies::tokens::introspection_limits limits{
        .ttl = from.cache.ttl, .negative_ttl = from.cache.negative_ttl, .max_bytes = from.cache.max_bytes};
    made.how = policies::introspection_provider{
        .answers = std::make_shared<policies::tokens::introspection_answers>(limits, make_hash_key()), .timeout = from.timeout};
}

std::vector<introspection_endpoint> compile_introspection_endpoints(const settings& from) {
    std::vector<introspection_endpoint> made;
    for (const provider_settings& each : from.providers) {
        if (const auto* const asked = std::get_if<introspection_settings>(&each.type)) {
            made.push_back({.provider = each.name,
                            .to = asked->endpoint.value,
                            .client_id = asked->client_id,
                            .client_secret = asked->client_secret.value.value,
                            .authentication = asked->authentication,
                            .timeout = asked->timeout});
        }
    }
    return made;
}

} // namespace bearward::config
