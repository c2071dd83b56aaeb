// The raw cases of tests/golden/http for chunked bodies, each whole and in parts.
#include "proxy/http/chunk_decoder.hpp"
#include "tests/unit/proxy/http_cases.hpp"

#include <gtest/gtest.h>

namespace bearward::proxy::http {
namespace {

using state = chunk_decoder::state;

/// What came of a body that was fed in parts.
struct result {
    state what = state::more;
    std::string body;
    std::size_t left = 0;
};

/// Feeds one part; true: more can be fed.
bool feed(chunk_decoder& decoder, std::string_view part, result& into) {
    while (true) {
        const auto step = decoder.next(part);
        EXPECT_LE(step.consumed, part.size());
        into.what = step.what == state::data ? state::more : step.what;
        into.body += step.data;
        part.remove_prefix(step.consumed);
        if (step.what == state::more) {
            EXPECT_TRUE(part.empty());
            return true;
        }
        if (step.what != state::data) {
            into.left = part.size();
            return false;
        }
    }
}

void check_case(const test::http_case& one, chunk_decoder::sender from) {
    SCOPED_TRACE(one.name + (from == chunk_decoder::sender::client ? " of a client" : " of a server"));
    const auto max_trailers = one.limit("max_trailers", 32768);
    chunk_decoder decoder;
    decoder.reset(max_trailers, from);
    result whole;
    feed(decoder, one.bytes, whole);
    const auto trailers = std::string(decoder.trailers());
    const bool over_limit = decoder.over_limit();
    const auto word = whole.what == state::done ? "accept" : whole.what == state::malformed ? "refuse" : "incomplete";
    ASSERT_EQ(word, one.verdict);
    for (const auto& [key, value] : one.expected) {
        const auto actual = key == "body"         ? whole.body
                            : key == "trailers"   ? trailers
                            : key == "left"       ? std::to_string(whole.left)
                            : key == "over_limit" ? (over_limit ? "yes" : "no")
                                                  : value;
        EXPECT_EQ(actual, value) << key;
    }
    EXPECT_EQ(over_limit, one.expected.contains("over_limit"));
    for (std::size_t cut = 0; cut <= one.bytes.size(); ++cut) {
        decoder.reset();
        result parts;
        const auto bytes = std::string_view(one.bytes);
        if (feed(decoder, bytes.substr(0, cut), parts)) {
            feed(decoder, bytes.substr(cut), parts);
        } else {
            parts.left += bytes.size() - cut;
        }
        if (whole.what == state::malformed) {
            parts.left = whole.left; // where a refusal is noticed may differ
        }
        ASSERT_EQ(parts.what, whole.what) << "cut at " << cut;
        ASSERT_EQ(parts.body, whole.body) << "cut at " << cut;
        ASSERT_EQ(parts.left, whole.left) << "cut at " << cut;
        ASSERT_EQ(decoder.over_limit(), over_limit) << "cut at " << cut;
    }
    decoder.reset();
    result bytewise;
    for (const char& byte : one.bytes) {
        if (!feed(decoder, std::string_view(&byte, 1), bytewise)) {
            break;
        }
    }
    EXPECT_EQ(bytewise.what, whole.what) << "byte by byte";
    EXPECT_EQ(bytewise.body, whole.body) << "byte by byte";
}

TEST(http_chunk_decoder, golden_raw_bodies_have_their_verdict_whole_and_in_parts) {
    const auto cases = test::read_http_cases("chunked");
    ASSERT_GE(cases.size(), 40U);
    for (const auto& one : cases) {
        if (one.kind != "chunked:response") {
            check_case(one, chunk_decoder::sender::client);
        }
        if (one.kind != "chunked:request") {
            check_case(one, chunk_decoder::sender::server);
        }
    }
}

TEST(http_chunk_decoder, data_is_a_view_into_the_input) {
    chunk_decoder decoder;
    const std::string bytes = "5\r\nhello\r\n";
    const auto step = decoder.next(bytes);
    EXPECT_EQ(step.what, state::data);
    EXPECT_EQ(step.data.data(), bytes.data() + 3);
    EXPECT_EQ(step.consumed, 8U);
}

TEST(http_chunk_decoder, a_refused_body_stays_refused_and_a_finished_one_finished) {
    chunk_decoder decoder;
    EXPECT_EQ(decoder.next("x\r\n").what, state::malformed);
    EXPECT_EQ(decoder.next("0\r\n\r\n").what, state::malformed);
    decoder.reset();
    EXPECT_EQ(decoder.next("0\r\n\r\n").what, state::done);
    const auto after = decoder.next("GET / HTTP/1.1\r\n");
    EXPECT_EQ(after.what, state::done);
    EXPECT_EQ(after.consumed, 0U);
}

TEST(http_chunk_decoder, trailers_of_one_body_are_not_those_of_the_next) {
    chunk_decoder decoder;
    ASSERT_EQ(decoder.next("0\r\nA: b\r\n\r\n").what, state::done);
    EXPECT_EQ(decoder.trailers(), "A: b\r\n");
    decoder.reset();
    ASSERT_EQ(decoder.next("0\r\n\r\n").what, state::done);
    EXPECT_EQ(decoder.trailers(), "");
}

} // namespace
} // namespace bearward::proxy::http
