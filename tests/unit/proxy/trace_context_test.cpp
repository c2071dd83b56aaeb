// traceparent (W3C Trace Context): what is valid, what is not, and what is written.
#include "proxy/http/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::proxy::http {
namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string span = "00f067aa0ba902b7";

std::string written(const trace_parent& of) {
    std::string text;
    append_traceparent(text, of);
    return text;
}

TEST(traceparent, is_read_and_written_again) {
    for (const std::string& value : {"00-" + trace + "-" + span + "-01", "00-" + trace + "-" + span + "-00"}) {
        const auto read = parse_traceparent(value);
        ASSERT_TRUE(read.has_value()) << value;
        EXPECT_EQ(written(*read), value);
        EXPECT_EQ(read->sampled(), value.ends_with("1"));
    }
    std::string id;
    append_id(id, parse_traceparent("00-" + trace + "-" + span + "-01")->trace);
    EXPECT_EQ(id, trace);
}

TEST(traceparent, of_flags_those_that_are_known_count) {
    const auto flags = [](const std::string& text) { return parse_traceparent("00-" + trace + "-" + span + "-" + text)->flags; };
    EXPECT_EQ(flags("00"), 0);
    EXPECT_EQ(flags("01"), sampled_flag);
    EXPECT_EQ(flags("02"), random_flag);
    EXPECT_EQ(flags("03"), sampled_flag | random_flag);
    EXPECT_EQ(flags("ff"), sampled_flag | random_flag);
    EXPECT_EQ(flags("fc"), 0);
}

TEST(traceparent, of_a_later_version_is_read_as_far_as_it_is_known) {
    for (const std::string& value : {"01-" + trace + "-" + span + "-01", "cc-" + trace + "-" + span + "-01-what-the-future-will-be-like",
                                     "fe-" + trace + "-" + span + "-01-"}) {
        const auto read = parse_traceparent(value);
        ASSERT_TRUE(read.has_value()) << value;
        EXPECT_EQ(written(*read), "00-" + trace + "-" + span + "-01");
    }
}

TEST(traceparent, anything_else_is_not_valid) {
    const std::string zeros(32, '0');
    const std::vector<std::string> bad{
        "",
        "00",
        "00-",
        "ff-" + trace + "-" + span + "-01",             // no version
        "0-" + trace + "-" + span + "-01",              // too short
        "000-" + trace + "-" + span + "-01",            // too long
        "0g-" + trace + "-" + span + "-01",             // no hex
        "0A-" + trace + "-" + span + "-01",             // in capitals
        ".0-" + trace + "-" + span + "-01",             //
        "00-" + zeros + "-" + span + "-01",             // no trace
        "00-" + trace + "-" + zeros.substr(16) + "-01", // no span
        "00-" + trace.substr(1) + "-" + span + "-01",
        "00-" + trace + "0-" + span + "-01",
        "00-" + trace.substr(1) + "X-" + span + "-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + span + "-01",
        "00-" + trace + "-" + span.substr(1) + "-01",
        "00-" + trace + "-" + span + "0-01",
        "00-" + trace + "-00F067AA0BA902B7-01",
        "00-" + trace + "-" + span.substr(1) + ".-01",
        "00-" + trace + "-" + span + "-1",
        "00-" + trace + "-" + span + "-001",
        "00-" + trace + "-" + span + "-.0",
        "00-" + trace + "-" + span + "-0A",
        "00-" + trace + "-" + span + "-",
        "00-" + trace + "-" + span + "-01-", // nothing follows in this version
        "00-" + trace + "-" + span + "-01-x",
        "00-" + trace + "-" + span + "-01.",
        "cc-" + trace + "-" + span + "-01.what-the-future-will-be-like", // it would be a dash
        "01-" + trace + "-" + span + "-01x",
        "00_" + trace + "-" + span + "-01",
        "00-" + trace + "_" + span + "-01",
        "00-" + trace + "-" + span + "_01",
        " 00-" + trace + "-" + span + "-01",
        "00-" + trace + "-" + span + "-01 ",
        "00-" + trace + "-" + span + "-01,00-" + trace + "-" + span + "-01",
    };
    for (const std::string& value : bad) {
        EXPECT_FALSE(parse_traceparent(value).has_value()) << value;
    }
    const std::string good = "00-" + trace + "-" + span + "-01";
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(parse_traceparent(std::string_view(good).substr(0, size)).has_value()) << size;
    }
}

TEST(traceparent, of_a_request_is_one_field_in_any_letter_case) {
    const std::string good = "00-" + trace + "-" + span + "-01";
    EXPECT_FALSE(find_traceparent({}).has_value());
    EXPECT_TRUE(find_traceparent({{"Accept", "a"}, {"TraceParent", good}}).has_value());
    EXPECT_FALSE(find_traceparent({{"traceparent", good}, {"Traceparent", good}}).has_value()) << "twice";
    EXPECT_FALSE(find_traceparent({{"traceparent", good}, {"traceparent", "x"}}).has_value());
    EXPECT_FALSE(find_traceparent({{"trace-parent", good}}).has_value());
    EXPECT_FALSE(find_traceparent({{"traceparent", "x"}}).has_value());
}

TEST(traceparent, is_replaced_and_tracestate_with_it_where_the_trace_is_not_the_clients) {
    request_trace trace_of{};
    EXPECT_FALSE(is_replaced("traceparent", nullptr));
    EXPECT_FALSE(is_replaced("tracestate", nullptr));
    EXPECT_TRUE(is_replaced("Traceparent", &trace_of));
    EXPECT_TRUE(is_replaced("tracestate", &trace_of));
    EXPECT_FALSE(is_replaced("baggage", &trace_of));
    trace_of.continued = true;
    EXPECT_TRUE(is_replaced("traceparent", &trace_of));
    EXPECT_FALSE(is_replaced("Tracestate", &trace_of));
}

} // namespace
} // namespace bearward::proxy::http
