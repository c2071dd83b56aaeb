#include "policies/jose/base64url.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace bearward::policies::jose {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Has a bit outside the low six set for characters that are not in the alphabet.
constexpr std::uint32_t invalid = 0x8000'0000U;

constexpr std::array<std::uint32_t, 256> values = [] {
    std::array<std::uint32_t, 256> table{};
    table.fill(invalid);
    for (std::size_t index = 0; index < alphabet.size(); ++index) {
        table[static_cast<unsigned char>(alphabet[index])] = static_cast<std::uint32_t>(index);
    }
    return table;
}();

/// The same for the four characters of a group, each where its bits belong: tokens are long.
constexpr std::array<std::array<std::uint32_t, 256>, 4> shifted = [] {
    std::array<std::array<std::uint32_t, 256>, 4> tables{};
    for (std::size_t place = 0; place < tables.size(); ++place) {
        for (std::size_t byte = 0; byte < values.size(); ++byte) {
            tables[place][byte] = values[byte] == invalid ? invalid : values[byte] << (18U - 6U * place);
        }
    }
    return tables;
}();

std::uint32_t value_of(char character) noexcept {
    return values[static_cast<unsigned char>(character)];
}

char byte_of(std::uint32_t bits) noexcept {
    return static_cast<char>(static_cast<unsigned char>(bits & 0xFFU));
}

} // namespace

std::optional<std::string> decode_base64url(std::string_view text) {
    const std::size_t rest = text.size() % 4;
    if (rest == 1) {
        return std::nullopt;
    }
    const std::size_t whole = text.size() - rest;
    std::string bytes(whole / 4 * 3 + (rest == 0 ? 0 : rest - 1), '\0');
    char* out = bytes.data();
    std::uint32_t seen = 0; // every value or-ed together: one check for all characters
    const auto* const first = reinterpret_cast<const unsigned char*>(text.data());
    for (const auto* in = first; in != first + whole; in += 4) {
        const std::uint32_t bits = shifted[0][in[0]] | shifted[1][in[1]] | shifted[2][in[2]] | shifted[3][in[3]];
        seen |= bits;
        *out++ = byte_of(bits >> 16U);
        *out++ = byte_of(bits >> 8U);
        *out++ = byte_of(bits);
    }
    if (rest != 0) {
        const std::uint32_t a = value_of(text[whole]);
        const std::uint32_t b = value_of(text[whole + 1]);
        const std::uint32_t c = rest == 3 ? value_of(text[whole + 2]) : 0;
        seen |= a | b | c;
        const std::uint32_t bits = (a << 18U) | (b << 12U) | (c << 6U);
        const std::uint32_t unused = rest == 3 ? 0xFFU : 0xFFFFU;
        if ((bits & unused) != 0) {
            return std::nullopt;
        }
        *out++ = byte_of(bits >> 16U);
        if (rest == 3) {
            *out = byte_of(bits >> 8U);
        }
    }
    if ((seen & invalid) != 0) {
        return std::nullopt;
    }
    return bytes;
}

std::optional<std::string> decode_any_base64(std::string_view text) {
    std::string plain(text.substr(0, text.find_last_not_of('=') + 1));
    if (text.size() - plain.size() > 2) {
        return std::nullopt;
    }
    std::ranges::replace(plain, '+', '-');
    std::ranges::replace(plain, '/', '_');
    return decode_base64url(plain);
}

std::string encode_base64url(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    unsigned held = 0; // how many low bits of `bits` are not written yet
    for (const char byte : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(byte);
        held += 8;
        while (held >= 6) {
            held -= 6;
            text.push_back(alphabet[(bits >> held) & 0x3FU]);
        }
    }
    if (held != 0) {
        text.push_back(alphabet[(bits << (6 - held)) & 0x3FU]);
    }
    return text;
}

} // namespace bearward::policies::jose
