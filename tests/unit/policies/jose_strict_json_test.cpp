#include "policies/jose/strict_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

using bearward::policies::jose::max_json_depth;
using bearward::policies::jose::parse_json_object;

namespace {

std::string nested(std::size_t levels, const std::string& open, const std::string& close) {
    std::string text;
    for (std::size_t level = 0; level < levels; ++level) {
        text += open;
    }
    text += "1";
    for (std::size_t level = 0; level < levels; ++level) {
        text += close;
    }
    return text;
}

TEST(strict_json, builds_the_same_value_as_an_ordinary_parser) {
    const std::string text = R"( {"a": [1, -2, 2.5, 1e3, true, false, null, "x\n\u00e9\ud83d\ude00", {}, []],
        "": {"a": {"a": 18446744073709551615}}, "long": "0123456789012345678901234567890123456789\t!" } )";
    const auto parsed = parse_json_object(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(boost::json::value(*parsed), boost::json::parse(text));
}

TEST(strict_json, accepts_the_empty_object_only_as_an_object) {
    EXPECT_TRUE(parse_json_object("{}"));
    for (const char* text : {"", " ", "[]", "[{}]", "1", "\"{}\"", "null", "true", "1.5", "18446744073709551615"}) {
        EXPECT_FALSE(parse_json_object(text)) << text;
    }
}

TEST(strict_json, refuses_what_follows_the_object) {
    for (const char* text : {"{}{}", "{} x", "{},", "{}]", "{}\xEF\xBB\xBF"}) {
        EXPECT_FALSE(parse_json_object(text)) << text;
    }
    EXPECT_FALSE(parse_json_object(std::string_view("{}\0", 3)));
    EXPECT_TRUE(parse_json_object("{} \n"));
}

TEST(strict_json, refuses_every_truncation) {
    const std::string text = R"({"a":[1,"b\u00e9",{"c":null}],"d":1.5e1})";
    ASSERT_TRUE(parse_json_object(text));
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_FALSE(parse_json_object(text.substr(0, size))) << size;
    }
}

TEST(strict_json, refuses_a_byte_order_mark) {
    EXPECT_FALSE(parse_json_object("\xEF\xBB\xBF{}"));
    EXPECT_FALSE(parse_json_object(std::string_view("\xFF\xFE{\0}\0", 6)));
}

TEST(strict_json, refuses_duplicate_names_at_any_depth) {
    EXPECT_FALSE(parse_json_object(R"({"a":1,"a":1})"));
    EXPECT_FALSE(parse_json_object(R"({"a":1,"b":2,"a":{}})"));
    EXPECT_FALSE(parse_json_object(R"({"x":{"a":1,"a":2}})"));
    EXPECT_FALSE(parse_json_object(R"({"x":[[{"a":1,"b":[],"a":2}]]})"));
    EXPECT_FALSE(parse_json_object(R"({"":1,"":2})"));
    EXPECT_TRUE(parse_json_object(R"({"a":{"a":{"a":1}},"A":[{"a":1},{"a":1}]})"));
}

TEST(strict_json, compares_names_after_unescaping) {
    EXPECT_FALSE(parse_json_object(R"({"alg":1,"\u0061lg":2})"));
    EXPECT_FALSE(parse_json_object(R"({"a/b":1,"a\/b":2})"));
}

TEST(strict_json, refuses_lone_surrogates_escaped_or_raw) {
    EXPECT_TRUE(parse_json_object(R"({"a":"\ud83d\ude00"})"));
    for (const char* text : {R"({"a":"\ud800"})", R"({"a":"\udc00"})", R"({"a":"\ud800x"})", R"({"a":"\ud800\n"})",
                             R"({"a":"\ud800\ud800"})", R"({"a":"\udc00\ud800"})", R"({"a":"\ud83d\u0041"})", R"({"\ud800":1})",
                             R"({"\udfff":1})", "{\"a\":\"\xED\xA0\x80\"}", "{\"a\":\"\xED\xBF\xBF\"}"}) {
        EXPECT_FALSE(parse_json_object(text)) << text;
    }
}

TEST(strict_json, refuses_invalid_utf8_in_values_and_names) {
    for (const std::string bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x80\x80", "\xE2\x82", "\xF0\x80\x80\x80",
                                  "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
        EXPECT_FALSE(parse_json_object("{\"a\":\"" + bad + "\"}")) << testing::PrintToString(bad);
        EXPECT_FALSE(parse_json_object("{\"" + bad + "\":1}")) << testing::PrintToString(bad);
        EXPECT_FALSE(parse_json_object("{\"a\":\"0123456789abcdef" + bad + "0123456789abcdef\"}")) << testing::PrintToString(bad);
    }
    EXPECT_TRUE(parse_json_object("{\"\xC3\xA9\":\"\xF4\x8F\xBF\xBF\xE2\x82\xAC\"}"));
}

TEST(strict_json, refuses_raw_control_characters_in_strings) {
    EXPECT_FALSE(parse_json_object("{\"a\":\"\n\"}"));
    EXPECT_FALSE(parse_json_object(std::string_view("{\"a\":\"\0\"}", 9)));
}

TEST(strict_json, refuses_extensions_of_the_grammar) {
    for (const char* text : {"{\"a\":1,}", "{/**/}", "{}//", "{'a':1}", "{a:1}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}",
                             "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":0x1}", "{\"a\":True}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}"}) {
        EXPECT_FALSE(parse_json_object(text)) << text;
    }
}

TEST(strict_json, refuses_numbers_that_no_double_holds) {
    EXPECT_FALSE(parse_json_object(R"({"a":1e400})"));
    EXPECT_FALSE(parse_json_object(R"({"a":-1e999999999999})"));
    EXPECT_TRUE(parse_json_object(R"({"a":1e300})"));
}

TEST(strict_json, bounds_the_depth) {
    EXPECT_TRUE(parse_json_object(nested(max_json_depth, "{\"a\":", "}")));
    EXPECT_FALSE(parse_json_object(nested(max_json_depth + 1, "{\"a\":", "}")));
    EXPECT_TRUE(parse_json_object("{\"a\":" + nested(max_json_depth - 1, "[", "]") + "}"));
    EXPECT_FALSE(parse_json_object("{\"a\":" + nested(max_json_depth, "[", "]") + "}"));
    EXPECT_FALSE(parse_json_object("{\"a\":" + nested(100'000, "[", "]") + "}"));
}

} // namespace
