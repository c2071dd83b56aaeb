// One revocation as it is written: in a file's line, in a member of the set that
// processes share. What it names, for which provider and for which tokens.
#pragma once

#include "policies/clock.hpp"
#include "policies/word_table.hpp"

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies::tokens {

/// What a revocation names: the claims `jti` and `sid`, the identity's user and tenant; and the
/// claim `sub`, which only issuers revoke by.
enum class revocation_kind : std::uint8_t { jti, sid, user, tenant, sub };

inline constexpr auto revocation_kinds = std::to_array<word_row<revocation_kind>>({
    {revocation_kind::jti, "jti"},
    {revocation_kind::sid, "sid"},
    {revocation_kind::user, "user"},
    {revocation_kind::tenant, "tenant"},
    {revocation_kind::sub, "sub"},
});
static_assert(is_word_table(revocation_kinds), "a row for each kind, in the enumerators' order");

[[nodiscard]] constexpr std::string_view to_string(revocation_kind kind) noexcept {
    return word_of(revocation_kinds, kind);
}

/// Nothing for what an operator can't name: his word for a user is `user`.
[[nodiscard]] constexpr std::optional<revocation_kind> find_named_kind(std::string_view word) noexcept {
    const auto kind = find_word(revocation_kinds, word);
    return kind == revocation_kind::sub ? std::nullopt : kind;
}

/// How a name begins, for messages.
inline constexpr std::string_view revocation_name_forms = "expected jti:ID, sid:ID, user:ID or tenant:ID";

struct revocation_name {
    revocation_kind kind = revocation_kind::jti;
    std::string id; ///< decoded, not empty, UTF-8 without control characters
};

struct revocation_entry {
    revocation_name what;
    std::string provider;               ///< empty: of every provider
    std::optional<time_point> before{}; ///< only tokens that were issued not later, or don't say when
    /// Only tokens with this `iss`, of a provider that has several issuers; empty: of any. With sid, sub
    /// and tenant alone.
    std::string issuer{};
};

/// An entry that is to be kept.
struct revocation_order {
    revocation_entry entry;
    time_point until;
    std::string_view by = "POST /revoke"; ///< who ordered it, for the log; a literal
};

/// Takes the next word off a line; empty at its end or where a comment (`#`) begins.
[[nodiscard]] std::string_view take_revocation_word(std::string_view& line) noexcept;

/// Why no token can ever have the ID; empty: one can. Claims are UTF-8.
[[nodiscard]] std::string_view find_id_fault(std::string_view id) noexcept;

/// `jti:ID` and the like; the ID is percent-decoded. Error: a sentence about the line,
/// or revocation_name_forms.
[[nodiscard]] std::expected<revocation_name, std::string> parse_revocation_name(std::string_view word);

/// A member of the shared set: a name, which may be `sub:ID` too, then maybe `provider:NAME` and
/// `issuer:URL` (percent-decoded; behind sub, sid and tenant alone) and `before:EPOCH`, whole seconds
/// since 1970, each once. Error: a sentence.
[[nodiscard]] std::expected<revocation_entry, std::string> parse_revocation_member(std::string_view member);
/// The same, in one form only: `%`, blanks and control characters are percent-encoded, and
/// `before` is rounded up to whole seconds.
[[nodiscard]] std::string to_member(const revocation_entry& entry);

/// Until when, of a member's score: seconds since 1970, `inf` or `+inf` for ever; what is
/// before 1970 is its beginning. Nothing for anything else.
[[nodiscard]] std::optional<time_point> parse_revocation_score(std::string_view score) noexcept;
/// Rounded up to whole seconds; time_point::max() is `+inf`.
[[nodiscard]] std::string to_score(time_point until);

/// Whole seconds since 1970, rounded up; what doesn't fit is the type's last, which means for ever.
[[nodiscard]] std::uint32_t to_seconds(time_point time) noexcept;

} // namespace bearward::policies::tokens
