// What both rewrites of heads need: writing fields, and what Connection names.
#pragma once

#include "proxy/http/head.hpp"
#include "proxy/http/syntax.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::http {

inline void append_field(std::string_view name, std::string_view value, std::string& out) {
    const auto before = out.size();
    const auto after = before + name.size() + value.size() + 4;
    // libstdc++ 12 gives the new capacity where it should give the size: its argument is not used.
    out.resize_and_overwrite(after, [&](char* at, std::size_t) {
        at += before;
        at += name.copy(at, name.size());
        *at++ = ':';
        *at++ = ' ';
        at += value.copy(at, value.size());
        *at++ = '\r';
        *at = '\n';
        return after;
    });
}

inline void append_number(std::string_view name, std::uint64_t value, std::string& out) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    append_field(name, {digits.data(), static_cast<std::size_t>(end - digits.data())}, out);
}

/// Which fields Connection names, by index; empty when none beyond its usual
/// words. The names are sorted first: the list is as long as the client likes.
[[nodiscard]] std::vector<bool> find_named_fields(const std::vector<header>& fields);

} // namespace bearward::proxy::http
