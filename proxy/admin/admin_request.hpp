// What the admin listener knows of a request.
#pragma once

#include <span>
#include <string_view>

namespace bearward::proxy {

/// Views into a message that lives until the reply is made.
struct admin_request {
    std::string_view method;
    std::string_view target;
    std::span<const std::string_view> hosts; ///< the values of all Host fields
    std::span<const std::string_view> content_types{};
    bool has_origin = false;
    std::string_view body{};

    [[nodiscard]] std::string_view path() const noexcept { return target.substr(0, target.find('?')); }
};

} // namespace bearward::proxy
