// What a collector says of a batch of spans.
#include "proxy/tracing/collector_answer.hpp"

#include <gtest/gtest.h>

namespace bearward::proxy::tracing {
namespace {

TEST(collector_answer, a_2xx_takes_all) {
    for (const char* const body : {"", "{}", "null", "[]", "{", R"({"partialSuccess":{}})", R"({"partialSuccess":null})",
                                   R"({"partialSuccess":[1]})", R"({"partialSuccess":{"rejectedSpans":"0","errorMessage":"a hint"}})",
                                   R"({"partialSuccess":{"rejectedSpans":"many"}})", R"({"partialSuccess":{"rejectedSpans":-1}})"}) {
        EXPECT_EQ(read_collector_answer(200, body).refused, 0U) << body;
    }
    EXPECT_EQ(read_collector_answer(202, "").refused, 0U);
}

TEST(collector_answer, some_may_be_refused) {
    EXPECT_EQ(read_collector_answer(200, R"({"partialSuccess":{"rejectedSpans":"3"}})").refused, 3U);
    EXPECT_EQ(read_collector_answer(200, R"({"partialSuccess":{"rejectedSpans":3}})").refused, 3U);
    EXPECT_EQ(read_collector_answer(200, R"({"partialSuccess":{"rejectedSpans":"3"}})").why, "refused 3 spans of a batch");
}

TEST(collector_answer, anything_else_takes_none) {
    for (const unsigned status : {100U, 301U, 400U, 404U, 429U, 500U, 503U}) {
        const auto read = read_collector_answer(status, "{}");
        EXPECT_FALSE(read.refused.has_value()) << status;
        EXPECT_TRUE(read.why.starts_with("answered " + std::to_string(status))) << read.why;
    }
    EXPECT_EQ(read_collector_answer(302, "").why, "answered 302, and redirections are not followed");
}

} // namespace
} // namespace bearward::proxy::tracing
