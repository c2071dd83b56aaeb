#include "policies/reason_table.hpp"

namespace bearward::policies {

std::string_view to_string(reason why) noexcept {
    return word_of(reason_table, why);
}

} // namespace bearward::policies
