// Any bytes as Cookie fields, one a line. What is found and what is left agree: of the name nothing
// is left, all other bytes are, and nothing is removed where nothing was found.
#include "policies/requests/cookies.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace bearward::policies::requests;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// The pairs of a field that have some other name, without blanks around them.
std::vector<std::string> others(std::string_view field, std::string_view name) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at <= field.size();) {
        const std::size_t end = std::min(field.find(';', at), field.size());
        std::string pair(field.substr(at, end - at));
        pair.erase(0, std::min(pair.find_first_not_of(" \t"), pair.size()));
        pair.erase(pair.find_last_not_of(" \t") + 1);
        if (!pair.empty() && !pair.starts_with(std::string(name) + "=")) {
            found.push_back(pair);
        }
        at = end + 1;
    }
    return found;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::string_view name = "s";
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    std::vector<header> headers;
    std::size_t removed = 0;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view field = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        headers.push_back({"Cookie", field});
        const auto left = remove_cookies(field, [&](std::string_view each) { return each == name; });
        const std::vector<header> alone{{"Cookie", field}};
        const std::size_t count = find_cookie(alone, name).count;
        removed += count;
        require(left.has_value() == (count != 0));
        if (left) {
            const std::vector<header> after{{"Cookie", *left}};
            require(find_cookie(after, name).count == 0);
            require(left->size() + 2 * count <= field.size()); // at least `s=`
            require(others(*left, name) == others(field, name));
        }
    }
    const auto all = find_cookie(headers, name);
    require(all.count == removed);
    require(all.count == 0 || all.value.find(';') == std::string_view::npos);
    return 0;
}
