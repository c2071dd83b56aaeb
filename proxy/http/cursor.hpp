// Steps through the bytes of a head; private to the parser.
#pragma once

#include "proxy/http/syntax.hpp"

#include <cstdint>
#include <string_view>

namespace bearward::proxy::http {

/// A place in the head. Each step reads what it can and says how it went; a
/// verdict at a byte depends only on the bytes before it, so it is the same
/// however the head was cut into reads.
struct cursor {
    const char* at;
    const char* end;

    [[nodiscard]] bool at_end() const noexcept { return at == end; }
};

enum class step : std::uint8_t { read, short_of_bytes, wrong };

[[nodiscard]] inline std::string_view between(const char* from, const char* to) noexcept {
    return {from, static_cast<std::size_t>(to - from)};
}

[[nodiscard]] inline std::string_view take_while(cursor& in, std::uint8_t kind) noexcept {
    const char* const from = in.at;
    while (in.at != in.end && is(*in.at, kind)) {
        ++in.at;
    }
    return between(from, in.at);
}

[[nodiscard]] inline step take_literal(cursor& in, std::string_view literal) noexcept {
    for (const char byte : literal) {
        if (in.at_end()) {
            return step::short_of_bytes;
        }
        if (*in.at != byte) {
            return step::wrong;
        }
        ++in.at;
    }
    return step::read;
}

[[nodiscard]] inline step take_digit(cursor& in, unsigned& digit) noexcept {
    if (in.at_end()) {
        return step::short_of_bytes;
    }
    if (!is(*in.at, digit_byte)) {
        return step::wrong;
    }
    digit = static_cast<unsigned>(*in.at++ - '0');
    return step::read;
}

} // namespace bearward::proxy::http
