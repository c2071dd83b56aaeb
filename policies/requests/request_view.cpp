#include "policies/requests/request_view.hpp"

#include "policies/ascii.hpp"

namespace bearward::policies::requests {
bool equal_names(std::string_view left, std::string_view right) noexcept {
    return equal_ignoring_case(left, right);
}

} // namespace bearward::policies::requests
