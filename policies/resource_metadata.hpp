// What clients learn of the protected resource: where its tokens come from (RFC 9728).
#pragma once

#include "policies/requests/request_view.hpp"

#include <span>
#include <string>

namespace bearward::policies {

/// The metadata of one resource, and where it is asked for.
struct resource_metadata {
    std::string host;     ///< lower-case, without port
    std::string path;     ///< canonical: the well-known one, then the resource's own (RFC 9728 section 3.1)
    std::string url;      ///< the whole, as challenges name it
    std::string document; ///< JSON

    friend bool operator==(const resource_metadata&, const resource_metadata&) = default;
};

/// Where it lies below the host of a resource.
inline constexpr std::string_view resource_metadata_path = "/.well-known/oauth-protected-resource";

/// The metadata that a request asks for: GET or HEAD of exactly its path at its host, whatever the port. Null: none.
/// The path is compared as it would be forwarded, so what leads to a route in another spelling leads there here too.
[[nodiscard]] const resource_metadata* find_resource_metadata(std::span<const resource_metadata> all,
                                                              const requests::request_view& request) noexcept;

} // namespace bearward::policies
