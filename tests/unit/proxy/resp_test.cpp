#include "proxy/providers/resp.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::providers {
namespace {

using kind = resp_value::kind;

/// The reply as text: `*[+a, :1, null]`.
std::string show(const resp_value& value) {
    switch (value.what) {
    case kind::text:
        return '\'' + value.text + '\'';
    case kind::error:
        return '-' + value.text;
    case kind::integer:
        return std::to_string(value.integer);
    case kind::null:
        return "null";
    case kind::array:
        break;
    }
    std::string text = "[";
    for (const resp_value& each : value.elements) {
        text += (text.size() > 1 ? ", " : "") + show(each);
    }
    return text + ']';
}

/// All replies of the bytes, fed so many at a time: "more" where the last one is not whole.
std::string read(std::string_view bytes, std::size_t at_a_time = 1'000'000) {
    resp_reader reader;
    std::string said;
    for (std::size_t at = 0; at < bytes.size(); at += at_a_time) {
        reader.feed(bytes.substr(at, at_a_time));
        while (true) {
            const auto value = reader.next();
            if (!value) {
                return said + "error: " + value.error();
            }
            if (!*value) {
                break;
            }
            said += show(**value) + ';';
        }
    }
    return said;
}

TEST(resp_reader, reads_every_type) {
    EXPECT_EQ(read("+OK\r\n"), "'OK';");
    EXPECT_EQ(read("+\r\n"), "'';");
    EXPECT_EQ(read("-ERR no\r\n"), "-ERR no;");
    EXPECT_EQ(read(":-12\r\n"), "-12;");
    EXPECT_EQ(read("$3\r\na\r\n\r\n"), "'a\r\n';");
    EXPECT_EQ(read("$0\r\n\r\n"), "'';");
    EXPECT_EQ(read("$-1\r\n*-1\r\n"), "null;null;");
    EXPECT_EQ(read("*0\r\n"), "[];");
    EXPECT_EQ(read("*2\r\n$1\r\n0\r\n*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$3\r\ninf\r\n"), "['0', ['a', '1', 'b', 'inf']];");
    EXPECT_EQ(read("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n*1\r\n*1\r\n*0\r\n+x\r\n"), "['subscribe', 'c', 1];[[[]]];'x';");
}

TEST(resp_reader, reads_the_same_however_the_bytes_are_cut) {
    constexpr std::string_view bytes = "*2\r\n$2\r\n17\r\n*2\r\n$5\r\na\r\nbc\r\n$1\r\n1\r\n+PONG\r\n:5\r\n-E\r\n";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        EXPECT_EQ(read(bytes, size), "['17', ['a\r\nbc', '1']];'PONG';5;-E;") << size;
    }
}

TEST(resp_reader, what_is_not_whole_is_nothing_yet) {
    for (const char* bytes : {"+", "+OK", "+OK\r", "$3\r\nab", "$3\r\nabc", "$3\r\nabc\r", "*2\r\n:1\r\n", "*1\r\n$", "*1\r\n"}) {
        EXPECT_EQ(read(bytes), "") << bytes;
    }
}

TEST(resp_reader, anything_else_is_an_error) {
    for (const char* bytes :
         {"OK\r\n", "\r\n", "HTTP/1.1 400 Bad Request\r\n", ":x\r\n", ":\r\n", ":1.5\r\n", "$x\r\n", "$-2\r\n", "$\r\n", "$1\r\nab\r\n",
          "*x\r\n", "*-2\r\n", "%1\r\n+a\r\n+b\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", ":99999999999999999999\r\n"}) {
        EXPECT_NE(read(bytes).find("error: the answer is not RESP"), std::string::npos) << bytes << read(bytes);
    }
}

TEST(resp_reader, what_a_server_announces_is_bounded_before_it_comes) {
    for (const char* bytes : {"$8388609\r\n", "$9223372036854775807\r\n", "*65537\r\n", "*2147483647\r\n"}) {
        EXPECT_EQ(read(bytes), "error: the answer is too large") << bytes;
    }
    EXPECT_NE(read('+' + std::string(70'000, 'x')).find("a line without an end"), std::string::npos);
}

TEST(resp_reader, a_reply_as_a_whole_is_bounded) {
    std::string many = "*65536\r\n";
    for (int each = 0; each < 65'536; ++each) {
        many += ":1\r\n";
    }
    EXPECT_EQ(read(many), "error: the answer is too large") << "arrays count";
    std::string large = "*9\r\n";
    for (int each = 0; each < 9; ++each) {
        large += "$1000000\r\n" + std::string(1'000'000, 'x') + "\r\n";
    }
    EXPECT_EQ(read(large, 16'384), "error: the answer is too large");
    EXPECT_EQ(read("+OK\r\n" + std::string("$8388000\r\n") + std::string(8'388'000, 'x') + "\r\n", 16'384).size(), 5U + 8'388'003U);
}

TEST(append_command, writes_words_whatever_they_hold) {
    std::string bytes = "x";
    append_command(bytes, std::array<std::string_view, 3>{"ZADD", "", "a\r\nb"});
    EXPECT_EQ(bytes, "x*3\r\n$4\r\nZADD\r\n$0\r\n\r\n$4\r\na\r\nb\r\n");
}

} // namespace
} // namespace bearward::proxy::providers
