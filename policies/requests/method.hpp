// The methods that Bearward knows (RFC 9110 section 9, RFC 5789), one row each.
// Names are case-sensitive (RFC 9110 section 9.1).
#pragma once

#include "policies/word_table.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace bearward::policies::requests {

enum class method : std::uint8_t { get, head, post, put, delete_, connect, options, trace, patch, other };

struct method_row {
    method value;
    std::string_view word; ///< as in a request; of `other` the metrics' label
    bool idempotent;       ///< RFC 9110 section 9.2.2
    bool refused;          ///< whatever the routes say
};

inline constexpr auto method_table = std::to_array<method_row>({
    {method::get, "GET", true, false},
    {method::head, "HEAD", true, false},
    {method::post, "POST", false, false},
    {method::put, "PUT", true, false},
    {method::delete_, "DELETE", true, false},
    {method::connect, "CONNECT", false, true},
    {method::options, "OPTIONS", true, false},
    {method::trace, "TRACE", true, true},
    {method::patch, "PATCH", false, false},
    {method::other, "other", false, false},
});
static_assert(is_word_table(method_table));

/// `other` for what has no row.
[[nodiscard]] constexpr method classify_method(std::string_view name) noexcept {
    return find_word(method_table, name).value_or(method::other);
}

[[nodiscard]] constexpr bool is_idempotent(std::string_view name) noexcept {
    return row_of(method_table, classify_method(name)).idempotent;
}

[[nodiscard]] constexpr bool is_refused(std::string_view name) noexcept {
    return row_of(method_table, classify_method(name)).refused;
}

/// Whether a method that a route lists lets `asked` through: each itself, and GET HEAD too.
[[nodiscard]] constexpr bool lets_through(std::string_view listed, std::string_view asked) noexcept {
    return listed == asked || (listed == word_of(method_table, method::get) && asked == word_of(method_table, method::head));
}

} // namespace bearward::policies::requests
