// What a decision reports to an observer: each step with the values that were compared,
// by the very code that compares them. An observer is only told, never asked: with
// or without one the decision is the same, and without one nothing is put into
// words. Holds no token, key or secret.
#pragma once

#include "policies/clock.hpp"
#include "policies/reason.hpp"
#include "policies/word_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies {

/// One step of a decision.
struct step {
    enum class mark : std::uint8_t {
        note,          ///< said for context
        ok,            ///< a check that was passed
        failed,        ///< a check that refuses the request, with `why`
        holds,         ///< a part of any, all, not or a named policy
        does_not_hold, ///< such a part; what it means for the whole is reported later
    };
    std::string_view stage{};      ///< path cors route websocket credential provider token requirement; a literal
    std::string check{};           ///< what is checked: "alg", "tenant", "any[0].roles", a route's name
    boost::json::value found{};    ///< what the request or the token has; null: nothing to show
    boost::json::value expected{}; ///< what that was compared with; null: nothing to show
    std::string note{};            ///< in words; empty: nothing to add
    mark outcome = mark::note;
    reason why = reason::ok; ///< of a failed one
};

struct mark_row {
    step::mark value;
    std::string_view word;       ///< in JSON
    std::string_view for_people; ///< in a table of steps
};

inline constexpr auto mark_table = std::to_array<mark_row>({
    {step::mark::note, "note", "-"},
    {step::mark::ok, "ok", "ok"},
    {step::mark::failed, "failed", "FAILED"},
    {step::mark::holds, "holds", "yes"},
    {step::mark::does_not_hold, "does_not_hold", "no"},
});
static_assert(is_word_table(mark_table));

[[nodiscard]] constexpr std::string_view to_string(step::mark outcome) noexcept {
    return word_of(mark_table, outcome);
}

/// The steps of one decision, in the order in which they were taken. For one
/// thread.
class explanation {
public:
    /// Takes a step for context.
    void add(step what);
    /// Takes a check with its verdict.
    void add(step what, reason verdict);

    [[nodiscard]] const std::vector<step>& steps() const noexcept { return steps_; }

    /// While it lives, the steps told are kept back for tell_kept(): what is checked
    /// before its turn is reported in its turn. Does nothing without an observer.
    class ahead {
    public:
        explicit ahead(explanation* observer);
        ~ahead();
        ahead(const ahead&) = delete;
        ahead& operator=(const ahead&) = delete;

    private:
        explanation* observer_;
    };
    void tell_kept();

    /// While it lives, the steps told are about a part: their `check` begins with
    /// its name. Does nothing without an observer.
    class part {
    public:
        part(explanation* observer, std::string_view list, std::size_t index);
        ~part();
        part(const part&) = delete;
        part& operator=(const part&) = delete;

    private:
        explanation* observer_;
        std::size_t before_ = 0;
    };

private:
    std::vector<step> steps_;
    std::vector<step> kept_;
    bool keeps_ = false;
    std::string prefix_;
};

/// Tells the verdict of a check and returns it; `describe` makes the step, and is
/// called for an observer only.
template <class Describe>
reason tell(explanation* observer, reason verdict, const Describe& describe) {
    if (observer != nullptr) [[unlikely]] {
        observer->add(describe(), verdict);
    }
    return verdict;
}

/// Tells a step for context.
template <class Describe>
void tell(explanation* observer, const Describe& describe) {
    if (observer != nullptr) [[unlikely]] {
        observer->add(describe());
    }
}

/// Texts and times as values of a step.
[[nodiscard]] boost::json::value show(std::string_view text);
[[nodiscard]] boost::json::value show(const std::vector<std::string>& texts);
/// RFC 3339 in UTC; beyond the year 9999 the seconds of Unix time.
[[nodiscard]] boost::json::value show(time_point time);

} // namespace bearward::policies
