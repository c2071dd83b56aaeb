// Whatever a client sends as a token: no crash, only tokens that were signed with
// the key verify, and what parses keeps its promises.
#include "policies/jose/base64url.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/signature.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <boost/json/serialize.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace jose = bearward::policies::jose;
namespace tokens = bearward::policies::tokens;
using bearward::policies::time_point;

namespace {

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// The verifier of a provider whose secret the input does not know.
struct verifier {
    verifier() {
        rules.provider = "fuzz";
        rules.issuers = {{"issuer"}};
        rules.audiences = {"audience"};
        rules.algorithms = {jose::algorithm::hs256};
        rules.max_token = 1U << 20U;
        const jose::key_options options{.algorithms = rules.algorithms, .allow_weak_keys = false, .allow_symmetric = true};
        keys = jose::make_secret_key_set(signer.private_pem(), options).value();
    }
    tokens::verification_rules rules;
    jose::signing_key signer = jose::signing_key::generate(jose::algorithm::hs256);
    jose::key_set keys;
};

void check_parsed(std::string_view input, const tokens::verification_rules& rules) {
    const auto parsed = jose::parse_jws(input, rules.algorithms);
    if (!parsed) {
        return;
    }
    const auto parts = jose::split_jws(input);
    must(parts.has_value() && parsed->alg == jose::algorithm::hs256 && !parsed->signature.empty());
    must(jose::encode_base64url(parsed->payload) == parts->payload);
    must(std::string(parsed->signing_input) + "." + jose::encode_base64url(parsed->signature) == input);
}

/// Signed as it is, the input may be any payload: dates, lists and types of every kind.
void check_signed_payload(std::string_view payload, const verifier& by) {
    std::string token = jose::encode_base64url(R"({"alg":"HS256"})") + "." + jose::encode_base64url(payload);
    token += "." + jose::encode_base64url(by.signer.sign(jose::algorithm::hs256, token).value());
    const auto verified = tokens::verify_token(by.rules, by.keys, token);
    const auto claims = jose::parse_json_object(payload);
    must(claims.has_value() || !verified.has_value());
    if (!verified) {
        return;
    }
    must((*verified)->who.claims == *claims && (*verified)->who.provider == "fuzz");
    // Without a date in the future there is no time at which an expired token holds again.
    const bool lives = tokens::judge_token(by.rules, **verified, time_point::min(), {}) == bearward::policies::reason::ok;
    must(!lives || (*verified)->expires.has_value());
    must(tokens::judge_token(by.rules, **verified, time_point::max(), {}) != bearward::policies::reason::ok);
    // What was read is strict JSON again once written.
    must(jose::parse_json_object(boost::json::serialize(*claims)).has_value());
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const verifier by;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    must(!tokens::verify_token(by.rules, by.keys, input).has_value());
    static_cast<void>(tokens::peek_issuer(input));
    check_parsed(input, by.rules);
    check_signed_payload(input, by);
    return 0;
}
