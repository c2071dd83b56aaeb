// The request target made canonical (RFC 3986 section 6, contract 3.2). Exactly
// what is matched here is forwarded: nothing downstream may read it otherwise.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::requests {

/// Why a path is refused with 400.
enum class path_error : std::uint8_t {
    not_absolute,     ///< does not start with `/`
    malformed_escape, ///< `%` without two hex digits
    encoded_control,  ///< %00-%1F, %7F
    invalid_byte,     ///< outside printable ASCII, or `#`
    above_root,       ///< `..` climbs over the root
    ambiguous,        ///< %2F, %5C, `\`, `;`, %3B, a double escape, `//..` with ambiguous_paths::reject
};

[[nodiscard]] std::string_view to_string(path_error error) noexcept;

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
