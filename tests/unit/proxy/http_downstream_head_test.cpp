// What the client receives of the upstream's response (proxy/BEHAVIOUR.md 5).
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/trailers.hpp"
#include "proxy/http/write_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bearward::proxy::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string write(const response_head& head, const response_context& context) {
    outgoing_response made;
    make_downstream_head(head, context, made);
    std::string out;
    write_head(made, out);
    return out;
}

std::string relay(const std::string& raw, response_context context = {}, std::string_view method = "GET") {
    response_head head;
    EXPECT_EQ(parse_response_head(raw, {}, method, head).state, head_state::complete);
    context.request_id = "r-1";
    const std::string out = write(head, context);
    EXPECT_EQ(parse_response_head(out, {}, method, head).state, head_state::complete) << out;
    return out;
}

TEST(http_downstream_head, a_response_passes_with_its_request_id) {
    EXPECT_EQ(
        relay("HTTP/1.1 200 Fine\r\nDate: d\r\nServer: s\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nX-Request-Id: theirs\r\nContent-Length: "
              "2\r\n\r\n"),
        "HTTP/1.1 200 Fine\r\nDate: d\r\nServer: s\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 2\r\nX-Request-Id: r-1\r\n\r\n");
}

TEST(http_downstream_head, hop_by_hop_fields_end_here) {
    for (const std::string name : {"Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Upgrade", "TE", "X-Named", "Trailer"}) {
        EXPECT_THAT(relay("HTTP/1.1 200 OK\r\nConnection: close, x-named\r\n" + name + ": zzz\r\n\r\n"),
                    AllOf(Not(HasSubstr("zzz")), Not(HasSubstr("Connection")), HasSubstr("Transfer-Encoding: chunked\r\n")))
            << name;
    }
}

TEST(http_downstream_head, a_body_of_unknown_length_is_chunked) {
    for (const std::string framing : {"", "Transfer-Encoding: chunked\r\n"}) {
        EXPECT_THAT(relay("HTTP/1.1 200 OK\r\n" + framing + "\r\n"), HasSubstr("Transfer-Encoding: chunked\r\n"));
    }
}

TEST(http_downstream_head, what_becomes_of_the_connection_is_said_before_the_request_id) {
    response_head head;
    ASSERT_EQ(parse_response_head("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", {}, "GET", head).state, head_state::complete);
    outgoing_response made;
    make_downstream_head(head, {.request_id = "r-1"}, made);
    made.choose_connection(connection_use::closes);
    std::string out;
    write_head(made, out);
    EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nX-Request-Id: r-1\r\n\r\n");
}

TEST(http_downstream_head, responses_without_a_body_keep_what_they_say_of_it) {
    EXPECT_THAT(relay("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", {}, "HEAD"), HasSubstr("Content-Length: 99\r\n"));
    EXPECT_THAT(relay("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", {}, "HEAD"), HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_THAT(relay("HTTP/1.1 200 OK\r\n\r\n", {}, "HEAD"), AllOf(Not(HasSubstr("Transfer")), Not(HasSubstr("Length"))));
    EXPECT_THAT(relay("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: x\r\n\r\n"),
                AllOf(HasSubstr("Content-Length: 99\r\n"), HasSubstr("ETag: x")));
    EXPECT_THAT(relay("HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n"), Not(HasSubstr("Content-Length")));
}

TEST(http_downstream_head, interim_responses_have_no_framing_and_no_connection) {
    EXPECT_EQ(relay("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", {.date = "d"}),
              "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX-Request-Id: r-1\r\n\r\n");
}

TEST(http_downstream_head, a_date_is_added_only_where_there_is_none) {
    EXPECT_THAT(relay("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", {.date = "ours"}), HasSubstr("Date: ours\r\n"));
    EXPECT_THAT(relay("HTTP/1.1 200 OK\r\ndate: theirs\r\nContent-Length: 0\r\n\r\n", {.date = "ours"}), Not(HasSubstr("ours")));
}

TEST(http_downstream_head, trailer_passes_to_who_takes_trailers) {
    const std::string raw = "HTTP/1.1 200 OK\r\nTrailer: Grpc-Status\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_THAT(relay(raw), Not(HasSubstr("Trailer")));
    EXPECT_THAT(relay(raw, {.trailers = true}), HasSubstr("Trailer: Grpc-Status\r\n"));
}

TEST(http_downstream_head, trailers_lose_what_may_not_stand_there) {
    std::string out;
    make_downstream_trailers(
        "Grpc-Status: 0\r\nContent-Length: 5\r\nset-cookie: a=b\r\nX-Sum:\t7 \r\nTransfer-Encoding: chunked\r\nX_Request_Id: x\r\n", out);
    EXPECT_EQ(out, "Grpc-Status: 0\r\nX-Sum: 7\r\n");
}

TEST(http_downstream_head, a_route_replaces_and_removes_headers) {
    const policies::rules::header_changes changes{.added = {{"Strict-Transport-Security", "max-age=1"}, {"X-Frame-Options", "DENY"}},
                                                  .removed = {"Server", "X-Powered-By"}};
    response_head head;
    const std::string raw = "HTTP/1.1 200 OK\r\nserver: a\r\nX-Frame-Options: SAMEORIGIN\r\nX_Powered_By: b\r\nVary: *\r\n"
                            "Content-Length: 0\r\n\r\n";
    ASSERT_EQ(parse_response_head(raw, {}, "GET", head).state, head_state::complete);
    EXPECT_EQ(write(head, {.request_id = "r", .changes = &changes}), "HTTP/1.1 200 OK\r\n"
                                                                     "Vary: *\r\n"
                                                                     "Content-Length: 0\r\n"
                                                                     "Strict-Transport-Security: max-age=1\r\n"
                                                                     "X-Frame-Options: DENY\r\n"
                                                                     "X-Request-Id: r\r\n"
                                                                     "\r\n");
}

} // namespace
} // namespace bearward::proxy::http
