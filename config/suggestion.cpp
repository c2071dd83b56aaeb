#include "config/suggestion.hpp"

#include "config/encoding.hpp"
#include "policies/ascii.hpp"
#include "policies/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace bearward::config {

namespace {

constexpr std::size_t most_words = 500;  // a document full of wrong names must not take minutes
constexpr std::size_t longest_word = 64; // longer ones are no slip of the finger, and the cost is quadratic

std::string fold(std::string_view word) {
    std::string folded(word);
    for (char& letter : folded) {
        letter = letter == '-' ? '_' : policies::to_lower(letter);
    }
    return folded;
}

/// Optimal string alignment distance: insertions, deletions, replacements and
/// swaps of neighbours.
std::size_t distance(std::string_view left, std::string_view right) {
    const std::size_t width = right.size() + 1;
    std::array<std::array<std::size_t, longest_word + 1>, 3> rows{};
    for (std::size_t j = 0; j < width; ++j) {
        rows[0][j] = j;
    }
    for (std::size_t i = 1; i <= left.size(); ++i) {
        const auto& above = rows[(i - 1) % 3];
        auto& row = rows[i % 3];
        row[0] = i;
        for (std::size_t j = 1; j < width; ++j) {
            const std::size_t replaced = above[j - 1] + (left[i - 1] == right[j - 1] ? 0U : 1U);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
                row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
            }
        }
    }
    return rows[left.size() % 3][right.size()];
}

} // namespace

std::optional<bool> boolean_meant(std::string_view written) {
    const std::string folded = fold(written);
    for (const auto& [word, meant] : {std::pair("true", true), std::pair("yes", true), std::pair("on", true), std::pair("false", false),
                                      std::pair("no", false), std::pair("off", false)}) {
        if (folded == word) {
            return meant;
        }
    }
    return std::nullopt;
}

std::string suggest(std::string_view written, std::span<const std::string> words) {
    if (written.empty() || written.size() > longest_word) {
        return {};
    }
    if (const auto meant = boolean_meant(written)) {
        if (const auto same = std::ranges::find(words, *meant ? "on" : "off"); same != words.end()) {
            return "; did you mean " + quote(*same) + "?";
        }
    }
    const std::string folded = fold(written);
    std::size_t best = std::max<std::size_t>(1, written.size() / 3) + 1;
    const std::string* closest = nullptr;
    for (const std::string& word : words.first(std::min(words.size(), most_words))) {
        const std::size_t lengths_apart = std::max(word.size(), written.size()) - std::min(word.size(), written.size());
        if (word.size() > longest_word || lengths_apart >= best) {
            continue;
        }
        const std::size_t apart = distance(folded, fold(word));
        if (apart < best && apart < word.size()) {
            best = apart;
            closest = &word;
        }
    }
    for (const std::string& word : words.first(std::min(words.size(), most_words))) {
        constexpr std::size_t telling = 4; // letters
        const std::string other = fold(word);
        if (closest == nullptr && std::min(other.size(), folded.size()) >= telling &&
            (other.starts_with(folded) || folded.starts_with(other))) {
            closest = &word;
        }
    }
    return closest != nullptr ? "; did you mean " + quote(*closest) + "?" : std::string();
}

std::string join(std::span<const std::string> words) {
    return policies::listed(words, [](const std::string& word) { return escape_for_message(word); });
}

} // namespace bearward::config
