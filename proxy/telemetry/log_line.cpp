#include "proxy/telemetry/log_line.hpp"

#include "policies/ascii.hpp"
#include "policies/utf8.hpp"

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

void append_unicode_escape(std::string& out, char low_byte) {
    out += "\\u00";
    policies::append_hex(out, low_byte);
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
        append_unicode_escape(out, c);
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
    if (policies::is_control(static_cast<unsigned char>(c))) {
        append_control(out, c);
        return 1;
    }
    const std::size_t length = policies::utf8_length(text, 0);
    if (length == 0) {
        out += "\\ufffd";
        return 1;
    }
    if (length == 2 && c == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0U) {
        append_unicode_escape(out, text[1]);
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
