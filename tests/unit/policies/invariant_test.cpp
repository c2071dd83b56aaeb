#include "policies/invariant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include <unistd.h>

namespace bearward::policies {
namespace {

using ::testing::MatchesRegex;

constexpr bool checked_when_compiled() {
    invariant(true, "true is true");
    return true;
}
static_assert(checked_when_compiled());

TEST(invariant_death_test, one_that_holds_costs_nothing_and_says_nothing) {
    ::testing::internal::CaptureStderr();
    invariant(2 > 1, "two is more than one");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(invariant_death_test, a_broken_one_says_where_and_what_in_one_line_and_aborts) {
    EXPECT_EXIT(invariant(1 > 2, "one is more than two"), ::testing::KilledBySignal(SIGABRT),
                MatchesRegex(".*/invariant_test\\.cpp:[0-9]+: broken invariant: one is more than two\n"));
}

TEST(invariant_death_test, it_ends_the_process_where_stderr_is_closed) {
    EXPECT_EXIT(
        {
            ::close(STDERR_FILENO);
            invariant(false, "nobody reads this");
        },
        ::testing::KilledBySignal(SIGABRT), "");
}

TEST(invariant_death_test, a_line_that_is_too_long_is_cut) {
    static constexpr auto where = std::source_location::current();
    static constexpr const char* words =
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
    EXPECT_EXIT(end_with_broken_invariant(words, where), ::testing::KilledBySignal(SIGABRT), MatchesRegex(".{511}\n"));
}

} // namespace
} // namespace bearward::policies
