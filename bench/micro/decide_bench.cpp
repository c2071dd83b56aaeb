// Nanoseconds of the decision: cold by algorithm, with the bare OpenSSL
// verification beside it, and with a token that is known.
#include "bench/micro/fixtures.hpp"
#include "policies/jose/jws.hpp"
#include "policies/tokens/token_cache.hpp"

#include <benchmark/benchmark.h>

#include <stdexcept>

namespace bearward::bench {
namespace {

void must_permit(const policies::decision& decided) {
    if (!std::holds_alternative<policies::permit>(decided)) {
        throw std::logic_error("the benchmark's request is denied");
    }
}

/// Every token anew.
void decide_cold(benchmark::State& state, algorithm alg) {
    scene at(alg);
    policies::direct_outside source(now);
    must_permit(policies::decide(at.request, at.rules, source, policies::on_need::tell, at.scratch));
    for ([[maybe_unused]] auto each : state) {
        benchmark::DoNotOptimize(policies::decide(at.request, at.rules, source, policies::on_need::tell, at.scratch));
    }
}

/// What of it is OpenSSL's.
void verify_bare(benchmark::State& state, algorithm alg) {
    scene at(alg);
    const std::string_view token = std::string_view(at.token).substr(7);
    const auto parsed = policies::jose::parse_jws(token, at.rules.providers[0].rules.algorithms).value();
    const auto keys = keys_of(at.rules.providers[0]).current().keys;
    const auto& key = keys->keys.front();
    for ([[maybe_unused]] auto each : state) {
        if (!policies::jose::verify_signature(key, alg, parsed.signing_input, parsed.signature)) {
            throw std::logic_error("the benchmark's token is forged");
        }
    }
}

/// As a worker's token_memory does, without its counters.
class cached_source final : public policies::outside {
public:
    cached_source() : outside(bench::now) {}
    policies::verification verify(const policies::provider& by, std::string_view token) override {
        if (keys_.epoch != keys_of(by).epoch()) {
            keys_ = keys_of(by).current();
        }
        if (const auto* const known = cache_.find(token); known != nullptr) {
            return *known;
        }
        auto outcome = policies::tokens::verify_token(by.rules, *keys_.keys, token);
        cache_.insert(token, outcome);
        return outcome;
    }

private:
    policies::tokens::key_ring::edition keys_;
    policies::tokens::token_cache cache_{std::size_t{32} << 20, {0x0123456789ABCDEF, 0xFEDCBA9876543210}};
};

void decide_cached(benchmark::State& state, algorithm alg) {
    scene at(alg);
    cached_source source;
    must_permit(policies::decide(at.request, at.rules, source, policies::on_need::tell, at.scratch));
    for ([[maybe_unused]] auto each : state) {
        benchmark::DoNotOptimize(policies::decide(at.request, at.rules, source, policies::on_need::tell, at.scratch));
    }
}

void cache_hit(benchmark::State& state, algorithm alg) {
    scene at(alg);
    cached_source source;
    const std::string_view token = std::string_view(at.token).substr(7);
    for ([[maybe_unused]] auto each : state) {
        benchmark::DoNotOptimize(source.verify(at.rules.providers[0], token));
    }
}

BENCHMARK_CAPTURE(decide_cold, HS256, algorithm::hs256);
BENCHMARK_CAPTURE(decide_cold, RS256, algorithm::rs256);
BENCHMARK_CAPTURE(decide_cold, ES256, algorithm::es256);
BENCHMARK_CAPTURE(decide_cold, EdDSA, algorithm::eddsa);
BENCHMARK_CAPTURE(verify_bare, HS256, algorithm::hs256);
BENCHMARK_CAPTURE(verify_bare, RS256, algorithm::rs256);
BENCHMARK_CAPTURE(verify_bare, ES256, algorithm::es256);
BENCHMARK_CAPTURE(verify_bare, EdDSA, algorithm::eddsa);
BENCHMARK_CAPTURE(decide_cached, HS256, algorithm::hs256);
BENCHMARK_CAPTURE(decide_cached, RS256, algorithm::rs256);
BENCHMARK_CAPTURE(cache_hit, HS256, algorithm::hs256);
BENCHMARK_CAPTURE(cache_hit, RS256, algorithm::rs256);

} // namespace
} // namespace bearward::bench
