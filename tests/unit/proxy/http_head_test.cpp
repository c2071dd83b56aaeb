// The raw cases of tests/golden/http for heads, each whole and in parts.
#include "proxy/http/head.hpp"
#include "tests/unit/proxy/http_cases.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace bearward::proxy::http {
namespace {

using values = std::map<std::string, std::string, std::less<>>;

std::string yes(bool value) {
    return value ? "yes" : "no";
}

std::string word(body_framing framing) {
    switch (framing) {
    case body_framing::none:
        return "none";
    case body_framing::content_length:
        return "length";
    case body_framing::chunked:
        return "chunked";
    case body_framing::until_close:
        return "close";
    }
    return "?";
}

void describe(const message_head& head, std::size_t bytes, values& out) {
    out["framing"] = word(head.framing);
    out["length"] = std::to_string(head.content_length);
    out["keep_alive"] = yes(head.keep_alive);
    out["version"] = std::to_string(head.minor_version);
    out["fields"] = std::to_string(head.fields.size());
    out["left"] = std::to_string(bytes - head.size);
}

values describe(const request_head& head, std::size_t bytes) {
    values out;
    describe(head, bytes, out);
    out["method"] = head.method;
    out["target"] = head.target;
    out["path"] = head.path;
    out["query"] = head.query;
    out["has_query"] = yes(head.has_query);
    out["asterisk"] = yes(head.asterisk);
    out["host"] = head.host;
    out["authority"] = head.authority;
    out["continue"] = yes(head.expects_continue);
    out["trailers"] = yes(head.accepts_trailers);
    return out;
}

values describe(const response_head& head, std::size_t bytes) {
    values out;
    describe(head, bytes, out);
    out["status"] = std::to_string(head.status);
    out["phrase"] = head.reason_phrase;
    return out;
}

values describe(const head_outcome& outcome) {
    return {{"status", std::to_string(outcome.status)},
            {"reason", std::string(policies::to_string(outcome.why))},
            {"close", yes(!outcome.recoverable)},
            {"detail", std::string(outcome.detail)}};
}

std::string word(head_state state) {
    return state == head_state::complete ? "accept" : state == head_state::refused ? "refuse" : "incomplete";
}

/// One parse in the words of a case; for a request or a response to `method`.
struct verdict {
    std::string word;
    values what;
    friend bool operator==(const verdict&, const verdict&) = default;
};

/// Parses as the data path does: the same head object, more bytes each time.
class reader {
public:
    explicit reader(const test::http_case& from)
        : response_(from.kind.starts_with("response")), method_(response_ ? from.kind.substr(from.kind.find(':') + 1) : ""),
          limits_{.max_head = from.limit("max_head", 32768),
                  .max_target = from.limit("max_target", 16384),
                  .max_headers = from.limit("max_headers", 128)},
          whole_(from.bytes.size()) {}

    verdict read(std::string_view bytes, std::size_t* scanned) {
        head_outcome outcome;
        values what;
        if (response_) {
            outcome = parse_response_head(bytes, limits_, method_, response_head_, scanned);
            what = describe(response_head_, whole_);
        } else {
            outcome = parse_request_head(bytes, limits_, request_head_, scanned);
            what = describe(request_head_, whole_);
        }
        if (outcome.state == head_state::incomplete) {
            return {"incomplete", {}};
        }
        return {word(outcome.state), outcome.state == head_state::refused ? describe(outcome) : what};
    }

private:
    bool response_;
    std::string method_;
    head_limits limits_;
    std::size_t whole_;
    request_head request_head_;
    response_head response_head_;
};

void check_case(const test::http_case& one) {
    SCOPED_TRACE(one.name);
    reader read(one);
    const auto whole = read.read(one.bytes, nullptr);
    ASSERT_EQ(whole.word, one.verdict) << (whole.word == "refuse" ? whole.what.at("detail") : "");
    for (const auto& [key, value] : one.expected) {
        if (const auto found = whole.what.find(key); found != whole.what.end()) {
            EXPECT_EQ(found->second, value) << key;
        } else {
            EXPECT_TRUE(key.starts_with("max_")) << key << " can't be expected here";
        }
    }
    std::size_t growing = 0;
    bool ended = false;
    for (std::size_t cut = 0; cut <= one.bytes.size(); ++cut) {
        const auto part = std::string_view(one.bytes).substr(0, cut);
        std::size_t scanned = 0;
        const auto first = read.read(part, &scanned);
        if (first.word != "incomplete") {
            ASSERT_EQ(first, whole) << "after " << cut << " bytes";
        }
        if (first.word == "incomplete") {
            ASSERT_EQ(read.read(one.bytes, &scanned), whole) << "cut at " << cut;
        }
        if (!ended) {
            const auto step = read.read(part, &growing);
            ended = step.word != "incomplete";
            ASSERT_TRUE(!ended || step == whole) << "byte by byte, after " << cut;
        }
    }
    EXPECT_EQ(ended, whole.word != "incomplete") << "byte by byte";
}

TEST(http_head, golden_raw_requests_have_their_verdict_whole_and_in_parts) {
    const auto cases = test::read_http_cases("request");
    ASSERT_GE(cases.size(), 150U);
    for (const auto& one : cases) {
        check_case(one);
    }
}

TEST(http_head, golden_raw_responses_have_their_verdict_whole_and_in_parts) {
    const auto cases = test::read_http_cases("response");
    ASSERT_GE(cases.size(), 50U);
    for (const auto& one : cases) {
        check_case(one);
    }
}

TEST(http_head, fields_are_views_into_the_buffer_in_order_without_outer_white_space) {
    const std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\nCookie:  a=b \t\r\nEmpty:\r\n\r\n";
    request_head head;
    ASSERT_EQ(parse_request_head(bytes, {}, head).state, head_state::complete);
    ASSERT_EQ(head.fields.size(), 3U);
    EXPECT_EQ(head.fields[1].name, "Cookie");
    EXPECT_EQ(head.fields[1].value, "a=b");
    EXPECT_EQ(head.fields[1].value.data(), bytes.data() + bytes.find("a=b"));
    EXPECT_EQ(head.fields[2].value, "");
    EXPECT_EQ(head.find("cOOKIE"), "a=b");
    EXPECT_NE(head.find("empty").data(), nullptr);
    EXPECT_EQ(head.find("absent").data(), nullptr);
}

TEST(http_head, nothing_of_an_earlier_message_stays_in_a_reused_head) {
    request_head head;
    ASSERT_EQ(parse_request_head("POST http://b:1/p?q HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nExpect: 100-continue\r\n"
                                 "Connection: close\r\nContent-Length: 3\r\n\r\n",
                                 {}, head)
                  .state,
              head_state::complete);
    ASSERT_EQ(parse_request_head("GET / HTTP/1.0\r\n\r\n", {}, head).state, head_state::complete);
    request_head fresh;
    ASSERT_EQ(parse_request_head("GET / HTTP/1.0\r\n\r\n", {}, fresh).state, head_state::complete);
    EXPECT_EQ(describe(head, 0), describe(fresh, 0));
    ASSERT_EQ(parse_request_head("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {}, head).state, head_state::complete);
    ASSERT_EQ(parse_request_head("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", {}, head).state, head_state::complete);
    EXPECT_FALSE(head.asterisk);
}

TEST(http_head, a_head_that_comes_byte_by_byte_is_not_read_anew_for_each) {
    // 32 KiB in single bytes: quadratic work is half a billion steps, some seconds.
    std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(32000, 'x') + "\r\n\r\n";
    request_head head;
    std::size_t scanned = 0;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        ASSERT_EQ(parse_request_head(std::string_view(bytes).substr(0, size), {}, head, &scanned).state, head_state::incomplete);
    }
    ASSERT_EQ(parse_request_head(bytes, {}, head, &scanned).state, head_state::complete);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));
    EXPECT_EQ(scanned, 0U);
}

} // namespace
} // namespace bearward::proxy::http
