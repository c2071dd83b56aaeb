// The trace that a request belongs to: the field `traceparent` of W3C Trace Context. Pure.
#pragma once

#include "policies/requests/request_view.hpp"

#include <span>
#include <string_view>

namespace bearward::proxy::http {

/// The parts of a valid traceparent, lower-case hexadecimal.
struct trace_parent {
    std::string_view trace; ///< 32 digits
    std::string_view span;  ///< 16 digits: the caller's
    std::string_view flags; ///< 2 digits
};

/// The parts of `version-trace-span-flags`, as find_trace_parent returns it.
[[nodiscard]] trace_parent split_trace_parent(std::string_view valid) noexcept;

/// Those 55 bytes of the one field of this name, without what later versions may add.
/// Empty: there is none, it is invalid, or there are several. A view of the field.
[[nodiscard]] std::string_view find_trace_parent(std::span<const policies::requests::header> fields) noexcept;

} // namespace bearward::proxy::http
