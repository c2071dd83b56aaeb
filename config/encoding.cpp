#include "config/encoding.hpp"

#include "policies/ascii.hpp"
#include "policies/utf8.hpp"

namespace bearward::config {

namespace {

bool is_forbidden(char byte) {
    return policies::is_control(static_cast<unsigned char>(byte)) && byte != '\t' && byte != '\n' && byte != '\r';
}

/// Appends \xNN.
void append_escape(std::string& out, char byte) {
    out += "\\x";
    policies::append_hex(out, byte);
}

} // namespace

std::optional<forbidden_byte> find_forbidden_byte(std::string_view text) {
    int line = 1;
    int column = 1;
    for (std::size_t at = 0; at < text.size();) {
        const char byte = text[at];
        const std::size_t length = policies::utf8_length(text, at);
        if (length == 0) {
            return forbidden_byte{line, column, "not UTF-8"};
        }
        if (is_forbidden(byte)) {
            std::string shown;
            append_escape(shown, byte);
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
        const char byte = text[at];
        const std::size_t length = policies::utf8_length(text, at);
        if (length == 0 || policies::is_control(static_cast<unsigned char>(byte))) {
            append_escape(out, byte);
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
