#include "policies/requests/request_view.hpp"

#include <algorithm>

namespace bearward::policies::requests {
namespace {

constexpr char lower(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

} // namespace

bool equal_names(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, lower, lower);
}

} // namespace bearward::policies::requests
