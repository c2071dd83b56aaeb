// What the user wrote, as plain values: defaults inline, units in the types. No
// behaviour here; fields.cpp declares how each is read, checked and documented.
#pragma once

#include "config/api_key_settings.hpp"
#include "config/certificate.hpp"
#include "config/certificate_settings.hpp"
#include "config/cors_settings.hpp"
#include "config/introspection_settings.hpp"
#include "config/key_source_settings.hpp"
#include "config/listener_settings.hpp"
#include "config/log_settings.hpp"
#include "config/path_settings.hpp"
#include "config/place.hpp"
#include "config/receiver_settings.hpp"
#include "config/redis_settings.hpp"
#include "config/resource_settings.hpp"
#include "config/test_settings.hpp"
#include "config/tracing_settings.hpp"
#include "config/upstream_settings.hpp"
#include "config/warning_code.hpp"
#include "config/websocket_settings.hpp"
#include "policies/jose/algorithm.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/requests/header_kinds.hpp"
#include "policies/requests/network.hpp"
#include "policies/requests/target.hpp"
#include "policies/rules/route.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bearward::config {

struct admin_settings {
    std::optional<endpoint> address; ///< nothing: `off`
    std::optional<endpoint> probes;  ///< nothing: none
    std::vector<std::string> hosts;
    place at;

    friend bool operator==(const admin_settings&, const admin_settings&) = default;
};

/// Exactly one is given.
struct key_settings {
    located_text jwks_file; ///< resolved paths
    located<url> jwks_url;  ///< text empty: not given
    located<url> discovery_url;
    located_text pem_file;
    located_text jwks; ///< a JWK set as JSON text
    located_text pem;  ///< PEM text
    located<secret_settings> secret;
    place at;
};

/// Security event tokens of the Shared Signals Framework, pushed (RFC 8935).
struct event_settings {
    std::vector<std::string> audiences;
    std::vector<policies::tokens::issuer_pattern> issuers; ///< of the tokens; empty: the provider's
    std::optional<key_settings> keys;                      ///< nothing: the provider's
    located<secret_settings> authorization;                ///< not given: anybody may send, the signature counts
    located_text path;                                     ///< canonical; empty: the usual one of the provider
    milliseconds hold{86'400'000};
    place at;
};

struct token_cache_settings {
    std::size_t max_bytes = std::size_t{32} * 1024 * 1024; ///< in the whole process; 0: off
};

/// One entry of required_claims or of a requirement's claims.
struct claim_settings {
    policies::tokens::claim_path path;
    bool present_only = false;
    std::vector<boost::json::value> values;
    std::vector<policies::rules::operand> operands; ///< only in requirements; none is a literal
    std::optional<std::string> pattern;             ///< `matches`
    place at;
};

/// Where it is written which credentials count no longer.
struct revocation_settings {
    located_text file;                   ///< resolved path; empty: none
    std::optional<redis_settings> redis; ///< nothing: none
    std::optional<back_channel_logout_settings> logout;
    std::optional<event_settings> events;
};

/// What a provider of type jwt has besides.
struct jwt_settings {
    static constexpr std::string_view word = "jwt";

    std::vector<located<policies::jose::algorithm>> algorithms;
    key_settings keys;
    fetch_settings fetch; ///< of keys from URLs
    std::optional<milliseconds> max_lifetime;
    std::vector<std::string> types{"JWT", "at+jwt"};
    bool require_type = false;
    bool allow_weak_keys = false;
    policies::tokens::dpop_mode dpop = policies::tokens::dpop_mode::off;
    token_cache_settings token_cache;
};

struct provider_settings {
    std::string name;
    /// A tagged union: `type` is its tag.
    std::variant<jwt_settings, api_keys_settings, introspection_settings, certificate_provider_settings> type;
    std::vector<policies::tokens::issuer_pattern> issuers; ///< empty: none
    std::vector<std::string> audiences;
    located_text header{"Authorization", {}};
    std::string query_parameter = "access_token";
    std::string cookie; ///< empty: none
    milliseconds clock_skew{30'000};
    bool require_expiry = true;
    bool require_user = true;
    policies::tokens::claim_mapping claims;
    std::vector<claim_settings> required_claims;
    std::optional<revocation_settings> revocation;
    std::vector<warning_code> allow_warnings;
    std::uint64_t given = 0; ///< which fields were written, a bit each
    place at;
};

/// Where the value of an identity header comes from.
struct identity_source {
    std::string word; ///< user, tenant, roles, scopes, provider, claims.PATH or certificate.NAME
};

struct identity_header_settings {
    std::string name;
    identity_source from;
    place at;
};

struct rate_limit_settings {
    policies::rules::rate_subject per = policies::rules::rate_subject::user;
    config::rate rate;
    std::optional<std::uint64_t> burst; ///< nothing: as many as the rate counts
    place at;
};

/// A requirement as written; names of captures and policies are not resolved.
struct requirement_settings {
    std::vector<std::string> roles;
    std::vector<std::string> all_roles;
    std::vector<std::string> scopes;
    std::vector<std::string> all_scopes;
    located<std::optional<policies::rules::operand>> tenant;
    std::vector<claim_settings> claims;
    std::vector<std::string> acr;
    std::optional<milliseconds> max_age;
    std::vector<requirement_settings> any;
    std::vector<requirement_settings> all;
    std::vector<requirement_settings> none; ///< `not`: one at most
    std::vector<located_text> policies;
    place at;

    [[nodiscard]] bool empty() const noexcept {
        return roles.empty() && all_roles.empty() && scopes.empty() && all_scopes.empty() && !tenant.value && claims.empty() &&
               acr.empty() && !max_age && any.empty() && all.empty() && none.empty() && policies.empty();
    }
};

struct assertion_settings {
    located_text header{"X-Bearward-Assertion", {}};
    located_text private_key; ///< resolved path
    std::string issuer = "bearward";
    std::string audience; ///< empty: the upstream's name
    milliseconds lifetime{60'000};
    place at;
};

struct policy_settings {
    std::string name;
    requirement_settings require;
    place at;
};

/// A header that a route adds.
struct added_header_settings {
    std::string name;
    std::string value;
    place at;
};

/// The keys of a route that `defaults` may give too.
struct route_options {
    std::vector<located_text> hosts;
    std::vector<located_text> methods;
    std::vector<located_text> listeners;
    located_text upstream;                        ///< empty: none
    std::optional<milliseconds> response_timeout; ///< instead of the upstream's; 0: none
    std::optional<std::size_t> max_body;          ///< bytes of a request; none: any
    std::optional<rate_limit_settings> rate_limit;
    std::vector<located_text> providers;
    located<policies::rules::authentication> auth{policies::rules::authentication::required, {}};
    located<requirement_settings> require;
    located<policies::rules::enforcement> mode{policies::rules::enforcement::enforce, {}};
    located<policies::requests::token_places> token_from{{.header = true, .query = false, .subprotocol = false}, {}};
    located<std::vector<std::string>> cookie_origins;
    bool forward_token = false;
    bool strip_prefix = false;
    std::optional<policies::requests::ambiguous_paths> ambiguous_paths; ///< nothing: as `paths` says
    std::vector<added_header_settings> add_request_headers;
    std::vector<located_text> remove_request_headers;
    std::vector<added_header_settings> add_response_headers;
    std::vector<located_text> remove_response_headers;
    websocket_settings websocket;
    stream_settings streams;
    route_cors_settings cors;
    std::optional<resource_settings> resource_metadata; ///< nothing: the top-level one
    std::uint64_t given = 0;                            ///< which fields were written, a bit each
    place at;
};

struct route_settings : route_options {
    route_path_settings prefix; ///< exactly one of prefix and exact is not empty
    route_path_settings exact;
    bool literal = false; ///< what is a pattern in other products is text
    located_text name;    ///< empty: made of hosts, path and methods
    std::vector<warning_code> allow_warnings;

    [[nodiscard]] const route_path_settings& path() const noexcept { return exact.empty() ? prefix : exact; }
};

using header_settings = policies::requests::header_rules;

struct limit_settings {
    std::size_t max_connections = 20'000;
    std::size_t max_connections_per_address = 0; ///< 0: none
    std::size_t max_websockets_per_user = 0;     ///< 0: none
    milliseconds request_head_timeout{10'000};
    milliseconds request_body_timeout{30'000};
    milliseconds write_timeout{30'000};
    milliseconds idle_timeout{75'000};
    std::size_t max_request_head = std::size_t{32} * 1024;
    std::size_t max_request_target = std::size_t{16} * 1024;
    std::size_t max_request_headers = 128;
    std::size_t max_response_head = std::size_t{64} * 1024;
    std::size_t max_token = std::size_t{16} * 1024;
    milliseconds drain_delay{0};
    milliseconds drain_timeout{25'000};
    place at;
};

enum class error_format : std::uint8_t { detail, problem, text };

struct error_settings {
    error_format format = error_format::detail;
    bool expose_reason = false;
    bool pages = false; ///< for browsers that go to a page
    std::string realm = "bearward";
};

/// The whole document.
struct settings {
    unsigned version = 1;
    std::vector<std::string> include;
    unsigned threads = 0; ///< 0: auto
    std::string user;     ///< empty: whoever started it
    std::vector<listener_settings> listen;
    admin_settings admin{.address = endpoint{"127.0.0.1:9901", "127.0.0.1", 9901, ""}, .probes = {}, .hosts = {}, .at = {}};
    policies::requests::trusted_peers trusted_proxies;
    std::vector<upstream_settings> upstreams;
    std::vector<provider_settings> providers;
    std::vector<identity_header_settings> identity_headers{
        {"X-User-Id", {"user"}, {}},
        {"X-Tenant-Id", {"tenant"}, {}},
        {"X-User-Roles", {"roles"}, {}},
        {"X-User-Scopes", {"scopes"}, {}},
    };
    std::optional<assertion_settings> assertion;
    std::vector<policy_settings> policies;
    route_options defaults;
    std::vector<route_settings> routes;
    std::vector<test_settings> tests;
    std::optional<cors_settings> cors; ///< of routes that say nothing else
    limit_settings limits;
    header_settings headers;
    path_settings paths;
    std::optional<resource_settings> resource_metadata; ///< of routes that say nothing else
    std::optional<tracing_settings> tracing;
    error_settings errors;
    log_settings log;
    std::vector<warning_code> allow_warnings; ///< of neither a route nor a provider
};

} // namespace bearward::config
