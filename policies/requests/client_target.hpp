// What the client asked for, as it sees it: the scheme, authority and path of its request's
// target URI (RFC 9110 section 7.1), behind proxies that are trusted.
#pragma once

#include "policies/requests/request_view.hpp"

#include <span>
#include <string_view>

namespace bearward::policies::requests {

/// What a trusted peer's header of this name says, if it says one thing; else `seen`. A second
/// line or member may be the client's own: then it is what is seen here.
[[nodiscard]] std::string_view believe_header(std::span<const header> headers, bool trusted_peer, std::string_view name,
                                              std::string_view seen) noexcept;

/// A target, as it came: nothing in it is canonical but the scheme's letters.
struct client_target {
    std::string_view scheme;    ///< "http" or "https"
    std::string_view authority; ///< host, and maybe a port
    std::string_view path;      ///< without query; empty is `/`
};

[[nodiscard]] client_target target_of(const request_view& request) noexcept;

/// Whether an absolute URI is that of the target, its query and fragment aside: both are
/// normalised alike by RFC 3986 sections 6.2.2 and 6.2.3 (letter case of scheme and host,
/// default port, escapes of unreserved characters, dot segments, empty path; one dot at
/// the host's end). A URI with userinfo, or that isn't sound, is no target's.
[[nodiscard]] bool is_uri_of(std::string_view uri, const client_target& target);

} // namespace bearward::policies::requests
