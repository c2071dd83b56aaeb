#include "proxy/http/trace_parent.hpp"

#include "policies/ascii.hpp"

#include <algorithm>
#include <cstddef>

namespace bearward::proxy::http {
namespace {

constexpr std::size_t trace_at = 3;
constexpr std::size_t span_at = trace_at + 32 + 1;
constexpr std::size_t flags_at = span_at + 16 + 1;
constexpr std::size_t whole = flags_at + 2;

/// Of capitals the specification has none.
bool is_hex(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char byte) { return policies::is_digit(byte) || (byte >= 'a' && byte <= 'f'); });
}

/// An id of zeros stands for none.
bool is_id(std::string_view text) noexcept {
    return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

bool is_valid(std::string_view value) noexcept {
    if (value.size() < whole || value[trace_at - 1] != '-' || value[span_at - 1] != '-' || value[flags_at - 1] != '-') {
        return false;
    }
    const std::string_view version = value.substr(0, 2);
    const bool ends_well = value.size() == whole || (version != "00" && value[whole] == '-');
    const trace_parent parts = split_trace_parent(value);
    return ends_well && version != "ff" && is_hex(version) && is_id(parts.trace) && is_id(parts.span) && is_hex(parts.flags);
}

} // namespace

trace_parent split_trace_parent(std::string_view valid) noexcept {
    return {.trace = valid.substr(trace_at, 32), .span = valid.substr(span_at, 16), .flags = valid.substr(flags_at, 2)};
}

std::string_view find_trace_parent(std::span<const policies::requests::header> fields) noexcept {
    std::string_view found;
    for (const policies::requests::header& field : fields) {
        if (!policies::requests::equal_names(field.name, "traceparent")) {
            continue;
        }
        if (!found.empty() || !is_valid(field.value)) {
            return {};
        }
        found = field.value.substr(0, whole);
    }
    return found;
}

} // namespace bearward::proxy::http
