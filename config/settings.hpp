// What the user wrote, as plain values: defaults inline, units in the types. No
// behaviour here; fields.cpp declares how each is read, checked and documented.
#pragma once

#include "config/certificate.hpp"
#include "config/listener_settings.hpp"
#include "config/log_settings.hpp"
#include "config/path_settings.hpp"
#include "config/place.hpp"
#include "config/test_settings.hpp"
#include "config/upstream_settings.hpp"
#include "config/warning_code.hpp"
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

/// Text from a file, the environment or the configuration itself. The value is
/// read when the document is, and never shown.
struct secret_settings {
    std::string value; ///< decoded; empty when offline
    bool given = false;
};

/// Exactly one is given.
struct key_settings {
    located_text jwks_file; ///< resolved paths
    located_text pem_file;
    located_text jwks; ///< a JWK set as JSON text
    located_text pem;  ///< PEM text
    located<secret_settings> secret;
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
    located_text file; ///< resolved path; empty: none
};

/// What a provider of type jwt has besides.
struct jwt_settings {
    std::vector<located<policies::jose::algorithm>> algorithms;
    key_settings keys;
    std::optional<milliseconds> max_lifetime;
    std::vector<std::string> types{"JWT", "at+jwt"};
    bool require_type = false;
    bool allow_weak_keys = false;
    token_cache_settings token_cache;
};

struct provider_settings {
    std::string name;
    std::variant<jwt_settings> type;                       ///< a tagged union: `type` is its tag
    std::vector<policies::tokens::issuer_pattern> issuers; ///< empty: none
    std::vector<std::string> audiences;
    located_text header{"Authorization", {}};
    std::string query_parameter = "access_token";
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
    std::string word; ///< user, tenant, roles, scopes, provider or claims.PATH
};

struct identity_header_settings {
    std::string name;
    identity_source from;
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
    std::vector<requirement_settings> any;
    std::vector<requirement_settings> all;
    std::vector<requirement_settings> none; ///< `not`: one at most
    std::vector<located_text> policies;
    place at;

    [[nodiscard]] bool empty() const noexcept {
        return roles.empty() && all_roles.empty() && scopes.empty() && all_scopes.empty() && !tenant.value && claims.empty() &&
               any.empty() && all.empty() && none.empty() && policies.empty();
    }
};

struct policy_settings {
    std::string name;
    requirement_settings require;
    place at;
};

struct websocket_settings {
    bool enabled = true;
    policies::requests::token_places token_from{.header = true, .query = true, .subprotocol = true};
    policies::rules::rejection reject_with = policies::rules::rejection::close;
    policies::close_codes close_code;
    bool close_on_expiry = true;
    std::vector<std::string> origins;
    std::uint64_t given = 0; ///< which fields were written, a bit each
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
    std::vector<located_text> providers;
    located<policies::rules::authentication> auth{policies::rules::authentication::required, {}};
    located<requirement_settings> require;
    located<policies::rules::enforcement> mode{policies::rules::enforcement::enforce, {}};
    policies::requests::token_places token_from{.header = true, .query = false, .subprotocol = false};
    bool forward_token = false;
    bool strip_prefix = false;
    std::optional<policies::requests::ambiguous_paths> ambiguous_paths; ///< nothing: as `paths` says
    std::vector<added_header_settings> add_request_headers;
    std::vector<located_text> remove_request_headers;
    std::vector<added_header_settings> add_response_headers;
    std::vector<located_text> remove_response_headers;
    websocket_settings websocket;
    std::uint64_t given = 0; ///< which fields were written, a bit each
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
    std::vector<policy_settings> policies;
    route_options defaults;
    std::vector<route_settings> routes;
    std::vector<test_settings> tests;
    limit_settings limits;
    header_settings headers;
    path_settings paths;
    error_settings errors;
    log_settings log;
    std::vector<warning_code> allow_warnings; ///< of neither a route nor a provider
};

} // namespace bearward::config
