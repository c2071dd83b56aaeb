#include "proxy/http/named_fields.hpp"

#include "proxy/http/syntax.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace bearward::proxy::http {
namespace {

char fold(char byte) noexcept {
    return byte == '_' ? '-' : to_lower(byte);
}

bool fold_less(std::string_view left, std::string_view right) noexcept {
    return std::ranges::lexicographical_compare(left, right, {}, fold, fold);
}

using numbered_name = std::pair<std::string_view, std::size_t>;

std::vector<numbered_name> sort_names(const std::vector<header>& fields) {
    std::vector<numbered_name> names;
    names.reserve(fields.size());
    for (std::size_t index = 0; index < fields.size(); ++index) {
        names.emplace_back(fields[index].name, index);
    }
    std::ranges::sort(names, fold_less, &numbered_name::first);
    return names;
}

} // namespace

std::vector<bool> find_named_fields(const std::vector<header>& fields) {
    std::vector<bool> named;
    std::vector<numbered_name> names;
    for (const auto& connection : fields) {
        if (!equals_lower(connection.name, "connection")) {
            continue;
        }
        for (auto list = connection.value; !list.empty();) {
            const auto member = take_member(list);
            if (member.empty() || equals_lower(member, "keep-alive") || equals_lower(member, "close") || equals_lower(member, "upgrade")) {
                continue;
            }
            if (names.empty()) {
                names = sort_names(fields);
                named.resize(fields.size());
            }
            for (const auto& [name, index] : std::ranges::equal_range(names, member, fold_less, &numbered_name::first)) {
                named[index] = true;
            }
        }
    }
    return named;
}

} // namespace bearward::proxy::http
