// Run-time assertions, on in every build. They are for what only a mistake of ours can
// break, never for what a peer sends: that is answered by values. A process that guards
// others and is wrong about its own state must not go on by chance: it ends at once.
//
// For where going on would harm and nothing else notices. The bounds of the standard
// library's containers are watched by _GLIBCXX_ASSERTIONS, which the hardened build has.
#pragma once

#include <source_location>

namespace bearward::policies {

/// Text that is known when the program is compiled, so that nothing of a request can be in it.
class fixed_text {
public:
    consteval fixed_text(const char* text) noexcept : text_(text) {}
    [[nodiscard]] constexpr const char* get() const noexcept { return text_; }

private:
    const char* text_;
};

/// Writes `FILE:LINE: broken invariant: WHAT` to stderr, in one write(2) and without
/// allocating, and ends the process with SIGABRT. What waits in the log's memory is lost.
[[noreturn, gnu::cold, gnu::noinline]] void end_with_broken_invariant(fixed_text what, std::source_location where) noexcept;

/// `what`: the rule, as it should hold. A comparison and a branch that is never taken: `where` is a
/// value, since a reference to it would put it on the stack, and guards around that.
constexpr void invariant(bool holds, fixed_text what, std::source_location where = std::source_location::current()) noexcept {
    if (!holds) [[unlikely]] {
        end_with_broken_invariant(what, where);
    }
}

} // namespace bearward::policies
