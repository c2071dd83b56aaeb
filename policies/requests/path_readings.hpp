// The paths that servers may take from one with ambiguous forms. They differ in
// how often they decode, in whether `\\` separates, in whether and when they cut
// parameters (`;...`), and in whether slashes are merged before dot segments are
// resolved.
#pragma once

#include "policies/requests/path_error.hpp"

#include <expected>
#include <string>
#include <vector>

namespace bearward::policies::requests {

/// Puts into `readings` each reading of `path` once, those equal to `path` left
/// out. Without `merge` servers are taken to keep `//`, or to merge it. Errors: above_root or encoded_control in any of them; ambiguous for
/// a path encoded more than `max_decodings` times.
[[nodiscard]] std::expected<void, path_error> make_readings(const std::string& path, bool merge, std::vector<std::string>& readings);

/// The readings of a path whose slashes were left as they came, without other
/// ambiguous forms: merged, and where it begins with `//` also without the authority
/// that some URL parsers see there.
void add_merged_readings(const std::string& path, std::vector<std::string>& readings);

/// More than any server decodes; a bound on the work.
inline constexpr int max_decodings = 4;

} // namespace bearward::policies::requests
