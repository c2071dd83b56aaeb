#include "proxy/demo/tokens.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/signature.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>

namespace bearward::proxy::demo {

namespace {

using policies::jose::algorithm;
using policies::jose::encode_base64url;
using policies::jose::signing_key;
using namespace std::chrono_literals;

constexpr std::string_view key_id = "demo";

struct caller {
    std::string_view user;
    std::string_view tenant;
    std::string_view role;
};

std::int64_t seconds(policies::time_point when) {
    return std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
}

std::string make_token(const signing_key& key, const caller& who, policies::time_point issued, policies::time_point expires) {
    const boost::json::object header{{"alg", "ES256"}, {"typ", "JWT"}, {"kid", key_id}};
    const boost::json::object claims{
        {"iss", demo_issuer},     {"aud", demo_audience},   {"sub", who.user}, {"tid", who.tenant}, {"roles", boost::json::array{who.role}},
        {"iat", seconds(issued)}, {"exp", seconds(expires)}};
    std::string token = encode_base64url(boost::json::serialize(header)) + '.' + encode_base64url(boost::json::serialize(claims));
    const auto signature = key.sign(algorithm::es256, token);
    if (!signature) {
        throw std::runtime_error("can't sign a token: " + signature.error());
    }
    return token + '.' + encode_base64url(*signature);
}

} // namespace

credentials make_credentials(policies::time_point now) {
    const signing_key key = signing_key::generate(algorithm::es256);
    const caller ada{"ada", "acme", "reader"};
    const caller grace{"grace", "acme", "admin"};
    const caller otto{"otto", "globex", "reader"};
    const auto later = now + 12h;
    return {.jwks = "{\"keys\": [" + key.jwk(algorithm::es256, key_id) + "]}\n",
            .tokens = {
                {"READER", "ada of tenant acme, role reader", make_token(key, ada, now, later)},
                {"ADMIN", "grace of tenant acme, role admin", make_token(key, grace, now, later)},
                {"OTHER", "otto of tenant globex, role reader", make_token(key, otto, now, later)},
                {"EXPIRED", "ada's, expired an hour ago", make_token(key, ada, now - 2h, now - 1h)},
            }};
}

std::string expand_tokens(std::string_view text, const std::vector<named_token>& tokens) {
    std::string expanded;
    while (!text.empty()) {
        const named_token* named = nullptr;
        for (const named_token& token : tokens) {
            if (text.front() == '$' && text.substr(1).starts_with(token.name)) {
                named = &token;
            }
        }
        expanded += named != nullptr ? std::string_view{named->value} : text.substr(0, 1);
        text.remove_prefix(named != nullptr ? named->name.size() + 1 : 1);
    }
    return expanded;
}

} // namespace bearward::proxy::demo
