// Every endpoint of the admin listener (proxy/BEHAVIOUR.md 12.1), a row each. To add one: a file in
// endpoints/ with its handler, and its row.
#pragma once

#include "proxy/admin/admin_endpoint.hpp"

#include <span>

namespace bearward::proxy {

[[nodiscard]] std::span<const admin_endpoint> admin_endpoints() noexcept;

} // namespace bearward::proxy
