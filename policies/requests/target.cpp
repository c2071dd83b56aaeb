#include "policies/requests/target.hpp"

#include "policies/ascii.hpp"
#include "policies/requests/dot_segments.hpp"
#include "policies/requests/escapes.hpp"
#include "policies/requests/path_readings.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies::requests {
namespace {

constexpr bool is_unreserved(unsigned char byte) noexcept {
    return is_base64url(static_cast<char>(byte)) || byte == '.' || byte == '~';
}

// `?` can't occur in a path that was split off its query; a stray one would be
// read as the start of a query by whoever comes next.
constexpr bool is_forbidden(unsigned char byte) noexcept {
    return byte <= 0x20 || byte >= 0x7F || byte == '#' || byte == '?';
}

// What some servers take for a separator: `/`, `\` and the start of parameters.
constexpr bool is_ambiguous_escape(unsigned char byte) noexcept {
    return byte == '/' || byte == '\\' || byte == ';';
}

bool starts_double_escape(std::string_view text, std::size_t percent) noexcept {
    return text.substr(percent, 3) == "%25" && percent + 4 < text.size() && is_hex(text[percent + 3]) && is_hex(text[percent + 4]);
}

/// Whether the three bytes at `at` are an escape that a canonical path keeps.
bool is_canonical_escape(std::string_view path, std::size_t at) noexcept {
    const auto value = escaped_byte(path, at);
    if (!value || is_unreserved(*value) || is_control(*value) || is_ambiguous_escape(*value)) {
        return false;
    }
    const bool upper = !(path[at + 1] >= 'a') && !(path[at + 2] >= 'a');
    return upper && !starts_double_escape(path, at);
}

/// Whether the segment that begins at `at` is empty before a `/`, `.` or `..`.
bool is_special_segment(std::string_view path, std::size_t at) noexcept {
    const std::string_view rest = path.substr(at);
    if (rest.empty()) {
        return false; // the trailing slash
    }
    const std::string_view segment = rest.substr(0, rest.find('/'));
    return segment.empty() || segment == "." || segment == "..";
}

/// Whether the path is canonical already and not ambiguous: the common case.
bool is_canonical(std::string_view path) noexcept {
    for (std::size_t at = 0; at < path.size(); ++at) {
        const auto byte = static_cast<unsigned char>(path[at]);
        if (byte == '/') {
            if (at + 1 < path.size() && (path[at + 1] == '/' || path[at + 1] == '.') && is_special_segment(path, at + 1)) {
                return false;
            }
        } else if (byte == '%') {
            if (!is_canonical_escape(path, at)) {
                return false;
            }
            at += 2;
        } else if (is_forbidden(byte) || byte == '\\' || byte == ';') {
            return false;
        }
    }
    return true;
}

/// Copies the path with unreserved characters decoded and other escapes in
/// upper-case hex. Says whether a form is in it that servers read differently.
std::expected<bool, path_error> decode_unreserved(std::string_view raw, std::string& out) {
    bool ambiguous = false;
    out.clear();
    out.reserve(raw.size());
    for (std::size_t at = 0; at < raw.size(); ++at) {
        const auto byte = static_cast<unsigned char>(raw[at]);
        if (byte != '%') {
            if (is_forbidden(byte)) {
                return std::unexpected(path_error::invalid_byte);
            }
            ambiguous = ambiguous || byte == '\\' || byte == ';';
            out += raw[at];
            continue;
        }
        const auto value = escaped_byte(raw, at);
        if (!value) {
            return std::unexpected(path_error::malformed_escape);
        }
        if (is_control(*value)) {
            return std::unexpected(path_error::encoded_control);
        }
        if (is_unreserved(*value)) {
            out += static_cast<char>(*value);
        } else {
            ambiguous = ambiguous || is_ambiguous_escape(*value);
            out += '%';
            append_hex(out, static_cast<char>(*value), upper_hex);
        }
        at += 2;
    }
    // Looked for in the result: `%25%34%31` becomes a double escape only there.
    for (std::size_t at = out.find("%25"); !ambiguous && at != std::string::npos; at = out.find("%25", at + 3)) {
        ambiguous = starts_double_escape(out, at);
    }
    return ambiguous;
}

std::expected<canonical_path, path_error> with_readings(path_scratch& scratch, bool merge) {
    if (const auto made = make_readings(scratch.path, merge, scratch.readings); !made) {
        return std::unexpected(made.error());
    }
    return canonical_path{.path = scratch.path, .readings = scratch.readings, .ambiguous = true};
}

} // namespace

std::expected<canonical_path, path_error> parse_path(std::string_view raw, path_rules rules, path_scratch& scratch) {
    if (!raw.starts_with('/')) {
        return std::unexpected(path_error::not_absolute);
    }
    if (is_canonical(raw)) {
        return canonical_path{.path = raw};
    }
    const auto decoded = decode_unreserved(raw, scratch.path);
    if (!decoded) {
        return std::unexpected(decoded.error());
    }
    if (*decoded && rules.ambiguous == ambiguous_paths::reject) {
        return std::unexpected(path_error::ambiguous);
    }
    scratch.resolved = scratch.path;
    const auto removed_empty = resolve_dots(scratch.resolved);
    if (!removed_empty) {
        return std::unexpected(removed_empty.error());
    }
    if (*removed_empty) {
        // `//..`: which directory is left depends on the server.
        if (rules.ambiguous == ambiguous_paths::reject) {
            return std::unexpected(path_error::ambiguous);
        }
        return with_readings(scratch, rules.merge_slashes);
    }
    std::swap(scratch.path, scratch.resolved);
    scratch.resolved = scratch.path;
    merge_slashes(scratch.resolved);
    if (rules.merge_slashes) {
        std::swap(scratch.path, scratch.resolved);
    }
    if (*decoded && !is_canonical(rules.merge_slashes ? scratch.path : scratch.resolved)) { // a `..` may have removed what was ambiguous
        return with_readings(scratch, rules.merge_slashes);
    }
    scratch.readings.clear();
    if (!rules.merge_slashes) {
        add_merged_readings(scratch.path, scratch.readings);
    }
    return canonical_path{.path = scratch.path, .readings = scratch.readings, .ambiguous = *decoded};
}

std::string decode_segment(std::string_view segment) {
    std::string out;
    out.reserve(segment.size());
    for (std::size_t at = 0; at < segment.size(); ++at) {
        const auto value = escaped_byte(segment, at);
        out += value ? static_cast<char>(*value) : segment[at];
        at += value ? 2 : 0;
    }
    return out;
}

} // namespace bearward::policies::requests
