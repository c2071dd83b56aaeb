// Whatever a client sends as a DPoP proof, as its claims or as its target: no crash, and only
// what the key signed for this very request holds.
#include "policies/jose/base64url.hpp"
#include "policies/jose/sha256.hpp"
#include "policies/jose/signature.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/jose/thumbprint.hpp"
#include "policies/tokens/confirmation.hpp"
#include "policies/tokens/dpop_proof.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace jose = bearward::policies::jose;
namespace requests = bearward::policies::requests;
namespace tokens = bearward::policies::tokens;
namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

constexpr std::string_view token = "a.bound.token";
constexpr requests::client_target target{.scheme = "https", .authority = "api.example.com", .path = "/a"};

struct client {
    client() {
        jwk = json::parse(key.jwk(jose::algorithm::eddsa, "")).as_object();
        thumbprint = jose::jwk_thumbprint(jwk).value();
        demand.key = thumbprint;
    }
    [[nodiscard]] std::string sign(std::string_view claims) const {
        const json::object header{{"typ", "dpop+jwt"}, {"alg", "EdDSA"}, {"jwk", jwk}};
        std::string made = jose::encode_base64url(json::serialize(header)) + "." + jose::encode_base64url(claims);
        return made + "." + jose::encode_base64url(key.sign(jose::algorithm::eddsa, made).value());
    }

    jose::signing_key key = jose::signing_key::generate(jose::algorithm::eddsa);
    json::object jwk;
    std::string thumbprint;
    tokens::proof_demand demand{.key = {},
                                .token = token,
                                .method = "GET",
                                .target = target,
                                .now = bearward::policies::time_point(1'800'000'000s),
                                .clock_skew = 30s,
                                .longest = 1U << 20U};
};

void check_signed_claims(std::string_view input, const client& by) {
    const auto held = tokens::check_dpop_proof(by.sign(input), by.demand);
    if (!held) {
        return;
    }
    const auto claims = jose::parse_json_object(input);
    must(claims.has_value() && claims->at("htm") == "GET" && claims->at("jti") == held->id.c_str() && !held->id.empty());
    must(claims->at("ath") == json::value(jose::encode_base64url(jose::sha256_text(token))));
    must(requests::is_uri_of(std::string_view(claims->at("htu").as_string()), target));
    const auto age = by.demand.now - held->issued_at;
    must(age <= 90s && age >= -90s);
}

/// A URI's target is its own, whichever way it is written, and no other's.
void check_uri(std::string_view input) {
    must(!requests::is_uri_of(input, {.scheme = "https", .authority = "", .path = "/"}));
    if (requests::is_uri_of(input, target)) {
        must(!requests::is_uri_of(input, {.scheme = "http", .authority = "api.example.com", .path = "/a"}));
        must(!requests::is_uri_of(input, {.scheme = "https", .authority = "api.example.com:8443", .path = "/a"}));
        must(!requests::is_uri_of(input, {.scheme = "https", .authority = "api.example.com", .path = "/a/"}));
        must(!requests::is_uri_of(input, {.scheme = "https", .authority = "example.com", .path = "/a"}));
    }
    static_cast<void>(requests::is_uri_of("https://api.example.com/a", {.scheme = "https", .authority = input, .path = input}));
}

void check_confirmation(std::string_view input) {
    const auto claims = jose::parse_json_object(input);
    if (!claims) {
        return;
    }
    const json::value claim(*claims);
    const tokens::confirmation made = tokens::parse_confirmation(&claim);
    must(made.present);
    must(!made.fault.empty() || !made.key.empty() || !made.certificate.empty());
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const client by;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    must(!tokens::check_dpop_proof(input, by.demand).has_value());
    check_signed_claims(input, by);
    check_uri(input);
    check_confirmation(input);
    return 0;
}
