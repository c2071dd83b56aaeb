// Tables with one row an enumerator: its word, and whatever else depends on it
// alone. A table is an array in the enumerators' order, so that to look up a row is
// to index; a static_assert behind each table keeps it whole.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace bearward::policies {

namespace detail {

/// What the compiler calls this function: it names the enumerator, and writes a value
/// without one as a cast, "(some_enum)7".
template <auto Value>
consteval std::string_view spelling() {
    return __PRETTY_FUNCTION__;
}

} // namespace detail

/// Whether `Value` is one of its enumeration's enumerators.
template <auto Value>
consteval bool is_enumerator() {
    constexpr std::string_view text = detail::spelling<Value>();
    const char next = text[text.rfind(')') + 1];
    return next < '0' || next > '9';
}

/// Whether row i has enumerator i, and every enumerator has a row. A row has the
/// enumerator as `value`.
template <class Row, std::size_t Size>
consteval bool is_table(const std::array<Row, Size>& rows) {
    using value = decltype(Row::value);
    for (std::size_t index = 0; index < Size; ++index) {
        if (static_cast<std::size_t>(rows[index].value) != index) {
            return false;
        }
    }
    return is_enumerator<static_cast<value>(Size - 1)>() && !is_enumerator<static_cast<value>(Size)>();
}

/// The same, and whether each row has a `word` of its own.
template <class Row, std::size_t Size>
consteval bool is_word_table(const std::array<Row, Size>& rows) {
    for (std::size_t index = 0; index < Size; ++index) {
        for (std::size_t before = 0; before < index; ++before) {
            if (rows[before].word == rows[index].word) {
                return false;
            }
        }
    }
    return is_table(rows);
}

template <class Row, std::size_t Size>
[[nodiscard]] constexpr const Row& row_of(const std::array<Row, Size>& rows, decltype(Row::value) value) noexcept {
    return rows[static_cast<std::size_t>(value)];
}

template <class Row, std::size_t Size>
[[nodiscard]] constexpr std::string_view word_of(const std::array<Row, Size>& rows, decltype(Row::value) value) noexcept {
    return row_of(rows, value).word;
}

/// The enumerator of a word in its exact spelling; nothing for an unknown word. Inverse of word_of.
template <class Row, std::size_t Size>
[[nodiscard]] constexpr std::optional<decltype(Row::value)> find_word(const std::array<Row, Size>& rows, std::string_view word) noexcept {
    for (const Row& each : rows) {
        if (each.word == word) {
            return each.value;
        }
    }
    return std::nullopt;
}

/// A row of a table that has nothing but the words.
template <class Enumeration>
struct word_row {
    Enumeration value;
    std::string_view word;
};

} // namespace bearward::policies
