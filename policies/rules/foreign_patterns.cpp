#include "policies/rules/foreign_patterns.hpp"

#include "policies/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace bearward::policies::rules {
namespace {

/// The first run of bytes that a name may have, without a converter before it:
/// "id" of `:id(\d+)`, `<int:id>`, `[...id]` and `{id:int}`.
std::string_view find_name(std::string_view segment) noexcept {
    const std::size_t colon = segment.find(':');
    if (segment.starts_with('<') && colon != std::string_view::npos) {
        segment.remove_prefix(colon + 1); // Flask and Django write the converter first
    } else if (segment.starts_with('(')) {
        segment.remove_prefix(std::min(segment.find('<') + 1, segment.size())); // (?P<id>...)
    }
    const auto* const start = std::ranges::find_if(segment, is_name_byte);
    const auto* const end = std::find_if_not(start, segment.end(), is_name_byte);
    return {start, static_cast<std::size_t>(end - start)};
}

/// Whether a last segment stands for all that follows.
bool takes_the_rest(std::string_view segment) noexcept {
    if (segment == "$" || segment.contains("...") || segment.contains(":path") || segment.contains("path:")) {
        return true;
    }
    return segment.find_first_of("{<(") == 0 ? segment.starts_with("{*") : segment.contains('*');
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
}

/// Regular expressions for all the rest as a glob, and those for one segment as `(+)`:
/// `/` may stand in their brackets.
std::string as_globs(std::string_view pattern) {
    constexpr std::array<std::string_view, 7> one{"[^/]+", "[^/]*", "\\d+", "\\w+", "[0-9]+", "[a-z0-9]+", "[a-z]+"};
    constexpr std::array<std::string_view, 4> rest{"(.*)", "(.+)", ".*", ".+"};
    std::string text(pattern);
    for (const std::string_view each : one) {
        replace_all(text, each, "(+)");
    }
    for (const std::string_view each : rest) {
        replace_all(text, each, "*");
    }
    const std::size_t start = std::min(text.find('/'), text.size()); // `~ ^/admin`
    text.erase(0, text.substr(0, start).find_first_not_of("~^*= ") == std::string::npos ? start : 0);
    if (text.size() > 1 && text.ends_with('$') && !text.ends_with("/$")) {
        text.pop_back();
    }
    return text;
}

/// The segments without the final slashes.
std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        parts.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    while (!parts.empty() && parts.back().empty()) {
        parts.pop_back();
    }
    return parts;
}

std::string join(const std::vector<std::string>& parts) {
    std::string path;
    for (const std::string& each : parts) {
        path.append("/").append(each);
    }
    return path.empty() ? "/" : path;
}

/// The segment as one of ours; empty: it can't be.
std::string translate_segment(std::string_view segment) {
    if (!is_foreign(segment)) {
        return std::string(segment);
    }
    const bool glob = segment.starts_with('*') && std::ranges::all_of(segment, [](char byte) { return byte == '*' || is_name_byte(byte); });
    if (!glob && segment.find_first_of(":$<{[(") != 0) {
        return {};
    }
    const std::string_view name = find_name(segment);
    return '{' + std::string(name.empty() ? "name" : name) + '}';
}

/// The pattern as one of ours; empty: it can't be said.
std::string translate(std::string_view pattern) {
    const std::string text = as_globs(pattern);
    if (!text.starts_with('/')) {
        return {};
    }
    std::vector<std::string_view> parts = split(text);
    bool rest = false;
    while (!parts.empty() && is_foreign(parts.back()) && takes_the_rest(parts.back()) && !translate_segment(parts.back()).empty()) {
        parts.pop_back();
        rest = true;
    }
    std::vector<std::string> made;
    for (const std::string_view each : parts) {
        std::string part = translate_segment(each);
        const auto is_taken = [&] { return part.starts_with('{') && std::ranges::find(made, part) != made.end(); };
        if (is_foreign(each) && is_taken()) {
            part.insert(part.size() - 1, std::to_string(made.size() + 1));
        }
        if (part.empty() || is_taken()) {
            return {};
        }
        made.push_back(std::move(part));
    }
    return (rest ? "prefix: " : "") + join(made);
}

} // namespace

bool is_foreign(std::string_view segment) noexcept {
    // `.+`; behind `]` and `)` a `+` stands beside what is foreign already.
    if (segment.contains(".+")) {
        return true;
    }
    if (segment.find_first_of("*<>()[]^|\\") != std::string_view::npos || segment.starts_with(':') || segment.starts_with('$')) {
        return true;
    }
    return segment.starts_with('{') && segment.ends_with('}') && segment.find_first_of(":.?+,=") != std::string_view::npos;
}

std::optional<std::string> explain_foreign_pattern(std::string_view pattern) {
    bool foreign = pattern.ends_with('$'); // the end in a regular expression
    for (std::string_view rest = pattern; !foreign && !rest.empty();) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        foreign = is_foreign(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (!foreign) {
        return std::nullopt;
    }
    const std::string ours = translate(pattern);
    std::string sentence = "{name} for a whole segment is the only pattern of a path; ";
    sentence += ours.empty() ? "end a prefix before the segment that varies" : "write " + ours;
    if (!pattern.contains('\\')) { // which servers read differently, so that no route's path may have it
        sentence += ", or add literal: true where these characters mean themselves";
    }
    return sentence;
}

} // namespace bearward::policies::rules
