#include "proxy/commands/import/yaml_text.hpp"

#include "config/encoding.hpp"
#include "config/scalars.hpp"

#include <algorithm>
#include <array>

namespace bearward::proxy::commands::importing {
namespace {

constexpr std::size_t longest_comment = 400;

bool is_safe_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '_' || c == '-';
}

/// Words and paths; everything that a reader of YAML might take for something else has quotes.
bool is_plain(std::string_view text) {
    if (text.empty() || text.size() > 200 || !std::ranges::all_of(text, is_safe_byte)) {
        return false;
    }
    const char first = text.front();
    const bool word = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || (first == '/' && text.size() > 1) || text == "/";
    constexpr std::array<std::string_view, 14> special{"true", "false", "null", "on", "off", "yes", "no",
                                                       "True", "False", "Null", "On", "Off", "Yes", "No"};
    return word && config::type_of_plain(text) == config::scalar_type::text && std::ranges::find(special, text) == special.end();
}

std::string in_quotes(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            out += "\\x";
            out += digits[byte >> 4U];
            out += digits[byte & 0xFU];
        } else {
            out += text.substr(at, 2) == "${" ? "$$" : std::string_view(&c, 1);
        }
    }
    return out + '"';
}

} // namespace

std::string to_yaml(std::string_view text) {
    return is_plain(text) ? std::string(text) : in_quotes(text);
}

std::string to_yaml(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& each : texts) {
        out += (out.size() > 1 ? ", " : "") + to_yaml(std::string_view(each));
    }
    return out + ']';
}

std::string to_comment(std::string_view text) {
    return config::escape_for_message(text, longest_comment);
}

} // namespace bearward::proxy::commands::importing
