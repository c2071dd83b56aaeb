// Near misses: what somebody who wrote an unknown word may have meant. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bearward::config {

/// "; did you mean 'X'?" for the closest of the words, or nothing when none is
/// close: equal but for case and `-` for `_`, or at most a third of the letters
/// wrong, missing, surplus or swapped with their neighbour; or one begins with all of the
/// other, or both mean yes or no.
[[nodiscard]] std::string suggest(std::string_view written, std::span<const std::string> words);

/// What a word for yes or no in any notation means: true, yes, on, in any case; nothing
/// for other words.
[[nodiscard]] std::optional<bool> boolean_meant(std::string_view written);

/// "a, b, c".
[[nodiscard]] std::string join(std::span<const std::string> words);

} // namespace bearward::config
