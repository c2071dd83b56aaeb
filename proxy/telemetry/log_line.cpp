#include "proxy/telemetry/log_line.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace bearward::proxy {
namespace {

void append_digits(std::string& out, std::uint64_t value, std::size_t width) {
    std::array<char, 20> digits{};
    std::size_t start = digits.size();
    while (value != 0 || digits.size() - start < width) {
        digits[--start] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    out.append(digits.data() + start, digits.size() - start);
}

void append_unicode_escape(std::string& out, unsigned char low_byte) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += "\\u00";
    out += hex[low_byte >> 4U];
    out += hex[low_byte & 0xFU];
}

/// The length of the well-formed UTF-8 sequence at the start (RFC 3629), 0: none.
std::size_t utf8_length(std::string_view text) noexcept {
    const auto byte = [text](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
    const unsigned lead = byte(0);
    const auto continues = [&byte](std::size_t at, unsigned low = 0x80U, unsigned high = 0xBFU) {
        return byte(at) >= low && byte(at) <= high;
    };
    if (lead < 0x80U) {
        return 1;
    }
    if (lead >= 0xC2U && lead <= 0xDFU) {
        return continues(1) ? 2 : 0;
    }
    if (lead >= 0xE0U && lead <= 0xEFU) {
        const unsigned low = lead == 0xE0U ? 0xA0U : 0x80U;
        const unsigned high = lead == 0xEDU ? 0x9FU : 0xBFU;
        return continues(1, low, high) && continues(2) ? 3 : 0;
    }
    if (lead >= 0xF0U && lead <= 0xF4U) {
        const unsigned low = lead == 0xF0U ? 0x90U : 0x80U;
        const unsigned high = lead == 0xF4U ? 0x8FU : 0xBFU;
        return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

bool is_plain(char c) noexcept {
    return c > 0x20 && c < 0x7F && c != '"' && c != '\\';
}

void append_control(std::string& out, char c) {
    switch (c) {
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        append_unicode_escape(out, static_cast<unsigned char>(c));
    }
}

/// Appends the character at the start of `text`, escaped where needed; its length.
std::size_t append_character(std::string& out, std::string_view text) {
    const char c = text.front();
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
        return 1;
    }
    if ((c >= 0 && c < 0x20) || c == 0x7F) {
        append_control(out, c);
        return 1;
    }
    const std::size_t length = utf8_length(text);
    if (length == 0) {
        out += "\\ufffd";
        return 1;
    }
    if (length == 2 && c == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0U) {
        append_unicode_escape(out, static_cast<unsigned char>(text[1]));
    } else {
        out.append(text, 0, length);
    }
    return length;
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto plain =
            static_cast<std::size_t>(std::ranges::find_if_not(text, [](char c) { return c == ' ' || is_plain(c); }) - text.begin());
        out.append(text, 0, plain);
        text.remove_prefix(plain);
        if (!text.empty()) {
            text.remove_prefix(append_character(out, text));
        }
    }
    out += '"';
}

void append_word(std::string& out, std::string_view text) {
    if (text.empty()) {
        out += '-';
    } else if (std::ranges::all_of(text, is_plain)) {
        out += text;
    } else {
        append_json_string(out, text);
    }
}

void append_time(std::string& out, std::chrono::system_clock::time_point time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const auto milliseconds_of_day = floor<milliseconds>(time - day);
    const hh_mm_ss clock{milliseconds_of_day};
    append_digits(out, static_cast<std::uint64_t>(std::max(0, static_cast<int>(date.year()))), 4);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_digits(out, static_cast<std::uint64_t>(clock.hours().count()), 2);
    out += ':';
    append_digits(out, static_cast<std::uint64_t>(clock.minutes().count()), 2);
    out += ':';
    append_digits(out, static_cast<std::uint64_t>(clock.seconds().count()), 2);
    out += '.';
    append_digits(out, static_cast<std::uint64_t>(clock.subseconds().count()), 3);
    out += 'Z';
}

void append_milliseconds(std::string& out, std::chrono::microseconds duration) {
    const auto microseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count()));
    append_digits(out, microseconds / 1'000, 1);
    out += '.';
    append_digits(out, microseconds % 1'000, 3);
}

} // namespace bearward::proxy
