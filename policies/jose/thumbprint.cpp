#include "policies/jose/thumbprint.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/sha256.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <span>
#include <string_view>

namespace bearward::policies::jose {
namespace {

/// The members of RFC 7638 section 3.2 in lexicographic order; empty: unknown.
std::span<const std::string_view> members_of(std::string_view kty) noexcept {
    static constexpr std::array<std::string_view, 4> ec{"crv", "kty", "x", "y"};
    static constexpr std::array<std::string_view, 3> rsa{"e", "kty", "n"};
    static constexpr std::array<std::string_view, 3> okp{"crv", "kty", "x"};
    static constexpr std::array<std::string_view, 2> oct{"k", "kty"};
    static constexpr std::array<std::string_view, 3> akp{"alg", "kty", "pub"};
    if (kty == "EC") {
        return ec;
    }
    if (kty == "RSA") {
        return rsa;
    }
    if (kty == "OKP") {
        return okp;
    }
    if (kty == "AKP") {
        return akp;
    }
    return kty == "oct" ? std::span<const std::string_view>(oct) : std::span<const std::string_view>{};
}

const boost::json::string* text_member(const boost::json::object& jwk, std::string_view name) {
    const boost::json::value* found = jwk.if_contains(name);
    return found == nullptr ? nullptr : found->if_string();
}

} // namespace

std::optional<std::string> jwk_thumbprint(const boost::json::object& jwk) {
    const boost::json::string* kty = text_member(jwk, "kty");
    const auto names = kty == nullptr ? std::span<const std::string_view>{} : members_of(*kty);
    boost::json::object canonical;
    for (const std::string_view name : names) {
        const boost::json::string* text = text_member(jwk, name);
        if (text == nullptr) {
            return std::nullopt;
        }
        canonical[name] = *text;
    }
    if (canonical.empty()) {
        return std::nullopt;
    }
    return encode_base64url(sha256_text(boost::json::serialize(canonical)));
}

} // namespace bearward::policies::jose
