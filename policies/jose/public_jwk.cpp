#include "policies/jose/public_jwk.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/key_material.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace bearward::policies::jose {
namespace {

namespace json = boost::json;

/// What only its owner may have (RFC 7518 section 6, RFC 8037 section 2, RFC 9964 section 3).
constexpr std::array<std::string_view, 9> private_members{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"};

std::optional<std::string> bytes_of(const json::object& jwk, std::string_view name) {
    const json::value* const found = jwk.if_contains(name);
    const json::string* const text = found != nullptr ? found->if_string() : nullptr;
    return text != nullptr ? decode_base64url(std::string_view(*text)) : std::nullopt;
}

/// Whether the members have the one form that their key has (RFC 7518 sections 6.2.1 and 6.3.1).
bool is_exact(const json::object& jwk, key_family family) {
    if (family == key_family::rsa) {
        const auto modulus = bytes_of(jwk, "n");
        const auto exponent = bytes_of(jwk, "e");
        return modulus && exponent && !modulus->starts_with('\0') && !exponent->starts_with('\0');
    }
    if (const std::size_t size = field_size(family); size != 0) {
        const auto x = bytes_of(jwk, "x");
        const auto y = bytes_of(jwk, "y");
        return x && y && x->size() == size && y->size() == size;
    }
    return bytes_of(jwk, row_of(key_family_table, family).public_key).has_value();
}

} // namespace

std::expected<key, std::string> parse_public_jwk(const json::object& jwk, algorithm for_algorithm) {
    if (is_hmac(for_algorithm) || std::ranges::any_of(private_members, [&](std::string_view name) { return jwk.contains(name); })) {
        return std::unexpected(std::string("it is a secret or holds a private key"));
    }
    if (!is_exact(jwk, row_of(algorithm_table, for_algorithm).family)) {
        return std::unexpected(std::string("it is no public key for its alg, in strict base64url and of exact length"));
    }
    const std::array only{for_algorithm};
    auto read = read_jwk(jwk, {.algorithms = only, .allow_weak_keys = false, .allow_symmetric = false});
    if (!read) {
        return std::unexpected(std::move(read).error().what);
    }
    return std::move(*read);
}

} // namespace bearward::policies::jose
