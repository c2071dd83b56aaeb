// Which paths a peer's rule is for: a text, all that begins with it, or a regular expression of which
// only the beginning is understood. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::commands::importing {

struct path_pattern {
    enum class kind : std::uint8_t {
        exact,
        prefix,   ///< of the text: /api is for /apix too
        segments, ///< /api and /api/x
        unknown   ///< something that begins with the text
    };
    kind type = kind::unknown;
    std::string text;

    friend bool operator==(const path_pattern&, const path_pattern&) = default;
};

/// Paths that are judged alike: one, or those that go on in a way that no rule names. Of these the last byte of the text
/// stands for whatever follows.
struct slice {
    std::string text;
    bool open = false; ///< it goes on
};

enum class fit : std::uint8_t { no, maybe, yes };

[[nodiscard]] fit matches(const path_pattern& pattern, const slice& paths);

/// How the peer compares a regular expression with a path.
enum class regex_use : std::uint8_t { search, whole };

struct understood_regex {
    std::vector<path_pattern> patterns;
    bool narrowed = false; ///< a `.` was taken for a point: less is matched than the expression does
};

/// Where the expression means texts and their beginnings, and nothing else; else one pattern of kind unknown.
[[nodiscard]] understood_regex understand_regex(std::string_view expression, regex_use use);

/// Whether our routes can say it: canonical, of printable ASCII without what is a pattern.
[[nodiscard]] bool is_plain_path(std::string_view path);

/// The pattern, or one of kind unknown with the beginning that our routes can say.
[[nodiscard]] path_pattern sayable(path_pattern pattern);

/// The prefix that all paths of an unknown pattern lie below: "/a/b" of "/a/b/x"; "" is the root.
[[nodiscard]] std::string folder_of(const std::string& text);

} // namespace bearward::proxy::commands::importing
