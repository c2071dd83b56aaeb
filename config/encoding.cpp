#include "config/encoding.hpp"

namespace bearward::config {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

unsigned byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// The length of the UTF-8 sequence at `at` (RFC 3629 section 4); 0: there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const unsigned lead = byte_at(text, at);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0 || at + length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, at + i) & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    if (length > 2) {
        const unsigned second = byte_at(text, at + 1);
        const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
        const bool surrogate = lead == 0xED && second >= 0xA0;
        const bool too_large = lead == 0xF4 && second >= 0x90;
        if (overlong || surrogate || too_large) {
            return 0;
        }
    }
    return length;
}

bool is_control(unsigned byte) {
    return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
}

void append_hex(std::string& out, unsigned byte) {
    out += "\\x";
    out += hex_digits[byte >> 4U];
    out += hex_digits[byte & 0xFU];
}

} // namespace

std::optional<forbidden_byte> find_forbidden_byte(std::string_view text) {
    int line = 1;
    int column = 1;
    for (std::size_t at = 0; at < text.size();) {
        const unsigned byte = byte_at(text, at);
        const std::size_t length = sequence_length(text, at);
        if (length == 0) {
            return forbidden_byte{line, column, "not UTF-8"};
        }
        if (is_control(byte)) {
            std::string shown;
            append_hex(shown, byte);
            return forbidden_byte{line, column, "the control character " + shown + " may not stand in a document"};
        }
        at += length;
        ++column;
        if (byte == '\n') {
            ++line;
            column = 1;
        }
    }
    return std::nullopt;
}

std::string escape_for_message(std::string_view text, std::size_t limit) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size() && at < limit) {
        const unsigned byte = byte_at(text, at);
        const std::size_t length = sequence_length(text, at);
        if (length == 0 || byte < 0x20 || byte == 0x7F) {
            append_hex(out, byte);
            ++at;
        } else {
            out += text.substr(at, length);
            at += length;
        }
    }
    return at < text.size() ? out + "..." : out;
}

std::string quote(std::string_view text) {
    return '\'' + escape_for_message(text) + '\'';
}

} // namespace bearward::config
