#include "config/yaml_fault.hpp"

#include "config/document.hpp"

#include <gtest/gtest.h>

namespace bearward::config {
namespace {

/// What is said of a text that can't be parsed: "LINE:COLUMN: what".
std::string said_of(const std::string& text) {
    std::vector<diagnostic> problems;
    EXPECT_FALSE(parse_document(text, "test.yaml", problems).has_value()) << text;
    if (problems.size() != 1) {
        ADD_FAILURE() << problems.size() << " problems";
        return {};
    }
    return std::to_string(problems[0].where.line) + ':' + std::to_string(problems[0].where.column) + ": " + problems[0].message;
}

TEST(yaml_faults, a_tab_in_the_indentation) {
    EXPECT_EQ(said_of("routes:\n\t- {prefix: /}\n"), "2:1: not valid YAML: a tab in the indentation; YAML is indented with spaces");
    EXPECT_EQ(said_of("a:\n  b: c\n\td: e\n"), "3:1: not valid YAML: a tab in the indentation; YAML is indented with spaces");
    EXPECT_EQ(said_of("policies:\n \ta: b\n"), "2:2: not valid YAML: a tab in the indentation; YAML is indented with spaces");
}

TEST(yaml_faults, a_quote_is_shown_where_it_begins) {
    EXPECT_EQ(said_of("a: 1\nlisten: [{address: \"127.0.0.1:1}]\nb: c\nd: [\"x\"]\n"),
              "2:20: not valid YAML: the quote that begins here isn't closed");
    EXPECT_EQ(said_of("a: b\nc: 'it''s\nd: e\n"), "2:4: not valid YAML: the quote that begins here isn't closed");
    EXPECT_EQ(said_of("a: \"b\\\"\nc: d\n"), "1:4: not valid YAML: the quote that begins here isn't closed");
}

TEST(yaml_faults, text_with_braces_in_flow_style) {
    EXPECT_EQ(said_of("routes:\n  - {prefix: /t/{id}, auth: none}\n"),
              "2:17: not valid YAML: inside of {} and [] a value with {id} in it needs quotes");
    EXPECT_EQ(said_of("a: [x, ${PORT:-80}]\n"), "1:9: not valid YAML: inside of {} and [] a value with ${...} in it needs quotes");
    EXPECT_EQ(said_of("secret: {value: hunter{2}}\n"), "1:23: not valid YAML: inside of {} and [] a value with braces in it needs quotes")
        << "a secret isn't repeated";
    for (const std::string_view secret : {"/{hunter2}", "a${hunter2}", "${hunter2:-x}", "x {hunter2}", "/x[hunter2]"}) {
        for (const std::string_view before : {"{value: ", "{value:\n  ", "{my_prefix: ", "[", "{prefix: x, value: "}) {
            const std::string said = said_of("secret: " + std::string(before) + std::string(secret) + "}\n");
            EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
        }
    }
    EXPECT_EQ(said_of("a: {b: {x}/y}\n"), "1:8: not valid YAML: text that begins with { needs quotes");
    EXPECT_EQ(said_of("address: [::]:8080\n"), "1:10: not valid YAML: text that begins with [ needs quotes");
}

TEST(yaml_faults, brackets_that_are_not_closed) {
    EXPECT_EQ(said_of("a: {b: [c\n"), "1:8: not valid YAML: the [ that begins here isn't closed");
    EXPECT_EQ(said_of("a: [{b: c]\nd: e\n"), "1:5: not valid YAML: the { that begins here isn't closed before the ] at line 1");
    EXPECT_EQ(said_of("a: {b: c\nd: [e]\nf: g\n"), "1:4: not valid YAML: the { that begins here isn't closed");
}

TEST(yaml_faults, characters_that_mean_something) {
    EXPECT_EQ(said_of("hosts: [*.example.com]\n"),
              "1:9: not valid YAML: text that begins with * needs quotes; without them it stands for an anchor");
    EXPECT_EQ(said_of("a: @b\n"), "1:4: not valid YAML: text that begins with @ needs quotes");
    EXPECT_EQ(said_of("name: a: b\n"), "1:8: not valid YAML: text with a colon and a blank in it needs quotes");
    EXPECT_EQ(said_of("websocket: off\n  origins: [a]\n"),
              "2:3: not valid YAML: the key above has a value already: a key has a value or keys below it, not both");
}

TEST(yaml_faults, a_quote_that_is_open_to_the_end_swallows_nothing) {
    EXPECT_EQ(said_of("a: b\nc: \"d\n"), "2:4: not valid YAML: the quote that begins here isn't closed");
    EXPECT_EQ(said_of("\xEF\xBB\xBF"
                      "a: '\n"),
              "1:4: not valid YAML: the quote that begins here isn't closed");
    EXPECT_EQ(said_of("\xC3\xA4: 'b\r\n"), "1:5: not valid YAML: the quote that begins here isn't closed");
}

TEST(yaml_faults, what_is_fine_is_not_blamed) {
    const std::string before = "# it's \"fine\n"
                               "a: don't\n"
                               "b: |\n"
                               "  {[ \"x 'y\n"
                               "\n"
                               "c: /t/{id}[x]\n"
                               "d: {\"e\":\"f\", g: [h, 'i''j'], k: \"l\n   m\"}\n"
                               "n: [\n  {o: p},\n\tq]\n";
    const std::string after = "x: @y\n";
    EXPECT_NE(said_of(before + after).find("text that begins with @"), std::string::npos);
}

TEST(yaml_faults, long_and_odd_texts_end) {
    EXPECT_TRUE(find_yaml_fault("a: " + std::string(1'000'001, '\''), 1, 4).has_value());
    EXPECT_TRUE(find_yaml_fault(std::string(1'000'000, '['), 1, 1).has_value());
    EXPECT_FALSE(find_yaml_fault("", 1, 1).has_value());
    EXPECT_TRUE(find_yaml_fault("\"\\", 1, 1).has_value());
    EXPECT_FALSE(find_yaml_fault("|", 1, 1).has_value());
}

} // namespace
} // namespace bearward::config
