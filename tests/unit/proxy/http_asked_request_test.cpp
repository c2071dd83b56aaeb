// What another proxy asks about, read from the fields of its request.
#include "proxy/http/asked_request.hpp"

#include <gmock/gmock.h>

namespace bearward::proxy::http {
namespace {

using policies::reason;
using testing::HasSubstr;
using testing::StartsWith;

const std::string good = "X-Forwarded-Method: PUT\r\nX-Forwarded-Host: API.test:8443\r\nX-Forwarded-Uri: /tenants/t-1?x=1\r\n";

class asked_request : public testing::Test {
protected:
    head_outcome read(const std::string& fields, const std::string& method = "GET") {
        bytes_ = method + " /auth HTTP/1.1\r\nHost: bearward.internal\r\n" + fields + "Cookie: a=b\r\nContent-Length: 3\r\n\r\n";
        EXPECT_EQ(parse_request_head(bytes_, {}, head).state, head_state::complete) << bytes_;
        return read_asked_request({}, text_, head);
    }
    /// "405 ..." or "accepted".
    std::string outcome(const std::string& fields) {
        const head_outcome read_as = read(fields);
        EXPECT_TRUE(read_as.recoverable) << "where the asking request ends is known";
        if (read_as.state == head_state::complete) {
            return "accepted";
        }
        EXPECT_EQ(read_as.state, head_state::refused);
        EXPECT_EQ(head.path == "/auth", read_as.status != 405) << "as it was, but where the answer speaks of it";
        return std::to_string(read_as.status) + ' ' + std::string(read_as.detail);
    }

    request_head head;

private:
    std::string bytes_;
    std::string text_;
};

TEST_F(asked_request, is_said_by_the_forwarded_fields) {
    ASSERT_EQ(outcome(good), "accepted");
    EXPECT_EQ(head.method, "PUT");
    EXPECT_EQ(head.path, "/tenants/t-1");
    EXPECT_EQ(head.query, "x=1");
    EXPECT_TRUE(head.has_query);
    EXPECT_EQ(head.host, "api.test");
    EXPECT_EQ(head.authority, "api.test:8443");
    EXPECT_EQ(head.find("Cookie"), "a=b");
    EXPECT_EQ(head.find("Host"), "API.test:8443");
    EXPECT_EQ(head.framing, body_framing::content_length) << "of the asking request";
    EXPECT_EQ(head.content_length, 3U);
}

TEST_F(asked_request, or_by_the_original_ones) {
    for (const char* target : {"X-Original-URL", "X-Original-URI", "x-original-uri"}) {
        ASSERT_EQ(outcome(std::string("X-Original-Method: GET\r\nX-Original-Host: api.test\r\n") + target + ": /x\r\n"), "accepted");
        EXPECT_EQ(head.method, "GET");
        EXPECT_EQ(head.path, "/x");
        EXPECT_FALSE(head.has_query);
        EXPECT_EQ(head.host, "api.test");
    }
}

TEST_F(asked_request, each_stands_once) {
    for (const char* missing :
         {"X-Forwarded-Method: PUT\r\n", "X-Forwarded-Host: API.test:8443\r\n", "X-Forwarded-Uri: /tenants/t-1?x=1\r\n"}) {
        std::string fields = good;
        fields.erase(fields.find(missing), std::string(missing).size());
        EXPECT_THAT(outcome(fields), StartsWith("400 not one")) << missing;
        EXPECT_THAT(outcome(good + missing), StartsWith("400 not one")) << missing << "twice";
    }
    EXPECT_THAT(outcome(""), StartsWith("400 not one"));
    const std::string original = "X-Original-Method: GET\r\nX-Original-Host: api.test\r\nX-Original-URL: /x\r\n";
    EXPECT_THAT(outcome(original + "X-Original-URI: /x\r\n"), StartsWith("400 not one"));
}

TEST_F(asked_request, another_spelling_of_a_name_is_a_repetition) {
    EXPECT_THAT(outcome(good + "X_Forwarded_Uri: /public\r\n"), StartsWith("400 not one"));
    EXPECT_THAT(outcome(good + "X.Forwarded.Method: GET\r\n"), StartsWith("400 not one"));
    EXPECT_THAT(outcome("X-Forwarded-Method: GET\r\nX-Forwarded-Host: a.test\r\nX_Forwarded_Uri: /\r\n"), StartsWith("400 not one"));
}

TEST_F(asked_request, fields_of_both_families_are_refused) {
    for (const char* other : {"X-Original-Method: PUT\r\n", "X-Original-Host: api.test\r\n", "X-Original-URL: /\r\n",
                              "X-Original-URI: /\r\n", "X_Original_URI: /\r\n"}) {
        EXPECT_THAT(outcome(good + other), HasSubstr("X-Original")) << other;
    }
}

std::string about(const std::string& method, const std::string& host, const std::string& target) {
    return "X-Forwarded-Method: " + method + "\r\nX-Forwarded-Host: " + host + "\r\nX-Forwarded-Uri: " + target + "\r\n";
}

TEST_F(asked_request, is_judged_as_strictly_as_a_request_line) {
    EXPECT_THAT(outcome(about("get", "a.test", "/")), StartsWith("400"));
    EXPECT_THAT(outcome(about("GET /x HTTP/1.1", "a.test", "/")), StartsWith("400"));
    EXPECT_THAT(outcome(about("GET", "a.test", "/x HTTP/1.1")), StartsWith("400"));
    EXPECT_THAT(outcome(about("GET", "a.test", "")), StartsWith("400"));
    EXPECT_THAT(outcome(about("", "a.test", "/")), StartsWith("400"));
    EXPECT_THAT(outcome(about("GET", "", "/")), StartsWith("400"));
    EXPECT_THAT(outcome(about("GET", "a.test, b.test", "/")), StartsWith("400"));
    EXPECT_THAT(outcome(about("GET", "user@a.test", "/")), StartsWith("400"));
    EXPECT_THAT(outcome(about("GET", "a.test", "/#x")), StartsWith("400"));
    EXPECT_THAT(outcome(about("GET", "a.test", "http://b.test/")), StartsWith("400"));
    EXPECT_THAT(outcome(about("OPTIONS", "a.test", "*")), StartsWith("400"));
    for (const char* const method : {"TRACE", "CONNECT"}) {
        EXPECT_THAT(outcome(about(method, "a.test", "/x?y")), StartsWith("405"));
        EXPECT_EQ(head.method, method);
        EXPECT_EQ(head.path, "/x");
        EXPECT_EQ(head.host, "a.test");
    }
    EXPECT_THAT(outcome(about("GET", "a.test", "/" + std::string(20'000, 'x'))), StartsWith("414"));
}

} // namespace
} // namespace bearward::proxy::http
