// The raw cases of tests/golden/http as answers of an upstream, whole and cut in
// two at every byte. A refused one is a 502 and its connection thrown away; bytes
// after an answer never reach the next request, whoever's it is.
#include "proxy/http/head.hpp"
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"
#include "tests/unit/proxy/http_cases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;

const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// What an upstream says, and how it must look to the client.
struct answer_case {
    std::string name;
    std::string bytes;
    std::string method = "GET";
    int status = 502;
    std::string body{};
    bool whole = true;   ///< else the client must see that it broke off
    bool closes = false; ///< the upstream's end is the message's
    bool reused = false; ///< the connection may serve again
    /// Nobody can tell bytes that come later, after the next request was sent, from its answer.
    std::size_t not_at = std::string::npos;
};

/// GET /CUT is answered with the case cut there; any other path with "clean".
struct stage {
    const answer_case& one;
    scripted_upstream upstream{[this](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            const auto request = read_request(peer);
            const auto path = request.head.substr(request.head.find('/') + 1);
            if (path.starts_with("clean")) {
                peer.send(ok("clean"));
                continue;
            }
            const auto cut = std::stoul(path);
            if (cut != 0) {
                peer.send(std::string_view(one.bytes).substr(0, cut));
                std::this_thread::sleep_for(1ms);
            }
            peer.send(std::string_view(one.bytes).substr(cut));
            if (one.closes) {
                return;
            }
        }
    }};
    running_proxy proxy{upstream.port(), {.limits = "max_response_head: 64KiB", .open = true}};
};

std::string request(const std::string& method, const std::string& path) {
    return method + " /" + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

void check_cut(const stage& on, raw_socket& client, std::size_t cut) {
    const auto& one = on.one;
    SCOPED_TRACE(one.name + ", cut at " + std::to_string(cut));
    if (!one.whole) {
        // What is wrong before the answer began is a 502, afterwards an answer that breaks off.
        client.send(one.method + " /" + std::to_string(cut) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        const auto got = client.receive_to_end();
        EXPECT_FALSE(got.ends_with("\r\n0\r\n\r\n")) << got;
        client = on.proxy.connect();
    } else {
        client.send(request(one.method, std::to_string(cut)));
        auto answer = read_response(client, one.method);
        while (answer.status() < 200) {
            answer = read_response(client, one.method);
        }
        EXPECT_EQ(answer.status(), one.status);
        EXPECT_EQ(answer.body, one.status == 502 ? R"({"detail":"Bad Gateway"})" : one.body);
        if (answer.field("Connection") == "close") {
            client = on.proxy.connect();
        }
    }
    client.send(request("GET", "clean"));
    EXPECT_EQ(read_response(client).body, "clean");
    auto other = on.proxy.connect();
    other.send(request("GET", "clean"));
    EXPECT_EQ(read_response(other).body, "clean");
}

/// Several clients share the cuts, since each cut is mostly waiting.
void check_case(const answer_case& one) {
    constexpr std::size_t clients = 8;
    const std::size_t longest = 200;
    const std::size_t cuts = std::min(one.bytes.size(), longest);
    stage on{.one = one};
    std::vector<std::thread> threads;
    for (std::size_t which = 0; which < clients; ++which) {
        threads.emplace_back([&, which] {
            try {
                auto client = on.proxy.connect();
                for (std::size_t cut = which; cut < cuts; cut += clients) {
                    if (cut != one.not_at) {
                        check_cut(on, client, cut);
                    }
                }
            } catch (const std::exception& failure) {
                ADD_FAILURE() << one.name << ", from cut " << which << " on every " << clients << "th: " << failure.what();
            }
        });
    }
    for (auto& each : threads) {
        each.join();
    }
    if (!one.reused && !one.closes) {
        EXPECT_GE(on.upstream.connections(), cuts) << "a connection was used again";
    }
}

bool has_limit(const http_case& one) {
    return std::ranges::any_of(one.expected, [](const auto& each) { return each.first.starts_with("max_"); });
}

/// How the client must see an answer whose head is accepted; adds the body that it announces.
answer_case accepted(answer_case made) {
    using bearward::proxy::http::body_framing;
    bearward::proxy::http::response_head head;
    const auto outcome = bearward::proxy::http::parse_response_head(made.bytes, {}, made.method, head);
    EXPECT_EQ(outcome.state, bearward::proxy::http::head_state::complete);
    if (head.status < 200) {
        made.status = head.status == 101 ? 502 : 200; // nobody asked for another protocol
        made.bytes = made.bytes.substr(0, head.size) + (head.status == 101 ? "" : ok("after"));
        made.body = "after";
        made.reused = head.status != 101;
        return made;
    }
    made.status = static_cast<int>(head.status);
    made.body = made.bytes.substr(head.size);
    made.closes = head.framing == body_framing::until_close;
    made.reused = head.keep_alive && made.body.empty();
    made.not_at = made.body.empty() ? std::string::npos : head.size; // matters where no body is expected
    if (head.framing == body_framing::content_length) {
        made.body.resize(static_cast<std::size_t>(head.content_length), 'x');
        made.bytes = made.bytes.substr(0, head.size) + made.body;
        made.reused = head.keep_alive;
    } else if (head.framing == body_framing::chunked) {
        made.bytes = made.bytes.substr(0, head.size) + chunked("in chunks", 4);
        made.body = "in chunks";
        made.reused = head.keep_alive;
    } else if (head.framing == body_framing::none) {
        made.body.clear();
    }
    return made;
}

TEST(http_golden, raw_responses_have_their_verdict_over_the_wire) {
    std::size_t tried = 0;
    for (const auto& one : read_http_cases("response")) {
        if (has_limit(one)) {
            continue;
        }
        answer_case made{.name = one.name, .bytes = one.bytes, .method = one.kind.substr(one.kind.find(':') + 1)};
        if (one.verdict == "accept") {
            made = accepted(made);
        } else if (one.verdict == "incomplete") {
            made.closes = true;
        }
        if (made.method == "HEAD" && made.status == 502) {
            continue; // its body is not sent; the GET twin is there
        }
        check_case(made);
        if (HasFailure()) {
            return;
        }
        ++tried;
    }
    EXPECT_GE(tried, 55U);
}

TEST(http_golden, raw_chunked_answers_have_their_verdict_over_the_wire) {
    std::size_t tried = 0;
    for (const auto& one : read_http_cases("chunked")) {
        if (has_limit(one) || one.kind == "chunked:request") {
            continue;
        }
        answer_case made{.name = one.name, .bytes = chunked_head + one.bytes, .status = 200};
        made.whole = one.verdict == "accept";
        made.closes = one.verdict == "incomplete";
        const auto body = one.expected.find("body");
        made.body = body == one.expected.end() ? "" : body->second;
        const auto left = one.expected.find("left");
        made.reused = made.whole && (left == one.expected.end() || left->second == "0");
        made.not_at = made.reused || !made.whole ? std::string::npos : made.bytes.size() - std::stoul(left->second);
        check_case(made);
        if (HasFailure()) {
            return;
        }
        ++tried;
    }
    EXPECT_GE(tried, 40U);
}

TEST(http_golden, what_follows_an_answer_is_nobodys_answer) {
    const std::string poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    for (const auto& [name, method, bytes, body] : std::vector<std::array<std::string, 4>>{
             {"after_a_length", "GET", ok("hello"), "hello"},
             {"after_chunks", "GET", chunked_head + chunked("hello", 2), "hello"},
             {"after_nothing", "GET", "HTTP/1.1 204 No Content\r\n\r\n", ""},
             {"after_not_modified", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 44\r\n\r\n", ""},
             {"after_head", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n", ""},
             {"after_trailers", "GET", chunked_head + chunked("hello", 2, "X-A: b\r\n"), "hello"}}) {
        answer_case made{.name = name, .bytes = bytes + poison, .method = method, .body = body};
        made.status = std::stoi(bytes.substr(9, 3));
        made.not_at = bytes.size();
        check_case(made);
    }
}

} // namespace
