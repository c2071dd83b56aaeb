// Text for people that holds what a client chose: the log's `cause` and the like.
// Quoted, printable, bounded, and without tokens; lists.
#pragma once

#include <cstddef>
#include <functional>
#include <ranges>
#include <string>
#include <string_view>

namespace bearward::policies {

/// Bytes of a client's text that are shown, and of a whole cause (policies/BEHAVIOUR.md 15.2).
inline constexpr std::size_t longest_quoted_part = 64;
inline constexpr std::size_t longest_cause = 256;

/// Appends `text` with `***` in place of all that looks like a JWS or JWE: parts in
/// base64url, three or more, joined by `.` or `%2E`, of which the first begins with
/// `eyJ`; parts may be empty. Likewise of an API key: `bwk_` and sixteen letters of base64url
/// or more. Any letter may be percent-encoded.
void append_masked(std::string& out, std::string_view text);

/// Whether append_masked would hide something. Allocates nothing.
[[nodiscard]] bool holds_token(std::string_view text) noexcept;

/// Appends `'text'`: tokens masked, what isn't printable ASCII as `\x1B`, `'` and `\`
/// escaped, and then at most longest_quoted_part bytes, with `...` after the quote
/// where it was cut.
void append_quoted(std::string& out, std::string_view text);
[[nodiscard]] std::string in_quotes(std::string_view text);

/// The entries with `, ` between them; `text` gives an entry's text.
template <std::ranges::input_range Range, class Projection = std::identity>
[[nodiscard]] std::string listed(const Range& entries, Projection text = {}) {
    std::string list;
    for (const auto& each : entries) {
        list.append(list.empty() ? "" : ", ").append(std::invoke(text, each));
    }
    return list;
}

/// A cause as it may be logged: tokens masked, at most longest_cause bytes, `...` at
/// the end of one that was cut.
void bound_cause(std::string& cause);

} // namespace bearward::policies
