#include "policies/ascii.hpp"
#include "policies/requests/target.hpp"
#include "policies/rules/foreign_patterns.hpp"
#include "policies/rules/path_segments.hpp"
#include "policies/rules/route_table.hpp"

#include <algorithm>

namespace bearward::policies::rules {
namespace {

bool is_name(std::string_view text) noexcept {
    return !text.empty() && !is_digit(text.front()) && std::ranges::all_of(text, is_name_byte);
}

std::expected<segment, std::string> parse_segment(std::string_view text, bool literal) {
    if (text.find_first_of("{}") == std::string_view::npos || (literal && is_foreign(text))) {
        return segment{.text = std::string(text)};
    }
    if (text.size() > 2 && text.front() == '{' && text.back() == '}' && is_name(text.substr(1, text.size() - 2))) {
        return segment{.text = std::string(text.substr(1, text.size() - 2)), .is_capture = true};
    }
    return std::unexpected(
        "'" + std::string(text) +
        "' is no segment: a capture is a whole segment, {name}, with a name of letters, digits and _ that begins with no digit");
}

} // namespace

std::expected<std::vector<segment>, std::string> parse_pattern(std::string_view pattern, bool literal) {
    if (auto foreign = literal ? std::nullopt : explain_foreign_pattern(pattern)) {
        return std::unexpected(std::move(*foreign));
    }
    requests::path_scratch scratch;
    const auto canonical = requests::parse_path(pattern, {.ambiguous = requests::ambiguous_paths::reject}, scratch);
    if (!canonical) {
        return std::unexpected(std::string(row_of(requests::path_error_table, canonical.error()).of_route));
    }
    if (canonical->path != pattern) {
        return std::unexpected("the path is not canonical; write it as " + std::string(canonical->path));
    }
    std::vector<segment> segments;
    for (std::size_t at = first_segment(pattern); has_segment(pattern, at); at = next_segment(pattern, at)) {
        auto parsed = parse_segment(segment_at(pattern, at), literal);
        if (!parsed) {
            return std::unexpected(std::move(parsed.error()));
        }
        const bool repeated = parsed->is_capture && std::ranges::any_of(segments, [&](const segment& each) {
                                  return each.is_capture && each.text == parsed->text;
                              });
        if (repeated) {
            return std::unexpected("the capture {" + parsed->text + "} stands twice in the path");
        }
        segments.push_back(std::move(*parsed));
    }
    return segments;
}

} // namespace bearward::policies::rules
