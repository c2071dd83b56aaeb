// Whatever an issuer says in a security event token, and of whom: no crash, and what is revoked is
// named by the subject, of this provider, for what was issued until then.
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/event_subject.hpp"
#include "policies/tokens/security_event.hpp"

#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace jose = bearward::policies::jose;
namespace tokens = bearward::policies::tokens;
namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

constexpr bearward::policies::time_point now{1'800'000'000s};

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct provider {
    provider() {
        rules.provider = "main";
        rules.issuers = {std::string("https://id/")};
        rules.audiences = {"app"};
    }
    tokens::verification_rules rules;
    std::vector<tokens::issuer_pattern> literal{std::string("https://id/")};
    std::vector<tokens::issuer_pattern> several{tokens::issuer_pattern::parse("https://id/{tid}/").value(), std::string("https://id/")};
};

void check(const provider& by, const std::vector<tokens::issuer_pattern>& issuers, const json::object& claims) {
    must(!tokens::judge_security_event(by.rules, issuers, {.claims = claims, .type = "JWT"}, now).has_value());
    const auto judged = tokens::judge_security_event(by.rules, issuers, {.claims = claims, .type = "secevent+jwt"}, now);
    if (!judged) {
        must(!judged.error().cause.empty() && !tokens::event_error_of(judged.error().why).word.empty());
        return;
    }
    must(claims.at("iss") == "https://id/" && judged->issued_at - now <= 30s && !judged->about.empty());
    for (const auto& each : judged->entries) {
        must(each.provider == "main" && each.before == judged->issued_at && !each.what.id.empty());
        must(json::serialize(claims).size() >= each.what.id.size());
        const auto again = tokens::parse_revocation_member(tokens::to_member(each));
        must(again.has_value() && again->what.id == each.what.id && again->issuer == each.issuer);
    }
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const provider by;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto object = jose::parse_json_object(input);
    if (!object) {
        return 0;
    }
    check(by, by.literal, *object);
    check(by, by.several, *object);
    static_cast<void>(tokens::read_event_subject(*object));
    // Most inputs have no sound claims around: a subject of theirs in sound ones.
    json::object claims{{"iss", "https://id/"}, {"aud", "app"}, {"iat", 1'800'000'000}, {"jti", "e"}};
    claims["events"] = json::object{{"https://schemas.openid.net/secevent/caep/event-type/session-revoked", json::object{}}};
    claims["sub_id"] = *object;
    check(by, by.literal, claims);
    check(by, by.several, claims);
    return 0;
}
