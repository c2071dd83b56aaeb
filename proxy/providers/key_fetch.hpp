// One fetch of a provider's keys: the discovery document, where that is configured, then
// the set.
#pragma once

#include "config/key_source_settings.hpp"
#include "policies/tokens/key_ring.hpp"
#include "proxy/tls/client_context.hpp"
#include "proxy/upstream/connect_context.hpp"

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>

namespace bearward::proxy::providers {

struct fetched_keys {
    policies::tokens::key_set_ptr keys;        ///< never null, with one usable key at least
    std::string text;                          ///< the set as it came
    std::optional<std::chrono::seconds> fresh; ///< of the answer (cache_control.hpp)
};

/// Bytes of a document. Sets of large issuers have 50 KiB.
inline constexpr std::size_t longest_key_document = std::size_t{1} * 1024 * 1024;

/// The set as keys of this source. Error: a sentence.
[[nodiscard]] std::expected<policies::tokens::key_set_ptr, std::string> read_keys(const config::key_source_settings& source,
                                                                                  std::string_view text);

/// At most how.timeout. Error: a sentence that says where it went wrong. `secure`: whom to
/// believe, for https. On the thread of `with`.
[[nodiscard]] awaitable<std::expected<fetched_keys, std::string>>
fetch_keys(upstream::connect_context with, const config::key_source_settings& source, std::shared_ptr<const tls::client_context> secure);

} // namespace bearward::proxy::providers
