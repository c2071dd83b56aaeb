// The request target made canonical (RFC 3986 section 6, policies/BEHAVIOUR.md 1). Exactly
// what is matched here is forwarded: nothing downstream may read it otherwise.
#pragma once

#include "policies/requests/path_error.hpp"

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::requests {

enum class ambiguous_paths : std::uint8_t { reject, allow };

/// How paths are read (`paths` in the configuration).
struct path_rules {
    ambiguous_paths ambiguous = ambiguous_paths::reject;
    bool merge_slashes = true; ///< false: `//` stays, with the merged path as a reading
};

/// A path in canonical form. The views point into the raw target or the scratch
/// memory that was given, whichever holds the result.
struct canonical_path {
    std::string_view path; ///< what is matched and forwarded
    /// How other servers would read it, each once, without `path` itself: empty
    /// unless ambiguous forms are allowed and present, or slashes were left as they came.
    std::span<const std::string> readings{};
    bool ambiguous = false; ///< ambiguous_paths::reject would have refused it
};

/// Memory that parse_path may need; kept by the caller so that the common case,
/// a path that is canonical already, allocates nothing.
struct path_scratch {
    std::string path;
    std::string resolved;
    std::vector<std::string> readings;
};

/// Makes a path (without `?` and query) canonical: unreserved characters
/// percent-decoded, other escapes in upper-case hex, slashes merged, dot segments
/// resolved. Idempotent. `raw` must not point into `scratch`. With
/// ambiguous_paths::allow a path with `//..` keeps its slashes and dot segments.
[[nodiscard]] std::expected<canonical_path, path_error> parse_path(std::string_view raw, path_rules rules, path_scratch& scratch);

/// Percent-decodes a canonical path segment (for captures). `%2F` becomes `/`; a
/// `%` without two hex digits stays.
[[nodiscard]] std::string decode_segment(std::string_view segment);

} // namespace bearward::policies::requests
