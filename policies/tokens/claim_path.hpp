// Paths into claims, as the configuration writes them: the one reader of every
// path (mappings, required_claims, requirements, identity headers, tests).
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::policies::tokens {

/// A dotted path ("realm_access.roles"), or one whose steps are named exactly.
class claim_path {
public:
    claim_path() = default; ///< leads nowhere
    /// A dotted path of these names.
    claim_path(std::initializer_list<std::string_view> names);

    /// "a.b.c". Error: what is wrong; the syntax of other products' paths says how
    /// the path is written here, and with `as_source` the other forms of a claim's source.
    [[nodiscard]] static std::expected<claim_path, std::string> parse(std::string_view written, bool as_source = false);
    /// Each step is a member's whole name, dots included, or a whole number.
    [[nodiscard]] static claim_path exact(const std::vector<std::string>& steps);

    [[nodiscard]] std::size_t size() const noexcept { return steps_.size(); }
    [[nodiscard]] bool is_exact() const noexcept { return exact_; }
    /// The steps from `first` up to `last`, which is not among them, as one name.
    [[nodiscard]] std::string_view name(std::size_t first, std::size_t last) const noexcept;
    /// As written: "a.b", or "[a, b.c]" for an exact one.
    [[nodiscard]] std::string text() const;
    /// Whether it is the top-level claim of this name, which has no dots in it.
    [[nodiscard]] bool is_claim(std::string_view name) const noexcept { return steps_.size() == 1 && text_ == name; }

    friend bool operator==(const claim_path&, const claim_path&) = default;

private:
    void add(std::string_view step);

    std::string text_;                                       ///< the steps with dots between them
    std::vector<std::pair<std::size_t, std::size_t>> steps_; ///< where each begins and ends in it
    bool exact_ = false;
};

/// What a path leads to.
struct found_claim {
    const boost::json::value* value = nullptr; ///< null: absent, which a claim that is `null` is too
    bool readable = true;                      ///< false: something that the path can't go through lies on its way
};

/// At each step the longest member name that fits counts, without going back; of an
/// array a whole number picks an element, from 0. Below what is empty ("", []) nothing
/// is there. Another scalar on the way, or an array where the step is no whole number,
/// is not readable: its issuer may have said there what the path asks for.
[[nodiscard]] found_claim look_up(const boost::json::object& claims, const claim_path& path) noexcept;

/// Likewise, for those to whom unreadable and absent are the same.
[[nodiscard]] const boost::json::value* find_claim(const boost::json::object& claims, const claim_path& path) noexcept;

} // namespace bearward::policies::tokens
