#include "proxy/admin_page/html.hpp"

#include "policies/ascii.hpp"
#include "policies/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace bearward::proxy::admin_page {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// What a browser does not show, but acts on: C1, and what turns the direction of writing.
bool is_hidden(std::string_view character) noexcept {
    constexpr std::array<std::string_view, 14> turning{"\u061C", "\u200E", "\u200F", "\u202A", "\u202B", "\u202C", "\u202D",
                                                       "\u202E", "\u2066", "\u2067", "\u2068", "\u2069", "\u2028", "\u2029"};
    const bool c1 = character.size() == 2 && character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0U;
    return c1 || std::ranges::find(turning, character) != turning.end();
}

std::string_view reference_of(char c) noexcept {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return {};
    }
}

} // namespace

void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(policies::utf8_length(text, 0), 1);
        const std::string_view character = text.substr(0, length);
        const char first = character.front();
        const bool is_ascii = static_cast<unsigned char>(first) < 0x80U;
        if (const std::string_view reference = reference_of(first); !reference.empty()) {
            out += reference;
        } else if (is_ascii ? policies::is_control(static_cast<unsigned char>(first)) && first != '\n' && first != '\t'
                            : length == 1 || is_hidden(character)) {
            out += replacement;
        } else {
            out += character;
        }
        text.remove_prefix(length);
    }
}

} // namespace bearward::proxy::admin_page
