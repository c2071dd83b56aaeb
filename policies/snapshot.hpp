// Everything a decision depends on besides the request and the outside: one
// immutable value for each generation of the configuration.
#pragma once

#include "policies/requests/credentials.hpp"
#include "policies/requests/header_kinds.hpp"
#include "policies/requests/target.hpp"
#include "policies/rules/route_table.hpp"
#include "policies/tokens/key_ring.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace bearward::policies {

/// Tokens that are verified with the issuer's keys.
struct jwt_provider {
    /// Never null. Shared and alive, where all else here is fixed: its keys may be replaced.
    std::shared_ptr<tokens::key_ring> keys = std::make_shared<tokens::key_ring>();
};

/// A trusted source of credentials.
struct provider {
    tokens::verification_rules rules; ///< rules.provider is its name
    std::variant<jwt_provider> how;   ///< who says that a credential is genuine
    requests::credential_names names;
    /// For its verified tokens (token_cache), in the whole process; 0: none are remembered.
    std::size_t token_cache_bytes = std::size_t{32} * 1024 * 1024;
};

[[nodiscard]] inline tokens::key_ring& keys_of(const provider& by) noexcept {
    return *std::get<jwt_provider>(by.how).keys;
}

/// Where the value of an identity header comes from.
struct identity_header {
    enum class source : std::uint8_t { user, tenant, roles, scopes, provider, claim };
    std::string name; ///< as written in the configuration
    source from = source::user;
    tokens::claim_path claim; ///< for source::claim
};

struct snapshot {
    std::uint64_t generation = 0;
    std::vector<provider> providers;
    rules::route_table routes;
    std::vector<identity_header> identity_headers;
    /// Of paths that reach no route, and of routes that don't say.
    requests::ambiguous_paths ambiguous = requests::ambiguous_paths::reject;
    /// How a path is read before its route is known: ambiguous ones are let through where any route allows them.
    requests::path_rules path_reading;
    /// Which request headers are dropped: a requirement reads those that are forwarded.
    requests::header_rules headers;
};

} // namespace bearward::policies
