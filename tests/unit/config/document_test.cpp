#include "config/document.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace bearward::config {
namespace {

struct outcome {
    std::optional<node> tree;
    std::vector<diagnostic> problems;
};

outcome parse(const std::string& text, const document_limits& limits = {}) {
    outcome result;
    result.tree = parse_document(text, "f", result.problems, limits);
    return result;
}

TEST(document, keeps_marks_and_the_order_of_keys) {
    const outcome result = parse("b: 1\na:\n  - x\n  - 'y'\n");
    ASSERT_TRUE(result.tree.has_value());
    ASSERT_EQ(result.tree->entries.size(), 2U);
    EXPECT_EQ(result.tree->entries[0].key.text, "b");
    const node& list = result.tree->entries[1].value;
    ASSERT_EQ(list.items.size(), 2U);
    EXPECT_EQ(list.items[1].line, 4);
    EXPECT_EQ(list.items[1].column, 5);
    EXPECT_TRUE(list.items[0].plain);
    EXPECT_FALSE(list.items[1].plain);
}

TEST(document, duplicate_keys_are_errors_at_any_depth_and_the_first_is_kept) {
    const outcome result = parse("a: {b: [{c: 1, c: 2}]}\n");
    ASSERT_TRUE(result.tree.has_value());
    ASSERT_EQ(result.problems.size(), 1U);
    EXPECT_EQ(to_string(result.problems[0]), "f:1:16: error: a.b[0].c: written twice; the first is at line 1");
    EXPECT_EQ(result.tree->find("a")->value.find("b")->value.items[0].find("c")->value.text, "1");
}

TEST(document, an_alias_is_a_copy_and_a_quoted_merge_sign_a_plain_key) {
    const outcome result = parse("a: &x {b: 1}\nc: *x\n\"<<\": 1\n");
    ASSERT_TRUE(result.tree.has_value());
    EXPECT_EQ(result.tree->find("c")->value.find("b")->value.text, "1");
    EXPECT_TRUE(result.problems.empty());
}

TEST(document, what_is_hostile_ends_quickly) {
    std::string doubling = "a0: &a0 [x, x]\n";
    for (int i = 1; i < 60; ++i) {
        doubling +=
            "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + ", *a" + std::to_string(i - 1) + "]\n";
    }
    std::string wide = "a: &a [" + std::string(20'000, 'x') + "]\nb: [";
    for (int i = 0; i < 200'000; ++i) {
        wide += "*a, ";
    }
    wide += "]\n";
    const std::string blocks = [] {
        std::string text;
        for (std::size_t i = 0; i < 2'000; ++i) {
            text += std::string(i, ' ') + "a:\n";
        }
        return text;
    }();
    std::string anchors;
    for (int i = 0; i < 47; ++i) {
        anchors += "&a" + std::to_string(i) + " [";
    }
    anchors += "x";
    for (int i = 0; i < 20'000; ++i) {
        anchors += ", x";
    }
    anchors += std::string(47, ']') + "\n";
    const auto before = std::chrono::steady_clock::now();
    for (const std::string& text : std::vector<std::string>{doubling, wide, blocks, anchors, std::string(100'000, '['),
                                                            std::string(100'000, '{'), "&a [*a]", "a: &a {b: *a}"}) {
        const outcome result = parse(text);
        EXPECT_TRUE(!result.tree || !result.problems.empty()) << text.substr(0, 20);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
}

TEST(document, bounds_its_values_and_bytes) {
    document_limits limits;
    limits.nodes = 10;
    EXPECT_FALSE(parse("[1,2,3,4,5,6,7,8,9,10]", limits).tree.has_value());
    limits = {};
    limits.bytes = 4;
    EXPECT_FALSE(parse("abcde", limits).tree.has_value());
}

TEST(document, bytes_after_an_end_of_transmission_are_not_dropped_silently) {
    const outcome result = parse("a: 1\n\x04\nb: 2\n");
    EXPECT_FALSE(result.tree.has_value());
    ASSERT_EQ(result.problems.size(), 1U);
    EXPECT_EQ(result.problems[0].where.line, 2);
}

TEST(document, an_empty_one_is_null) {
    for (const char* text : {"", "# comment\n", "---\n", "~"}) {
        const outcome result = parse(text);
        ASSERT_TRUE(result.tree.has_value()) << text;
        EXPECT_EQ(result.tree->type, node::kind::null) << text;
    }
}

} // namespace
} // namespace bearward::config
