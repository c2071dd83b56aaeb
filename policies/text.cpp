#include "policies/text.hpp"

#include "policies/ascii.hpp"
#include "policies/requests/escapes.hpp"

#include <utility>

namespace bearward::policies {
namespace {

constexpr std::string_view mask = "***";
constexpr std::string_view cut_mark = "...";

/// One character of a text, an escape counting as the byte that it stands for.
struct letter {
    char byte = 0;
    std::size_t size = 0; ///< in the text; 0: the end
};

letter read_letter(std::string_view text, std::size_t at) noexcept {
    if (at >= text.size()) {
        return {};
    }
    const auto escaped = text[at] == '%' ? requests::escaped_byte(text, at) : std::nullopt;
    return escaped ? letter{static_cast<char>(*escaped), 3} : letter{text[at], 1};
}

/// A stretch of a text; `end` 0: none.
struct stretch {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Where `eyJ` at `at` ends (`{"` in base64url: a JOSE header's first bytes); 0: it isn't there.
std::size_t end_of_start(std::string_view text, std::size_t at) noexcept {
    for (const char expected : std::string_view("eyJ")) {
        const letter each = read_letter(text, at);
        if (each.size == 0 || each.byte != expected) {
            return 0;
        }
        at += each.size;
    }
    return at;
}

/// The first token that begins at `from` or later. Linear: a run of letters that is
/// no token is passed as a whole, since no end of it is one.
stretch find_token(std::string_view text, std::size_t from) noexcept {
    const bool escapes = text.find('%', from) != std::string_view::npos;
    while (from < text.size()) {
        if (!escapes) {
            from = text.find("eyJ", from);
            if (from == std::string_view::npos) {
                return {};
            }
        }
        std::size_t at = end_of_start(text, from);
        if (at == 0) {
            ++from;
            continue;
        }
        std::size_t dots = 0;
        for (letter each = read_letter(text, at); each.size != 0 && (each.byte == '.' || is_base64url(each.byte));
             each = read_letter(text, at)) {
            dots += each.byte == '.' ? 1 : 0;
            at += each.size;
        }
        if (dots >= 2) {
            return {from, at};
        }
        from = at;
    }
    return {};
}

void append_escaped(std::string& out, char byte) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '\'' || byte == '\\') {
        out += '\\';
        out += byte;
    } else if (code >= 0x20 && code < 0x7F) {
        out += byte;
    } else {
        out += "\\x";
        append_hex(out, byte, upper_hex);
    }
}

} // namespace

void append_masked(std::string& out, std::string_view text) {
    std::size_t done = 0;
    for (stretch token = find_token(text, 0); token.end != 0; token = find_token(text, done)) {
        out.append(text, done, token.begin - done);
        out += mask;
        done = token.end;
    }
    out.append(text, done);
}

bool holds_token(std::string_view text) noexcept {
    return find_token(text, 0).end != 0;
}

void append_quoted(std::string& out, std::string_view text) {
    std::string masked;
    append_masked(masked, text); // before it is cut: the rest of a token would not look like one
    out += '\'';
    const std::size_t start = out.size();
    bool cut = false;
    for (std::size_t at = 0; at < masked.size() && !cut; ++at) {
        const std::size_t before = out.size();
        append_escaped(out, masked[at]);
        cut = out.size() - start > longest_quoted_part;
        if (cut) {
            out.resize(before);
        }
    }
    out += '\'';
    if (cut) {
        out += cut_mark;
    }
}

std::string in_quotes(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
}

void bound_cause(std::string& cause) {
    if (holds_token(cause)) {
        std::string masked;
        append_masked(masked, cause);
        cause = std::move(masked);
    }
    if (cause.size() > longest_cause) {
        std::size_t end = longest_cause - cut_mark.size();
        while (end > 0 && (static_cast<unsigned char>(cause[end]) & 0xC0U) == 0x80U) {
            --end; // half a character would be no UTF-8
        }
        cause.resize(end);
        cause += cut_mark;
    }
}

} // namespace bearward::policies
