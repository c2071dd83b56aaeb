#include "proxy/http/trace_parent.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::proxy::http {
namespace {

using policies::requests::header;

const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string found_in(const std::string& value) {
    const std::vector<header> fields{{"Host", "a"}, {"traceparent", value}};
    return std::string(find_trace_parent(fields));
}

TEST(trace_parent, is_taken_as_the_specification_has_it) {
    EXPECT_EQ(found_in(good), good);
    const auto parts = split_trace_parent(good);
    EXPECT_EQ(parts.trace, "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(parts.span, "b7ad6b7169203331");
    EXPECT_EQ(parts.flags, "01");
    const std::vector<header> spelt{{"TraceParent", good}};
    EXPECT_EQ(find_trace_parent(spelt), good);
    const std::string later = "cc" + good.substr(2);
    EXPECT_EQ(found_in(later), later);
    EXPECT_EQ(found_in(later + "-what-comes"), later);
}

TEST(trace_parent, anything_else_is_none) {
    const auto with = [](std::size_t at, const std::string& text) { return std::string(good).replace(at, text.size(), text); };
    for (const std::string& bad : {std::string(), std::string("00"), good.substr(1), good + "0", good + "-00", with(0, "ff"), with(0, "0G"),
                                   with(3, "A"), with(2, "_"), with(35, "_"), with(52, "_"), with(3, std::string(32, '0')),
                                   with(36, std::string(16, '0')), with(53, "0x"), "01" + good.substr(2) + ".later", with(40, "\"")}) {
        EXPECT_EQ(found_in(bad), "") << bad;
    }
    EXPECT_EQ(find_trace_parent({}), "");
    const std::vector<header> twice{{"traceparent", good}, {"traceparent", good}};
    EXPECT_EQ(find_trace_parent(twice), "");
}

} // namespace
} // namespace bearward::proxy::http
