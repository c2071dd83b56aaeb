// Each refusal of a request and each failure of an upstream leaves its cause in the access log.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"
#include "tests/support/websocket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";

/// A proxy whose access log is read once it has ended.
class logged_proxy {
public:
    logged_proxy(std::uint16_t upstream, proxy_options options) {
        options.log = "level: error, access: on, output: \"" + file_ + '"';
        proxy_.emplace(upstream, options);
    }
    ~logged_proxy() { std::filesystem::remove(file_); }
    logged_proxy(const logged_proxy&) = delete;
    logged_proxy& operator=(const logged_proxy&) = delete;

    [[nodiscard]] raw_socket connect() const { return proxy_->connect(); }
    [[nodiscard]] std::string log() {
        proxy_->end();
        std::ifstream file(file_);
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    std::string file_ = ::testing::TempDir() + "causes_" + std::to_string(::getpid()) + ".log";
    std::optional<running_proxy> proxy_;
};

struct cause_case {
    std::string name;
    std::string answer; ///< the app's; then it waits, unless it `leaves`
    std::string cause;
    std::string options{};
    std::string request = get;
    bool leaves = false;
};

struct causes : ::testing::TestWithParam<cause_case> {};

TEST_P(causes, stand_in_the_log) {
    const auto& one = GetParam();
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(one.answer);
        if (!one.leaves) {
            static_cast<void>(peer.receive_to_end());
        }
    }};
    logged_proxy proxy{upstream.port(), {.upstream = one.options, .limits = "max_response_head: 2KiB"}};
    auto client = proxy.connect();
    client.send(one.request);
    static_cast<void>(client.receive_until("\r\n\r\n"));
    client.close();
    EXPECT_THAT(proxy.log(), HasSubstr(R"("cause":")" + one.cause + '"'));
}

const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(
    of_upstreams, causes,
    ::testing::Values(cause_case{"no_answer", "", "no answer within 1 s", "response_timeout: 1s"},
                      cause_case{"short_wait", "", "no answer within 250 ms", "response_timeout: 250ms"},
                      cause_case{"no_response", "", "the connection ended without a response", "", get, true},
                      cause_case{"half_a_head", "HTTP/1.1 200 OK\r\nA: b", "response: the connection ended within the head", "", get, true},
                      cause_case{"lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                                 "response: malformed or different Content-Length"},
                      cause_case{"garbage", "garbage\r\n\r\n", "response: malformed status line"},
                      cause_case{"large_head", "HTTP/1.1 200 OK\r\nA: " + std::string(3000, 'x') + "\r\n\r\n", "response head over 2 KiB"},
                      cause_case{"chunk", chunked_head + "zz\r\n", "response: malformed chunk"},
                      cause_case{"unasked_101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
                                 "response: a 101 that nobody asked for"},
                      cause_case{"wrong_accept", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                                 "handshake: Sec-WebSocket-Accept is missing, repeated or wrong", "", handshake("/public")}),
    [](const auto& of) { return of.param.name; });

struct refused_case {
    std::string name;
    std::string request;
    int status = 0;
    std::string cause;
};

struct refusal_causes : ::testing::TestWithParam<refused_case> {};

TEST_P(refusal_causes, stand_in_the_log) {
    logged_proxy proxy{1,
                       {.limits = "max_request_head: 2KiB, max_request_target: 1KiB, max_request_headers: 20, "
                                  "request_head_timeout: 200ms",
                        .routes = "  - {prefix: /small, auth: none, max_body: 1000}\n"}};
    auto client = proxy.connect();
    client.send(GetParam().request);
    EXPECT_EQ(read_response(client).status(), GetParam().status);
    client.close();
    EXPECT_THAT(proxy.log(), HasSubstr(R"("cause":")" + GetParam().cause + '"'));
}

std::string get_with(const std::string& target, const std::string& fields = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string many_fields(int count) {
    std::string fields;
    for (int index = 0; index < count; ++index) {
        fields += "A: b\r\n";
    }
    return fields;
}

INSTANTIATE_TEST_SUITE_P(
    of_requests, refusal_causes,
    ::testing::Values(
        refused_case{"no_host", "GET /public HTTP/1.1\r\n\r\n", 400, "no Host"},
        refused_case{"method", "get /public HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a lower-case letter in the method"},
        refused_case{"path", get_with("/public/%zz"), 400, "path: % without two hexadecimal digits"},
        refused_case{"above_root", get_with("/../public"), 400, "path: .. above the root"},
        refused_case{"handshake", get_with("/public", "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n"), 400,
                     "malformed WebSocket handshake"},
        refused_case{"trace", "TRACE /public HTTP/1.1\r\nHost: a\r\n\r\n", 405, "TRACE"},
        refused_case{"late_head", "GET /public HTTP/1.1\r\n", 408, "the request head did not come within 200 ms"},
        refused_case{"long_body", "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n", 413,
                     "body of 2000 bytes, over 1000 bytes"},
        refused_case{"long_target", get_with("/public?" + std::string(1500, 'q')), 414, "request target over 1 KiB"},
        refused_case{"expectation", get_with("/public", "Expect: tea\r\n"), 417, "an expectation other than 100-continue"},
        refused_case{"version", get_with("/public", "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 8\r\n"), 426,
                     "Sec-WebSocket-Version is not 13"},
        refused_case{"many_fields", get_with("/public", many_fields(30)), 431, "more than 20 fields"},
        refused_case{"large_head", get_with("/public", "A: " + std::string(3000, 'x') + "\r\n"), 431, "request head over 2 KiB"},
        refused_case{"http_version", "GET /public HTTP/2.0\r\nHost: a\r\n\r\n", 505, "HTTP version"}),
    [](const auto& of) { return of.param.name; });

TEST(body_causes, of_requests_stand_in_the_log) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) { static_cast<void>(peer.receive_to_end()); }};
    for (const auto& [request, cause] :
         {std::pair{"POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", "body: nothing came within 200 ms"},
          std::pair{"POST /public HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "body: malformed chunk"}}) {
        logged_proxy proxy{upstream.port(), {.limits = "request_body_timeout: 200ms"}};
        auto client = proxy.connect();
        client.send(request);
        static_cast<void>(client.receive_to_end());
        EXPECT_THAT(proxy.log(), HasSubstr(R"("cause":")" + std::string(cause) + '"'));
    }
}

TEST(answer_causes, of_a_body_that_breaks_off_stand_in_the_log) {
    for (const auto& [answer, cause] :
         {std::pair{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "response: the connection ended within the body"},
          std::pair{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n", "response: malformed chunk"}}) {
        scripted_upstream upstream{[&, text = std::string(answer)](raw_socket& peer, std::size_t) {
            static_cast<void>(peer.receive_until("\r\n\r\n"));
            peer.send(std::string_view(text).substr(0, text.size() - 4));
            std::this_thread::sleep_for(50ms);
            peer.send(std::string_view(text).substr(text.size() - 4));
        }};
        logged_proxy proxy{upstream.port(), {}};
        auto client = proxy.connect();
        client.send(get);
        static_cast<void>(client.receive_to_end());
        const auto log = proxy.log();
        EXPECT_THAT(log, HasSubstr(R"("cause":")" + std::string(cause) + '"'));
        EXPECT_THAT(log, HasSubstr(R"("reason":"upstream_error")"));
    }
}

TEST(connect_causes, name_the_server_and_the_error) {
    const auto port = std::to_string(find_closed_port());
    logged_proxy proxy{0, {.upstream = "connect_timeout: 100ms", .servers = "\"127.0.0.1:" + port + '"'}};
    auto client = proxy.connect();
    client.send(get);
    EXPECT_EQ(read_response(client).status(), 502);
    EXPECT_THAT(proxy.log(), HasSubstr(R"("cause":"connect 127.0.0.1:)" + port + R"(: Connection refused")"));
}

TEST(connect_causes, name_the_address_behind_a_name) {
    const auto port = std::to_string(find_closed_port());
    logged_proxy proxy{0, {.upstream = "connect_timeout: 100ms", .servers = "\"app.test:" + port + '"', .names = [](const std::string&) {
                               return bearward::proxy::upstream::lookup_result{{boost::asio::ip::make_address("127.0.0.1")}};
                           }}};
    auto client = proxy.connect();
    client.send(get);
    EXPECT_EQ(read_response(client).status(), 502);
    EXPECT_THAT(proxy.log(), HasSubstr(R"("cause":"connect app.test:)" + port + R"( (127.0.0.1): Connection refused")"));
}

TEST(connect_causes, say_why_a_name_has_no_address) {
    logged_proxy proxy{0, {.upstream = "connect_timeout: 100ms", .servers = "\"app.test:80\"", .names = [](const std::string&) {
                               return bearward::proxy::upstream::lookup_result{std::unexpected("no such name")};
                           }}};
    auto client = proxy.connect();
    client.send(get);
    EXPECT_EQ(read_response(client).status(), 502);
    EXPECT_THAT(proxy.log(), HasSubstr(R"("cause":"connect app.test:80: no such name")"));
}

TEST(causes_of_retries, are_forgotten_when_the_request_succeeds) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t number) {
        static_cast<void>(read_request(peer));
        peer.send(ok("hi"));
        if (number == 0) {
            static_cast<void>(peer.receive_until("\r\n\r\n"));
            return;
        }
        static_cast<void>(peer.receive_to_end());
    }};
    logged_proxy proxy{upstream.port(), {}};
    auto client = proxy.connect();
    for (int round = 0; round < 2; ++round) {
        client.send(get);
        EXPECT_EQ(read_response(client).body, "hi");
    }
    EXPECT_EQ(upstream.connections(), 2U);
    EXPECT_THAT(proxy.log(), ::testing::Not(HasSubstr("cause")));
}

} // namespace
