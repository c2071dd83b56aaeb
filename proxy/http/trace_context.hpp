// A request's place in a trace (W3C Trace Context): the fields traceparent and tracestate. Pure.
#pragma once

#include "proxy/http/head.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::http {

using trace_id = std::array<std::uint8_t, 16>;
using span_id = std::array<std::uint8_t, 8>;

inline constexpr std::string_view traceparent_name = "traceparent";
inline constexpr std::string_view tracestate_name = "tracestate";

inline constexpr std::uint8_t sampled_flag = 1;
inline constexpr std::uint8_t random_flag = 2; ///< the trace's id is random (level 2 of the specification)

/// What traceparent says.
struct trace_parent {
    trace_id trace{};
    span_id span{};
    std::uint8_t flags = 0;

    [[nodiscard]] bool sampled() const noexcept { return (flags & sampled_flag) != 0; }
    friend bool operator==(const trace_parent&, const trace_parent&) = default;
};

/// Of a field's value. Nothing: it is not valid. Of versions to come, what this one knows of them;
/// flags that it doesn't know are left out.
[[nodiscard]] std::optional<trace_parent> parse_traceparent(std::string_view value) noexcept;

/// Of a request; nothing: none, several, or not valid.
[[nodiscard]] std::optional<trace_parent> find_traceparent(const std::vector<header>& fields) noexcept;

/// Appends the value of the field.
void append_traceparent(std::string& out, const trace_parent& of);

/// Appends an id, two digits a byte.
void append_id(std::string& out, std::span<const std::uint8_t> id);

/// Where a request stands that this proxy traces.
struct request_trace {
    trace_parent own;       ///< with the id of the request's own span: what the upstream gets; flags without `sampled`: no span is kept
    span_id parent{};       ///< with `continued`
    bool continued = false; ///< the trace came with the request, and so its tracestate passes
};

/// Whether a field of the request is left out: ours takes its place, or it is of no trace. `trace` null: it is not traced,
/// and both pass.
[[nodiscard]] bool is_replaced(std::string_view name, const request_trace* trace) noexcept;

} // namespace bearward::proxy::http
