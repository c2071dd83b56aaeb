#include "policies/requests/path_error.hpp"

#include <utility>

namespace bearward::policies::requests {

std::string_view to_string(path_error error) noexcept {
    switch (error) {
    case path_error::not_absolute:
        return "not_absolute";
    case path_error::malformed_escape:
        return "malformed_escape";
    case path_error::encoded_control:
        return "encoded_control";
    case path_error::invalid_byte:
        return "invalid_byte";
    case path_error::above_root:
        return "above_root";
    case path_error::ambiguous:
        return "ambiguous";
    }
    std::unreachable();
}

} // namespace bearward::policies::requests
