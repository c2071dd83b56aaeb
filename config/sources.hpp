// What a load read, so that somebody can tell later whether it says something
// else now.
#pragma once

#include "config/file_pattern.hpp"

#include <expected>
#include <string>
#include <vector>

namespace bearward::config {

using file_content = std::expected<std::string, std::string>;

/// A file that was read, or could not be.
struct source_file {
    std::string path; ///< as it was opened
    /// How it is read; the same file may be read under two limits.
    file_content (*read)(const std::string&) = nullptr;
    std::string fingerprint; ///< of what was read
};

/// A pattern of included files and what it matched.
struct source_pattern {
    std::string pattern;
    matches found;
};

struct sources {
    std::vector<source_file> files; ///< the configuration itself first
    std::vector<source_pattern> patterns;
};

/// Equal for equal contents and for equal reasons why there is none. A hash: a
/// secret can't be read from it.
[[nodiscard]] std::string fingerprint_of(const file_content& content);

} // namespace bearward::config
