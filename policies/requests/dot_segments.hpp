// Dot segments and repeated slashes of a path (RFC 3986 section 5.2.4), in place.
#pragma once

#include "policies/requests/path_error.hpp"

#include <expected>
#include <string>

namespace bearward::policies::requests {

/// Makes one slash of several in a row.
void merge_slashes(std::string& path);

/// Resolves dot segments without merging slashes; climbing above the root is an
/// error. Says whether a `..` removed an empty segment: then merging slashes
/// first would give another path. `path` starts with a slash.
[[nodiscard]] std::expected<bool, path_error> resolve_dots(std::string& path);

} // namespace bearward::policies::requests
