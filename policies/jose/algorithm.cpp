#include "policies/jose/algorithm.hpp"

#include <array>

namespace bearward::policies::jose {
namespace {

constexpr std::array<std::string_view, algorithm_count> words{
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
};

} // namespace

std::string_view to_string(algorithm value) noexcept {
    return words[static_cast<std::size_t>(value)];
}

std::optional<algorithm> parse_algorithm(std::string_view word) noexcept {
    for (std::size_t index = 0; index < words.size(); ++index) {
        if (words[index] == word) {
            return static_cast<algorithm>(index);
        }
    }
    return std::nullopt;
}

} // namespace bearward::policies::jose
