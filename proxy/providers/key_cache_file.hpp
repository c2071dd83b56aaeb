// The last good set of a source on disk, so that a start while the issuer can't be
// reached serves at once. It is a JWK set with members that say where it is from.
#pragma once

#include "config/key_source_settings.hpp"
#include "policies/clock.hpp"
#include "policies/tokens/key_ring.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy::providers {

struct kept_keys {
    policies::tokens::key_set_ptr keys;
    std::string text; ///< a JWK set
    policies::time_point fetched;
};

/// The set that was kept of this very URL, in a file that only its owner, who is this user or root, or
/// his group may write. Error: why there is none, a sentence; empty: there is no file.
[[nodiscard]] std::expected<kept_keys, std::string> read_kept_keys(const config::key_source_settings& source);

/// Replaces the file as a whole; only its owner may read it. `text`: a JWK set. Nothing: done; else why not.
[[nodiscard]] std::optional<std::string> keep_keys(const config::key_source_settings& source, std::string_view text,
                                                   policies::time_point fetched);

} // namespace bearward::proxy::providers
