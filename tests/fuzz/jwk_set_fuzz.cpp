// Whatever stands in a key file: no crash, no weak or unfit key, and no key that
// verifies an arbitrary signature.
#include "policies/jose/key_set.hpp"
#include "policies/jose/signature.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace jose = bearward::policies::jose;
using jose::algorithm;

namespace {

constexpr std::array listed{algorithm::hs256, algorithm::rs256, algorithm::ps512, algorithm::es256,
                            algorithm::es512, algorithm::eddsa, algorithm::ed448};
constexpr std::array unlisted{algorithm::hs384, algorithm::hs512, algorithm::rs384, algorithm::rs512,
                              algorithm::ps256, algorithm::ps384, algorithm::es384};

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check_set(const jose::key_set& set) {
    must(!set.keys.empty());
    for (const jose::key& key : set.keys) {
        must(std::ranges::any_of(listed, [&](algorithm value) { return key.allows(value); }));
        must(std::ranges::none_of(unlisted, [&](algorithm value) { return key.allows(value); }));
        for (const algorithm value : listed) {
            for (const std::size_t size : {0U, 32U, 64U, 132U, 256U}) {
                must(!jose::verify_signature(key, value, "message", std::string(size, '\0')));
            }
        }
    }
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const jose::key_options options{.algorithms = listed, .allow_weak_keys = false, .allow_symmetric = true};
    if (const auto set = jose::parse_jwk_set(input, options)) {
        check_set(*set);
        must(set->selection == jose::key_selection::by_id);
    } else {
        must(!set.error().empty());
    }
    if (const auto set = jose::parse_pem_keys(input, options)) {
        check_set(*set);
        must(std::ranges::none_of(set->keys, [](const jose::key& key) { return key.allows(algorithm::hs256); }));
    }
    static_cast<void>(jose::signing_key::parse_pem(input));
    return 0;
}
