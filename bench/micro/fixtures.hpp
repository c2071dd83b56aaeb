// What the benchmarks decide about: keys, tokens, a request, tables of routes.
#pragma once

#include "policies/decide.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/jose/signature.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::bench {

using policies::jose::algorithm;

inline constexpr policies::time_point now{std::chrono::seconds{1'800'000'000}};

/// A token such as an identity provider issues.
inline std::string mint(const policies::jose::signing_key& key, algorithm alg) {
    using policies::jose::encode_base64url;
    const std::string head = R"({"alg":")" + std::string(to_string(alg)) + R"(","typ":"at+jwt","kid":"k1"})";
    const std::string claims = R"({"iss":"https://id.example.com/","aud":["widgets-api"],"sub":"0b9c8a6e-4a53-4ad2-a1c6-0b4e5f0b1d11",)"
                               R"("tid":"t-1","roles":["reader","editor"],"scope":"read write","iat":1799999000,"exp":1800003600,)"
                               R"("jti":"5e6f7c10-9f5e-4d75-8d34-0a9c3a2b1c00","email":"ada@example.com","name":"Ada Lovelace"})";
    const std::string input = encode_base64url(head) + '.' + encode_base64url(claims);
    return input + '.' + encode_base64url(key.sign(alg, input).value());
}

inline policies::provider make_provider(const policies::jose::signing_key& key, algorithm alg) {
    policies::provider made;
    made.rules.provider = "main";
    made.rules.issuers = {{"https://id.example.com/"}};
    made.rules.audiences = {"widgets-api"};
    made.rules.algorithms = {alg};
    const policies::jose::key_options options{.algorithms = made.rules.algorithms};
    keys_of(made).replace(std::make_shared<const policies::jose::key_set>(
        policies::jose::parse_jwk_set(R"({"keys":[)" + key.jwk(alg, "k1") + "]}", options).value()));
    return made;
}

inline policies::rules::route make_route(const std::string& pattern) {
    policies::rules::route made;
    made.name = made.pattern = pattern;
    made.segments = policies::rules::parse_pattern(pattern).value();
    made.providers = {0};
    made.credential_names = {{}};
    return made;
}

/// One provider, a few routes, the usual identity headers; and a request to decide.
struct scene {
    explicit scene(algorithm alg) : key(policies::jose::signing_key::generate(alg)), token("Bearer " + mint(key, alg)) {
        rules.providers.push_back(make_provider(key, alg));
        std::vector<policies::rules::route> routes{make_route("/"), make_route("/public"), make_route("/tenants/{id}/widgets")};
        routes[2].require.tenant = policies::rules::operand{"id", true};
        rules.routes = policies::rules::route_table(std::move(routes));
        using source = policies::identity_header::source;
        for (const auto& [name, from] : {std::pair{"X-User-Id", source::user}, std::pair{"X-Tenant-Id", source::tenant},
                                         std::pair{"X-User-Roles", source::roles}, std::pair{"X-User-Scopes", source::scopes}}) {
            rules.identity_headers.push_back({name, from, {}});
        }
        headers = {{"Host", "api.example.com"}, {"User-Agent", "bench/1"}, {"Accept", "*/*"}, {"Authorization", token}};
        request.method = "GET";
        request.path = {.path = "/tenants/t-1/widgets"};
        request.host = "api.example.com";
        request.headers = headers;
    }
    scene(const scene&) = delete;
    scene& operator=(const scene&) = delete;

    policies::jose::signing_key key;
    std::string token; ///< the field's value
    policies::snapshot rules;
    std::vector<policies::requests::header> headers;
    policies::requests::request_view request;
    policies::requests::credential_scratch scratch;
};

inline constexpr std::string_view request_text = "GET /tenants/t-1/widgets?page=2&sort=name HTTP/1.1\r\n"
                                                 "Host: api.example.com\r\n"
                                                 "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
                                                 "Accept: application/json, text/plain, */*\r\n"
                                                 "Accept-Language: en-US,en;q=0.5\r\n"
                                                 "Accept-Encoding: gzip, deflate, br, zstd\r\n"
                                                 "Connection: keep-alive\r\n"
                                                 "Referer: https://app.example.com/widgets\r\n"
                                                 "Cache-Control: no-cache\r\n\r\n";

} // namespace bearward::bench
