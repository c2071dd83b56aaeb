// The Cookie fields of a request (RFC 6265 section 4.2.1), as far as a token travels in one. The
// fields are one list of pairs, joined by `; `. Pure.
#pragma once

#include "policies/requests/request_view.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bearward::policies::requests {

/// What the cookies of one name say.
struct found_cookie {
    std::string_view value; ///< of the first, as it stands
    std::size_t count = 0;  ///< 0: there is none
};

/// Looks for the cookies of a name, which is compared byte for byte. The value is a view into
/// the fields.
[[nodiscard]] found_cookie find_cookie(std::span<const header> fields, std::string_view name) noexcept;

/// Of one Cookie field: `value` without the pairs whose name `goes` names, each with one `; `; all
/// other bytes stay. Nothing where no pair goes; empty text where none is left.
[[nodiscard]] std::optional<std::string> remove_cookies(std::string_view value, const std::function<bool(std::string_view)>& goes);

/// Whether the request may use a token in a cookie: browsers send cookies for any page, so that a
/// handshake, or a method other than GET, HEAD and OPTIONS, has to come from the request's own
/// origin or one of `others` (as parse_exact_origin makes them). Without an Origin the browser has
/// to say that no other site asked (Fetch Metadata: Sec-Fetch-Site same-origin or none).
[[nodiscard]] bool may_use_cookie(const request_view& request, std::span<const std::string> others);

} // namespace bearward::policies::requests
