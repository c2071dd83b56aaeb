#include "proxy/http/trace_context.hpp"

#include "policies/ascii.hpp"

#include <algorithm>

namespace bearward::proxy::http {
namespace {

// version "-" trace-id "-" parent-id "-" trace-flags
constexpr std::size_t version_at = 0;
constexpr std::size_t trace_at = 3;
constexpr std::size_t span_at = 36;
constexpr std::size_t flags_at = 53;
constexpr std::size_t whole = 55;

/// In lower case alone.
bool read_byte(std::string_view text, std::uint8_t& byte) noexcept {
    const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (!digit(text[0]) || !digit(text[1])) {
        return false;
    }
    byte = static_cast<std::uint8_t>(policies::hex_value(text[0]) * 16 + policies::hex_value(text[1]));
    return true;
}

/// Not all of it zero.
bool read_id(std::string_view text, std::span<std::uint8_t> id) noexcept {
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (!read_byte(text.substr(2 * i, 2), id[i])) {
            return false;
        }
    }
    return std::ranges::any_of(id, [](std::uint8_t byte) { return byte != 0; });
}

} // namespace

std::optional<trace_parent> parse_traceparent(std::string_view value) noexcept {
    trace_parent made;
    std::uint8_t version = 0;
    if (value.size() < whole || !read_byte(value.substr(version_at, 2), version) || version == 0xFF) {
        return std::nullopt;
    }
    // Later versions may have more, behind another dash.
    if (value.size() != whole && (version == 0 || value[whole] != '-')) {
        return std::nullopt;
    }
    const bool sound = value[trace_at - 1] == '-' && value[span_at - 1] == '-' && value[flags_at - 1] == '-' &&
                       read_id(value.substr(trace_at), made.trace) && read_id(value.substr(span_at), made.span) &&
                       read_byte(value.substr(flags_at, 2), made.flags);
    if (!sound) {
        return std::nullopt;
    }
    made.flags &= sampled_flag | random_flag;
    return made;
}

std::optional<trace_parent> find_traceparent(const std::vector<header>& fields) noexcept {
    const header* found = nullptr;
    for (const header& field : fields) {
        if (policies::equal_ignoring_case(field.name, traceparent_name)) {
            if (found != nullptr) {
                return std::nullopt;
            }
            found = &field;
        }
    }
    return found == nullptr ? std::nullopt : parse_traceparent(found->value);
}

void append_id(std::string& out, std::span<const std::uint8_t> id) {
    for (const std::uint8_t byte : id) {
        policies::append_hex(out, static_cast<char>(byte));
    }
}

void append_traceparent(std::string& out, const trace_parent& of) {
    out += "00-";
    append_id(out, of.trace);
    out += '-';
    append_id(out, of.span);
    out += '-';
    append_id(out, {&of.flags, 1});
}

bool is_replaced(std::string_view name, const request_trace* trace) noexcept {
    return trace != nullptr && (policies::equal_ignoring_case(name, traceparent_name) ||
                                (!trace->continued && policies::equal_ignoring_case(name, tracestate_name)));
}

} // namespace bearward::proxy::http
