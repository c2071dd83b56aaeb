#include "policies/requests/request_view.hpp"

#include <algorithm>

namespace bearward::policies::requests {
namespace {

constexpr char lower(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

constexpr char fold(char byte) noexcept {
    return byte == '_' ? '-' : lower(byte);
}

} // namespace

bool equal_names(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, lower, lower);
}

bool equal_folded_names(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, fold, fold);
}

} // namespace bearward::policies::requests
