#include "config/encoding.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/utf8.hpp"

namespace bearward::config {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

unsigned byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
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

std::optional<std::string> decode_any_base64(std::string_view text) {
    std::string plain(text.substr(0, text.find_last_not_of('=') + 1));
    if (text.size() - plain.size() > 2) {
        return std::nullopt;
    }
    for (char& byte : plain) {
        byte = byte == '+' ? '-' : byte == '/' ? '_' : byte;
    }
    return policies::jose::decode_base64url(plain);
}

std::optional<std::string> decode_hex(std::string_view text) {
    const auto value = [](char digit) {
        const auto at = hex_digits.find(digit >= 'A' && digit <= 'F' ? static_cast<char>(digit - 'A' + 'a') : digit);
        return at == std::string_view::npos ? -1 : static_cast<int>(at);
    };
    std::string bytes;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
        const int high = value(text[at]);
        const int low = value(text[at + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return text.size() % 2 == 0 ? std::optional(bytes) : std::nullopt;
}

std::optional<forbidden_byte> find_forbidden_byte(std::string_view text) {
    int line = 1;
    int column = 1;
    for (std::size_t at = 0; at < text.size();) {
        const unsigned byte = byte_at(text, at);
        const std::size_t length = policies::utf8_length(text, at);
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
        const std::size_t length = policies::utf8_length(text, at);
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
