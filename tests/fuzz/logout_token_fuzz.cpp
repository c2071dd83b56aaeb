// Whatever is sent as a logout token, or an issuer signs that is something else: no crash, and only
// what has all that a logout token has revokes anything.
#include "policies/jose/base64url.hpp"
#include "policies/jose/signature.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/logout_token.hpp"
#include "policies/tokens/signed_claims.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace jose = bearward::policies::jose;
namespace tokens = bearward::policies::tokens;

namespace {

using namespace std::chrono_literals;

constexpr bearward::policies::time_point now{1'800'000'000s};
constexpr std::array<jose::algorithm, 1> allowed{jose::algorithm::eddsa};

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct issuer {
    issuer() {
        rules.provider = "main";
        rules.issuers = {std::string("https://id/")};
        rules.audiences = {"app"};
        const std::string set = key.jwk(jose::algorithm::eddsa, "k");
        keys = jose::parse_jwk_set(set, {.algorithms = allowed}).value();
    }
    [[nodiscard]] std::string sign(std::string_view claims) const {
        std::string made = jose::encode_base64url(R"({"alg":"EdDSA","typ":"logout+jwt"})") + "." + jose::encode_base64url(claims);
        return made + "." + jose::encode_base64url(key.sign(jose::algorithm::eddsa, made).value());
    }

    jose::signing_key key = jose::signing_key::generate(jose::algorithm::eddsa);
    jose::key_set keys;
    tokens::verification_rules rules;
};

void check_claims(std::string_view input, const issuer& by) {
    const auto verified = tokens::verify_claims(allowed, by.keys, by.sign(input));
    if (!verified) {
        return;
    }
    const auto judged = tokens::judge_logout_token(by.rules, *verified, now);
    if (!judged) {
        must(!judged.error().cause.empty());
        return;
    }
    const auto& claims = verified->claims;
    must(claims.at("iss") == "https://id/" && claims.at("jti") == judged->id.c_str() && claims.contains("exp"));
    must(claims.at("events").as_object().at("http://schemas.openid.net/event/backchannel-logout").is_object());
    must(!claims.contains("nonce") || claims.at("nonce").is_null());
    must(now - judged->issued_at <= 5min && judged->issued_at - now <= 30s);
    must(judged->entries.size() == 1);
    const auto& entry = judged->entries.front();
    must(entry.provider == "main" && entry.before == judged->issued_at && !entry.what.id.empty());
    const auto again = tokens::parse_revocation_member(tokens::to_member(entry));
    must(again.has_value() && again->what.id == entry.what.id && again->what.kind == entry.what.kind);
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const issuer by;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    must(!tokens::verify_claims(allowed, by.keys, input).has_value());
    check_claims(input, by);
    return 0;
}
