#include "policies/rules/route.hpp"

#include "policies/requests/request_view.hpp"
#include "policies/rules/path_segments.hpp"

#include <algorithm>

namespace bearward::policies::rules {

bool header_changes::drops(std::string_view name) const noexcept {
    return std::ranges::any_of(added, [&](const field& each) { return requests::equal_folded_names(each.name, name); }) ||
           std::ranges::any_of(removed, [&](const std::string& each) { return requests::equal_folded_names(each, name); });
}

namespace {

/// Where the rest of a path begins, behind the slashes that end the route's prefix.
std::size_t end_of_prefix(const route& of, std::string_view path) noexcept {
    // A pattern's last slash is an empty segment: what it matched stays as the result's first slash.
    const auto count = std::ranges::count_if(of.segments, [](const segment& each) { return each.is_capture || !each.text.empty(); });
    std::size_t at = first_segment(path);
    for (auto left = count; left > 0 && has_segment(path, at); --left) {
        at = next_segment(path, at);
    }
    // Where ambiguous paths are allowed slashes may stand side by side; `//host` would be another authority to a lax reader.
    while (at < path.size() && path[at] == '/') {
        ++at;
    }
    return at;
}

} // namespace

std::string_view removed_prefix(const route& of, std::string_view path) noexcept {
    std::string_view removed = path.substr(0, end_of_prefix(of, path));
    while (removed.ends_with('/')) {
        removed.remove_suffix(1);
    }
    return removed;
}

std::string_view strip_prefix(const route& of, std::string_view path) noexcept {
    const std::size_t at = end_of_prefix(of, path);
    return has_segment(path, at) && at > 0 ? path.substr(at - 1) : std::string_view("/");
}

} // namespace bearward::policies::rules
