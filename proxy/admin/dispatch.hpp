// From a request to the endpoint that answers it, or to a refusal. Pure.
#pragma once

#include "proxy/admin/admin_endpoint.hpp"

#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace bearward::proxy {

/// The row for a method and a path (without query) among the rows that a listener of this
/// scope offers. Else 404: none has the path; or 405 with the methods of those that have it
/// in Allow (RFC 9110 sections 15.5.5 and 15.5.6). HEAD goes to a row of GET.
[[nodiscard]] std::expected<const admin_endpoint*, admin_reply> find_endpoint(std::span<const admin_endpoint> table,
                                                                              std::string_view method, std::string_view path,
                                                                              const admin_source& source, admin_scope scope);

/// The same for a whole request, which may also be refused for its Host (400, 403) or as one
/// that a page of another site could send (403).
[[nodiscard]] std::expected<const admin_endpoint*, admin_reply> dispatch(std::span<const admin_endpoint> table,
                                                                         const admin_request& request,
                                                                         std::span<const std::string> accepted_hosts,
                                                                         const admin_source& source, admin_scope scope);

} // namespace bearward::proxy
