// What Connection names, which ends at this hop (RFC 9110 section 7.6.1).
#pragma once

#include "proxy/http/head.hpp"

#include <vector>

namespace bearward::proxy::http {

/// Which fields Connection names, by index; empty when none beyond its usual
/// words. The names are sorted first: the list is as long as the client likes.
[[nodiscard]] std::vector<bool> find_named_fields(const std::vector<header>& fields);

} // namespace bearward::proxy::http
