// The CORS fields of answers, the upstream's and Bearward's own.
#include "proxy/http/cors_fields.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/local_reply.hpp"
#include "proxy/http/write_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bearward::proxy::http {
namespace {

using policies::requests::cors_rules;
using testing::HasSubstr;
using testing::Not;

cors_rules make_rules(std::string_view origin = "https://app.test") {
    cors_rules made;
    made.origins = {policies::requests::parse_accepted_origin(origin).value()};
    made.methods = "GET, PUT";
    made.headers = "Authorization";
    made.exposed = "X-Total";
    made.max_age = "600";
    return made;
}

struct response {
    cors_rules rules = make_rules();
    std::string origin = "https://app.test";
    policies::rules::header_changes changes;
    bool with_cors = true;

    std::string pass(const std::string& fields, const std::string& status = "200 OK") {
        const std::string raw = "HTTP/1.1 " + status + "\r\n" + fields + "\r\n";
        response_head head;
        EXPECT_EQ(parse_response_head(raw, {}, "GET", head).state, head_state::complete) << raw;
        cors_answer cors;
        const std::vector<header> sent{{"Origin", origin}};
        cors.choose(with_cors ? &rules : nullptr, sent);
        outgoing_response made;
        make_downstream_head(head, {.changes = &changes, .cors = &cors}, made);
        std::string out;
        write_head(made, out);
        return out;
    }
};

TEST(cors_fields, replace_the_upstreams) {
    EXPECT_EQ(
        response{}.pass("Access-Control-Allow-Origin: *\r\nX-A: b\r\naccess-control-allow-private-network: true\r\nContent-Length: 0\r\n"),
        "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 0\r\nVary: Origin\r\nAccess-Control-Allow-Origin: https://app.test\r\n"
        "Access-Control-Expose-Headers: X-Total\r\n\r\n");
}

TEST(cors_fields, of_an_origin_that_is_not_accepted_are_a_vary_alone) {
    response other;
    other.origin = "https://evil.test";
    EXPECT_EQ(
        other.pass("Access-Control-Allow-Origin: https://evil.test\r\nAccess-Control-Allow-Credentials: true\r\nContent-Length: 0\r\n"),
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nVary: Origin\r\n\r\n");
}

TEST(cors_fields, pass_untouched_without_rules) {
    response plain;
    plain.with_cors = false;
    EXPECT_EQ(plain.pass("Access-Control-Allow-Origin: *\r\nVary: Accept\r\nContent-Length: 0\r\n"),
              "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nVary: Accept\r\nContent-Length: 0\r\n\r\n");
}

TEST(cors_fields, say_once_that_the_answer_varies) {
    const auto lines = [](const std::string& head) {
        std::string found;
        for (std::size_t at = head.find("\r\n") + 2; at < head.size(); at = head.find("\r\n", at) + 2) {
            const auto line = head.substr(at, head.find("\r\n", at) - at);
            found += line.starts_with("Vary") || line.starts_with("vary") ? line + "|" : "";
        }
        return found;
    };
    EXPECT_EQ(lines(response{}.pass("vary: Accept-Encoding\r\nContent-Length: 0\r\n")), "Vary: Accept-Encoding, Origin|");
    EXPECT_EQ(lines(response{}.pass("Vary: Accept\r\nVary: Cookie\r\nContent-Length: 0\r\n")), "Vary: Accept, Origin|Vary: Cookie|");
    EXPECT_EQ(lines(response{}.pass("Vary: Accept, oRIGIN\r\nContent-Length: 0\r\n")), "Vary: Accept, oRIGIN|");
    EXPECT_EQ(lines(response{}.pass("Vary: Accept\r\nVary: Origin\r\nContent-Length: 0\r\n")), "Vary: Accept|Vary: Origin|");
    EXPECT_EQ(lines(response{}.pass("Vary: *\r\nContent-Length: 0\r\n")), "Vary: *|");
    EXPECT_EQ(lines(response{}.pass("Vary: X-Origin\r\nContent-Length: 0\r\n")), "Vary: X-Origin, Origin|");
    EXPECT_EQ(lines(response{}.pass("Vary: \r\nContent-Length: 0\r\n")), "Vary: |Vary: Origin|");
    EXPECT_EQ(lines(response{}.pass("Connection: Vary\r\nVary: Origin\r\nContent-Length: 0\r\n")), "Vary: Origin|");
    response replaced;
    replaced.changes.added = {{"Vary", "Accept"}};
    EXPECT_EQ(lines(replaced.pass("Vary: Origin\r\nContent-Length: 0\r\n")), "Vary: Accept|Vary: Origin|");
}

TEST(cors_fields, of_an_interim_response_are_dropped) {
    EXPECT_EQ(response{}.pass("Link: </a>\r\nAccess-Control-Allow-Origin: *\r\n", "103 Early Hints"),
              "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
}

TEST(cors_fields, with_credentials_say_so) {
    response with;
    with.rules.credentials = true;
    EXPECT_THAT(with.pass("Content-Length: 0\r\n"),
                HasSubstr("Access-Control-Allow-Origin: https://app.test\r\nAccess-Control-Allow-Credentials: true\r\n"));
    with.origin = "https://evil.test";
    EXPECT_THAT(with.pass("Content-Length: 0\r\n"), Not(HasSubstr("Access-Control")));
}

TEST(cors_fields, of_any_origin_are_a_star) {
    response any;
    any.rules = make_rules("*");
    EXPECT_THAT(any.pass("Content-Length: 0\r\n"), HasSubstr("Access-Control-Allow-Origin: *\r\n"));
}

std::string local(const cors_rules& rules, std::string_view origin, bool preflight) {
    cors_answer cors;
    const std::vector<header> sent{{"Origin", origin}};
    cors.choose(&rules, sent);
    outgoing_response made;
    std::string body;
    make_local_reply({.why = preflight ? policies::reason::public_route : policies::reason::token_missing,
                      .status = preflight ? 204U : 401U,
                      .cors = &cors,
                      .preflight = preflight},
                     {}, made, body);
    std::string out;
    write_head(made, out);
    return out + body;
}

TEST(cors_fields, answer_a_preflight) {
    const auto rules = make_rules();
    EXPECT_EQ(local(rules, "https://app.test", true),
              "HTTP/1.1 204 No Content\r\nVary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n"
              "Access-Control-Allow-Origin: https://app.test\r\nAccess-Control-Allow-Methods: GET, PUT\r\n"
              "Access-Control-Allow-Headers: Authorization\r\nAccess-Control-Max-Age: 600\r\nCache-Control: no-store\r\n\r\n");
    EXPECT_EQ(local(rules, "https://evil.test", true),
              "HTTP/1.1 204 No Content\r\nVary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n"
              "Cache-Control: no-store\r\n\r\n");
}

TEST(cors_fields, stand_in_refusals) {
    const auto rules = make_rules();
    EXPECT_THAT(local(rules, "https://app.test", false), HasSubstr("Vary: Origin\r\nAccess-Control-Allow-Origin: https://app.test\r\n"
                                                                   "Access-Control-Expose-Headers: X-Total\r\n"));
    const auto other = local(rules, "https://evil.test", false);
    EXPECT_THAT(other, HasSubstr("Vary: Origin\r\n"));
    EXPECT_THAT(other, Not(HasSubstr("Access-Control")));
}

} // namespace
} // namespace bearward::proxy::http
