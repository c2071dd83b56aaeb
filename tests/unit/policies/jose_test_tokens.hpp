// Makes tokens and keys for the tests of jose and tokens.
#pragma once

#include "policies/jose/base64url.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/jose/signature.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::policies::jose::test {

inline const std::vector<algorithm> all_algorithms{
    algorithm::hs256, algorithm::hs384, algorithm::hs512, algorithm::rs256, algorithm::rs384, algorithm::rs512, algorithm::ps256,
    algorithm::ps384, algorithm::ps512, algorithm::es256, algorithm::es384, algorithm::es512, algorithm::eddsa, algorithm::ed448,
};

/// A fresh key for each algorithm, made when it is first asked for; the RSA
/// algorithms share one, since making it is slow.
inline const signing_key& shared_key(algorithm value) {
    const bool is_rsa = to_string(value).starts_with("RS") || to_string(value).starts_with("PS");
    const algorithm made_for = is_rsa ? algorithm::rs256 : value;
    static std::map<algorithm, signing_key> keys;
    auto found = keys.find(made_for);
    if (found == keys.end()) {
        found = keys.emplace(made_for, signing_key::generate(made_for)).first;
    }
    return found->second;
}

/// A token with this very header and payload, whatever they say.
inline std::string mint(const signing_key& key, algorithm value, std::string_view header, std::string_view payload) {
    std::string token = encode_base64url(header) + "." + encode_base64url(payload);
    const auto signature = key.sign(value, token);
    if (!signature) {
        throw std::runtime_error(signature.error());
    }
    return token + "." + encode_base64url(*signature);
}

inline std::string mint(const signing_key& key, algorithm value, std::string_view payload) {
    return mint(key, value, R"({"alg":")" + std::string(to_string(value)) + R"("})", payload);
}

inline key_options options_for(const std::vector<algorithm>& algorithms) {
    return key_options{.algorithms = algorithms, .allow_weak_keys = false, .allow_symmetric = true};
}

/// The keys of a set that must be accepted.
inline key_set keys_of(std::string_view jwks, const std::vector<algorithm>& algorithms = all_algorithms) {
    auto set = parse_jwk_set(jwks, options_for(algorithms));
    if (!set) {
        throw std::runtime_error(set.error());
    }
    return std::move(*set);
}

} // namespace bearward::policies::jose::test
