// The credentials that count no longer although they verify: by token (`jti`),
// session (`sid`), user or tenant. Immutable; looking up allocates nothing.
#pragma once

#include "policies/clock.hpp"
#include "policies/tokens/revocation_entry.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bearward::policies::tokens {

struct revocation_reading;

/// Why a line was refused: its number, from 1, and a sentence.
struct revocation_error {
    std::size_t line = 0;
    std::string what;
};

/// What a credential says of itself; what is empty is not said, and never listed.
struct revocation_facts {
    std::string_view token_id;
    std::string_view session;
    std::string_view user;
    std::string_view tenant;
    std::span<const std::string> tenants{}; ///< of a token that names several
    std::optional<time_point> issued_at{};  ///< of no interest to a list
    std::string_view subject{};             ///< `sub`; likewise
    std::string_view issuer{};              ///< `iss`; likewise
};

/// Lines `jti:ID`, `sid:ID`, `user:ID` and `tenant:ID`, each maybe followed by white
/// space and `until:2027-01-01T00:00:00Z`, after which it counts no longer. IDs are
/// percent-decoded and hold no white space as written. `#` at the start of a line or
/// after white space begins a comment. Anything else is refused: a line means what
/// its writer meant, or nothing is revoked by it in silence.
[[nodiscard]] revocation_reading parse_revocation_list(std::string_view text);

class revocation_list {
public:
    /// Whether one of the facts is listed and its time is not over.
    [[nodiscard]] bool revokes(const revocation_facts& facts, time_point now) const noexcept;
    /// The entry that revokes them, as "jti", "sid", "user" or "tenant" with its ID in
    /// quotes; empty: none.
    [[nodiscard]] std::string matching_entry(const revocation_facts& facts, time_point now) const;

    [[nodiscard]] std::size_t size() const noexcept { return token_ids_.size() + sessions_.size() + users_.size() + tenants_.size(); }

    /// Adds the entries of an earlier reading that this one lacks or has with a shorter
    /// term, but for those that a reading lacked `absence` ago or before: a file that is being written in place
    /// un-revokes nobody.
    void keep_departed(const revocation_list& earlier, std::chrono::steady_clock::time_point read_at, std::chrono::milliseconds absence);
    /// How many entries count, or count longer, although the last reading lacked that.
    [[nodiscard]] std::size_t departed() const noexcept;

private:
    friend revocation_reading parse_revocation_list(std::string_view text);

    struct text_hash {
        using is_transparent = void; // look-ups by view
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    struct term {
        time_point until = time_point::min();                            ///< as the last reading has it; the least: it lacks the ID
        time_point before{};                                             ///< the longer one of an earlier reading, while `departed`
        std::optional<std::chrono::steady_clock::time_point> departed{}; ///< when a reading first lacked that one

        [[nodiscard]] time_point end() const noexcept { return departed ? std::max(until, before) : until; }
    };
    /// The ID, and how long it is revoked.
    using names = std::unordered_map<std::string, term, text_hash, std::equal_to<>>;

    [[nodiscard]] static names revocation_list::* names_of(revocation_kind kind) noexcept;

    names token_ids_;
    names sessions_;
    names users_;
    names tenants_;
};

struct revocation_reading {
    revocation_list list;                  ///< the good lines
    std::vector<revocation_error> refused; ///< the others, in their order
};

} // namespace bearward::policies::tokens
