#include "policies/requests/dot_segments.hpp"

#include <algorithm>

namespace bearward::policies::requests {

void merge_slashes(std::string& path) {
    const auto repeated = std::ranges::unique(path, [](char left, char right) { return left == '/' && right == '/'; });
    path.erase(repeated.begin(), repeated.end());
}

std::expected<bool, path_error> resolve_dots(std::string& path) {
    bool removed_empty = false;
    std::size_t written = 0;
    std::size_t at = 0; // of a segment's slash
    while (at < path.size()) {
        const std::size_t next = std::min(path.find('/', at + 1), path.size());
        const std::string_view segment = std::string_view(path).substr(at + 1, next - at - 1);
        const bool last = next == path.size();
        const bool up = segment == "..";
        if (up) {
            if (written == 0) {
                return std::unexpected(path_error::above_root);
            }
            const std::size_t parent = path.rfind('/', written - 1);
            removed_empty = removed_empty || parent == written - 1;
            written = parent;
        }
        if (!up && segment != ".") {
            std::copy(path.begin() + static_cast<std::ptrdiff_t>(at), path.begin() + static_cast<std::ptrdiff_t>(next),
                      path.begin() + static_cast<std::ptrdiff_t>(written));
            written += next - at;
        } else if (last) {
            path[written++] = '/';
        }
        at = next;
    }
    path.resize(written);
    return removed_empty;
}

} // namespace bearward::policies::requests
