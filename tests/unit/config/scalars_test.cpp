#include "config/scalars.hpp"

#include "config/encoding.hpp"
#include "config/endpoint.hpp"
#include "config/suggestion.hpp"
#include "config/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bearward::config {
namespace {

using namespace std::chrono_literals;

TEST(scalars, durations_have_one_unit) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("0"), 0ms);
    for (const char* bad :
         {"", "1", "s", "-1s", "+1s", "1.5s", "1 s", " 1s", "1h30m", "1S", "9223372036854775807h", "99999999999999999999s", "1sx"}) {
        EXPECT_FALSE(parse_duration(bad).has_value()) << bad;
    }
}

TEST(scalars, a_fraction_is_a_number_from_0_to_1) {
    EXPECT_EQ(parse_fraction("0"), 0.0);
    EXPECT_EQ(parse_fraction("1"), 1.0);
    EXPECT_EQ(parse_fraction("1.0"), 1.0);
    EXPECT_EQ(parse_fraction("0.25"), 0.25);
    EXPECT_EQ(parse_fraction(".5"), 0.5);
    EXPECT_EQ(parse_fraction("1e-3"), 0.001);
    for (const char* bad : {"",     "-0",  "-0.5", "+0.5", "1.01", "2",    "0x1", "0o1",   "10%",  "0.5 ",
                            " 0.5", "0,5", "1/2",  "nan",  ".nan", ".inf", "inf", "1e400", "0.5f", "."}) {
        EXPECT_FALSE(parse_fraction(bad).has_value()) << bad;
    }
}

TEST(scalars, a_fraction_is_shown_by_its_fewest_digits) {
    EXPECT_EQ(show_fraction(0.1), "0.1");
    EXPECT_EQ(show_fraction(1), "1");
    EXPECT_EQ(show_fraction(0), "0");
}

TEST(scalars, sizes_are_bytes_or_binary_units) {
    EXPECT_EQ(parse_size("512"), 512);
    EXPECT_EQ(parse_size("16KiB"), 16 * 1024);
    EXPECT_EQ(parse_size("1MiB"), 1024 * 1024);
    for (const char* bad : {"", "KiB", "1KB", "1kb", "-1", "+1", "1.5KiB", "9223372036854775807KiB", "1 KiB"}) {
        EXPECT_FALSE(parse_size(bad).has_value()) << bad;
    }
}

TEST(scalars, what_is_shown_reads_back) {
    for (const auto value : {0ms, 1ms, 999ms, 1000ms, 61s + 0ms, 3'600'000ms, 90'000'000ms}) {
        EXPECT_EQ(parse_duration(show_duration(value)), value == 0ms ? 0ms : value);
    }
    for (const std::int64_t value : {0LL, 1LL, 1023LL, 1024LL, 1025LL, 1048576LL, 5LL << 30U}) {
        EXPECT_EQ(parse_size(show_size(value)), value);
    }
}

TEST(scalars, plain_ones_are_typed_as_in_yaml_1_2) {
    for (const char* text : {"on", "off", "yes", "no", "y", "1.2.3", "127.0.0.1:80", "1_000", "-", ".", "e5", "0b1", "12:30", "nan"}) {
        EXPECT_EQ(type_of_plain(text), scalar_type::text) << text;
    }
    for (const char* text : {"1", "-1", "+1", "007", "0o17", "0xFF"}) {
        EXPECT_EQ(type_of_plain(text), scalar_type::integer) << text;
    }
    for (const char* text : {"1.2", "1e5", "-.5", "5.", ".inf", "-.inf", ".nan", "1.5e-3"}) {
        EXPECT_EQ(type_of_plain(text), scalar_type::real) << text;
    }
    for (const char* text : {"true", "False", "TRUE"}) {
        EXPECT_EQ(type_of_plain(text), scalar_type::boolean) << text;
    }
    for (const char* text : {"", "~", "null", "NULL"}) {
        EXPECT_EQ(type_of_plain(text), scalar_type::null) << text;
    }
}

TEST(endpoints, are_parsed_into_their_parts) {
    const auto v4 = parse_endpoint("127.0.0.1:80");
    ASSERT_TRUE(v4.has_value());
    EXPECT_EQ(v4->host, "127.0.0.1");
    EXPECT_EQ(v4->port, 80);
    const auto v6 = parse_endpoint("[::1]:65535");
    ASSERT_TRUE(v6.has_value());
    EXPECT_EQ(v6->host, "::1");
    EXPECT_EQ(v6->port, 65535);
    const auto local = parse_endpoint("unix:/run/app.sock");
    ASSERT_TRUE(local.has_value());
    EXPECT_EQ(local->unix_path, "/run/app.sock");
    EXPECT_TRUE(local->host.empty());
}

TEST(endpoints, say_what_of_a_url_does_not_belong_there) {
    const auto fault = [](const char* text) {
        const auto parsed = parse_endpoint(text);
        return parsed ? std::string("accepted") : parsed.error();
    };
    EXPECT_EQ(fault("http://127.0.0.1:8000"), "an address has no scheme; write 127.0.0.1:8000");
    EXPECT_EQ(fault("https://app.internal"), "an address has no scheme; write app.internal:443");
    EXPECT_EQ(fault("http://[::1]/x?y"), "an address has no scheme; write [::1]:80");
    EXPECT_EQ(fault("app:8000/api"), "an address has no path; write app:8000");
    EXPECT_EQ(fault("http://"), "an address has no scheme");
    EXPECT_EQ(fault("u:hunter2@app:80"), "an address has no user");
    EXPECT_EQ(fault("http://u:hunter2@app:80"), "an address has no scheme") << "a password isn't repeated";
    EXPECT_EQ(fault("unix:///run/app.sock"), "write unix:/run/app.sock, without //");
    EXPECT_EQ(fault("*:80"), "the host is missing; every address is 0.0.0.0 or [::]");
    EXPECT_EQ(fault("app"), "the port is missing");
}

TEST(endpoints, know_what_only_this_machine_reaches) {
    for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "unix:/x"}) {
        EXPECT_TRUE(is_local(*parse_endpoint(text))) << text;
    }
    for (const char* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.example.com:1", "localhost.example.com:1"}) {
        EXPECT_FALSE(is_local(*parse_endpoint(text))) << text;
    }
}

TEST(host_patterns, are_lower_case_without_trailing_dot) {
    EXPECT_EQ(parse_host_pattern("API.Example.com."), "api.example.com");
    EXPECT_EQ(parse_host_pattern("*.Example.com"), "*.example.com");
    EXPECT_FALSE(parse_host_pattern("a.*").has_value());
    EXPECT_FALSE(parse_host_pattern("*.").has_value());
}

TEST(suggestions, are_made_for_near_misses_only) {
    const std::vector<std::string> words{"providers", "upstreams", "log", "identity_headers"};
    EXPECT_EQ(suggest("provider", words), "; did you mean 'providers'?");
    EXPECT_EQ(suggest("Identity-Headers", words), "; did you mean 'identity_headers'?");
    EXPECT_EQ(suggest("lgo", words), "; did you mean 'log'?");
    EXPECT_EQ(suggest("usptreams", words), "; did you mean 'upstreams'?");
    EXPECT_EQ(suggest("upstreams_of_mine", words), "; did you mean 'upstreams'?");
    EXPECT_EQ(suggest("logging", words), "") << "three letters say too little";
    EXPECT_EQ(suggest("On", std::vector<std::string>{"no", "off"}), "; did you mean 'no'?");
    EXPECT_EQ(suggest("True", std::vector<std::string>{"on", "off"}), "; did you mean 'on'?");
    EXPECT_EQ(suggest("no", std::vector<std::string>{"on", "off"}), "; did you mean 'off'?");
    EXPECT_EQ(suggest("zzz", words), "");
    EXPECT_EQ(suggest("", words), "");
    EXPECT_EQ(suggest(std::string(100'000, 'l'), words), "");
}

TEST(encoding, finds_what_is_not_utf8) {
    for (const char* bad : {"\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "a\xFF", "\x7F", "\x1B", "\x04"}) {
        EXPECT_TRUE(find_forbidden_byte(bad).has_value()) << quote(bad);
    }
    EXPECT_TRUE(find_forbidden_byte(std::string_view("a\0b", 3)).has_value());
    EXPECT_FALSE(find_forbidden_byte("\t\r\n a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\xBB").has_value());
    const auto found = find_forbidden_byte("ab\nc\x01");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->line, 2);
    EXPECT_EQ(found->column, 2);
}

TEST(encoding, makes_text_harmless_for_messages) {
    EXPECT_EQ(quote("a\r\nb\x1B[31m"), "'a\\x0d\\x0ab\\x1b[31m'");
    EXPECT_EQ(escape_for_message("abcdef", 3), "abc...");
}

} // namespace
} // namespace bearward::config
