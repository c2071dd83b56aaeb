// Everything a decision depends on besides the request and the outside: one
// immutable value for each generation of the configuration.
#pragma once

#include "policies/assertion.hpp"
#include "policies/jose/sha256.hpp"
#include "policies/requests/cors.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/requests/header_kinds.hpp"
#include "policies/requests/target.hpp"
#include "policies/resource_metadata.hpp"
#include "policies/rules/route_table.hpp"
#include "policies/tokens/api_keys.hpp"
#include "policies/tokens/certificate_match.hpp"
#include "policies/tokens/introspection_answers.hpp"
#include "policies/tokens/key_ring.hpp"
#include "policies/tokens/revoked_elsewhere.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bearward::policies {

/// Tokens that are verified with the issuer's keys.
struct jwt_provider {
    /// Never null. Shared and alive, where all else here is fixed: its keys may be replaced.
    std::shared_ptr<tokens::key_ring> keys = std::make_shared<tokens::key_ring>();
};

/// API keys that the configuration has the hashes of. Of the rules only the name says anything.
struct api_key_provider {
    tokens::api_key_list keys;
};

/// Tokens that the issuer is asked about (RFC 7662).
struct introspection_provider {
    /// Never null. Shared and alive: what the issuer says comes and goes.
    std::shared_ptr<tokens::introspection_answers> answers;
    /// How long a question may take.
    std::chrono::milliseconds timeout{5'000};
};

/// Clients' certificates that the listener verified. Of the rules only the name says anything.
struct certificate_provider {
    std::vector<tokens::certificate_match> match;
};

/// A trusted source of credentials.
struct provider {
    tokens::verification_rules rules; ///< rules.provider is its name
    /// Who says that a credential is genuine.
    std::variant<jwt_provider, api_key_provider, introspection_provider, certificate_provider> how;
    requests::credential_names names;
    /// Never null. Filled in before the rules are served; what it leads to changes meanwhile.
    std::shared_ptr<tokens::shared_revocations> revoked_elsewhere = tokens::make_shared_revocations();
    /// For its verified tokens (token_cache), in the whole process; 0: none are remembered.
    std::size_t token_cache_bytes = std::size_t{32} * 1024 * 1024;
};

/// Of a jwt_provider.
[[nodiscard]] inline tokens::key_ring& keys_of(const provider& by) noexcept {
    return *std::get<jwt_provider>(by.how).keys;
}

/// Whether the client's certificate is its credential: no token is.
[[nodiscard]] inline bool takes_certificates(const provider& by) noexcept {
    return std::holds_alternative<certificate_provider>(by.how);
}

/// Where an issuer tells of what counts no longer (policies/BEHAVIOUR.md 31).
struct revocation_receiver {
    enum class kind : std::uint8_t {
        logout, ///< a logout token in a form
        events, ///< a security event token
    };

    kind takes = kind::logout;
    std::string path; ///< canonical
    /// Whose keys verify what comes, and the name of the provider whose credentials are meant. Of its
    /// rules the issuers, audiences, algorithms and clock_skew are of what comes; a jwt_provider.
    provider signer;
    std::vector<tokens::issuer_pattern> issuers{}; ///< of the credentials
    std::chrono::milliseconds hold{};              ///< how long a revocation counts
    /// What Authorization has to be: its digest; nothing: anything.
    std::optional<jose::sha256_digest> authorization{};
};

/// Where the value of an identity header comes from.
struct identity_header {
    enum class source : std::uint8_t { user, tenant, roles, scopes, provider, claim, certificate };
    std::string name; ///< as written in the configuration
    source from = source::user;
    tokens::claim_path claim{};                                                   ///< for source::claim
    requests::certificate_fact certificate = requests::certificate_fact::subject; ///< for source::certificate
};

struct snapshot {
    std::uint64_t generation = 0;
    std::vector<provider> providers;
    rules::route_table routes;
    std::vector<identity_header> identity_headers;
    std::shared_ptr<const assertion_rules> assertion; ///< null: none is made
    /// Of paths that reach no route, and of routes that don't say.
    requests::ambiguous_paths ambiguous = requests::ambiguous_paths::reject;
    /// How a path is read before its route is known: ambiguous ones are let through where any route allows them.
    requests::path_rules path_reading;
    /// Which request headers are dropped: a requirement reads those that are forwarded.
    requests::header_rules headers;
    /// Whether any route has a rate limit: who is asked of which address a request comes.
    bool limits_rates = false;
    /// For answers to requests that have no route; null: none.
    std::shared_ptr<const requests::cors_rules> cors;
    /// Whether any route does something with preflights: otherwise none is looked for.
    bool has_preflights = false;
    /// Compared before any route; each has a path of its own.
    std::vector<revocation_receiver> receivers;
    /// By which a token is judged that is to renew an open WebSocket's: it is of a provider of a route with
    /// `renewal`; null: no route has it.
    std::shared_ptr<const rules::route> renewal;
    /// What anybody may read, each at a place of its own.
    std::vector<resource_metadata> resources;
};

} // namespace bearward::policies
