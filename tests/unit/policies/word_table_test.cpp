#include "policies/word_table.hpp"

#include "policies/explanation.hpp"
#include "policies/jose/algorithm.hpp"
#include "policies/reason_table.hpp"
#include "policies/requests/method.hpp"
#include "policies/requests/path_error.hpp"
#include "policies/rules/route.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace bearward::policies {
namespace {

enum class fruit : std::uint8_t { apple, pear2, plum };
using row = word_row<fruit>;

constexpr auto whole = std::to_array<row>({{fruit::apple, "apple"}, {fruit::pear2, "pear"}, {fruit::plum, "plum"}});
constexpr auto swapped = std::to_array<row>({{fruit::apple, "apple"}, {fruit::plum, "plum"}, {fruit::pear2, "pear"}});
constexpr auto cut_short = std::to_array<row>({{fruit::apple, "apple"}, {fruit::pear2, "pear"}});
constexpr auto too_long =
    std::to_array<row>({{fruit::apple, "apple"}, {fruit::pear2, "pear"}, {fruit::plum, "plum"}, {static_cast<fruit>(3), "fig"}});
constexpr auto repeated = std::to_array<row>({{fruit::apple, "apple"}, {fruit::pear2, "pear"}, {fruit::plum, "pear"}});

TEST(word_table, only_a_row_for_each_enumerator_in_their_order_is_a_table) {
    EXPECT_TRUE(is_word_table(whole));
    EXPECT_FALSE(is_table(swapped));
    EXPECT_FALSE(is_table(cut_short));
    EXPECT_FALSE(is_table(too_long));
    EXPECT_TRUE(is_table(repeated));
    EXPECT_FALSE(is_word_table(repeated));
    EXPECT_FALSE(is_word_table(swapped));
}

TEST(word_table, a_word_is_found_in_its_exact_spelling_only) {
    EXPECT_EQ(word_of(whole, fruit::pear2), "pear");
    EXPECT_EQ(find_word(whole, "pear"), fruit::pear2);
    for (const auto* word : {"", "pea", "pears", "Pear", "fig"}) {
        EXPECT_EQ(find_word(whole, word), std::nullopt) << word;
    }
}

template <class Table>
void goes_there_and_back(const Table& table) {
    for (const auto& each : table) {
        EXPECT_EQ(find_word(table, word_of(table, each.value)), each.value) << each.word;
    }
}

TEST(word_table, every_enumerator_goes_to_its_word_and_back) {
    goes_there_and_back(reason_table);
    goes_there_and_back(mark_table);
    goes_there_and_back(jose::algorithm_table);
    goes_there_and_back(requests::method_table);
    goes_there_and_back(requests::path_error_table);
    goes_there_and_back(rules::enforcement_table);
}

} // namespace
} // namespace bearward::policies
