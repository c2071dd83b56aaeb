// The raw cases of tests/golden/http over real connections: requests and chunked
// bodies, whole and cut in two at every byte. What is refused never reaches the
// upstream; what is accepted arrives as the same bytes however it was cut.
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

const std::string chunked_post = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Without the one line that differs from request to request.
std::string without_id(std::string head) {
    const auto at = head.find("\r\nX-Request-Id: ");
    return at == std::string::npos ? head : head.erase(at, head.find("\r\n", at + 2) - at);
}

/// An upstream that remembers whole requests, and the proxy in front of it.
struct stage {
    std::mutex mutex;
    std::vector<std::string> seen; ///< heads without request id, and the decoded bodies
    scripted_upstream upstream{[this](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            const auto request = read_request(peer);
            {
                const std::lock_guard lock(mutex);
                seen.push_back(without_id(request.head) + request.body);
            }
            peer.send(ok(""));
        }
    }};
    running_proxy proxy{upstream.port(), {.limits = "request_head_timeout: 10s", .open = true}};

    std::vector<std::string> take_seen() {
        const std::lock_guard lock(mutex);
        return std::exchange(seen, {});
    }
};

struct wire_case {
    std::string name;
    std::string bytes;
    std::string verdict;
    std::string method;
    int status = 200;    ///< with verdict accept or refuse
    bool closes = false; ///< it must; else it may
};

/// Where a message is cut: 0 is whole. Very long ones not everywhere.
std::vector<std::size_t> cuts_of(std::string_view bytes) {
    std::vector<std::size_t> cuts;
    for (std::size_t cut = 0; cut < bytes.size(); cut += cut < 300 || cut + 300 > bytes.size() ? 1 : 97) {
        cuts.push_back(cut);
    }
    return cuts;
}

void check_answer(raw_socket& client, const wire_case& one) {
    if (one.verdict == "incomplete") {
        EXPECT_EQ(client.receive_for(1ms), "");
        return;
    }
    const auto answer = read_response(client, one.method);
    EXPECT_EQ(answer.status(), one.status);
    EXPECT_TRUE(!one.closes || answer.field("Connection") == "close");
    if (answer.field("Connection") == "close") {
        EXPECT_EQ(client.receive_to_end(), "");
    } else if (one.verdict == "refuse") {
        client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(read_response(client).status(), 200);
    }
}

/// Sends it on as many connections as there are cuts, a batch at a time.
void check_cuts(stage& on, const wire_case& one) {
    constexpr std::size_t batch = 32;
    const auto cuts = cuts_of(one.bytes);
    const std::string_view bytes = one.bytes;
    for (std::size_t from = 0; from < cuts.size(); from += batch) {
        std::vector<raw_socket> clients;
        const auto count = std::min(batch, cuts.size() - from);
        for (std::size_t i = 0; i < count; ++i) {
            clients.push_back(on.proxy.connect());
            clients.back().send(bytes.substr(0, cuts[from + i]));
        }
        std::this_thread::sleep_for(2ms);
        for (std::size_t i = 0; i < count; ++i) {
            clients[i].send(bytes.substr(cuts[from + i]));
        }
        for (std::size_t i = 0; i < count; ++i) {
            SCOPED_TRACE("cut at " + std::to_string(cuts[from + i]));
            ASSERT_NO_THROW(check_answer(clients[i], one));
        }
        if (::testing::Test::HasFailure()) {
            return;
        }
    }
}

/// What reached the upstream after every cut: the same each time, or nothing.
void check_case(stage& on, const wire_case& one, const std::string& body = {}) {
    SCOPED_TRACE(one.name);
    static_cast<void>(on.take_seen());
    check_cuts(on, one);
    auto seen = on.take_seen();
    std::erase_if(seen, [](const std::string& each) { return each.starts_with("GET /next "); });
    if (one.verdict != "accept" || one.status != 200) {
        EXPECT_EQ(seen.size(), 0U) << "the upstream got " << seen.front();
        return;
    }
    ASSERT_EQ(seen.size(), cuts_of(one.bytes).size());
    EXPECT_TRUE(std::ranges::all_of(seen, [&](const auto& each) { return each == seen.front(); })) << seen.front();
    EXPECT_THAT(seen.front(), ::testing::EndsWith("\r\n\r\n" + body));
}

/// Adds what its framing announces and the case leaves out. False: too much.
bool complete_body(std::string& bytes, std::string& body) {
    bearward::proxy::http::request_head head;
    const auto outcome = bearward::proxy::http::parse_request_head(bytes, {}, head);
    EXPECT_EQ(outcome.state, bearward::proxy::http::head_state::complete);
    const auto left = bytes.size() - head.size;
    if (head.framing == bearward::proxy::http::body_framing::chunked && left == 0) {
        bytes += "0\r\n\r\n";
    } else if (head.framing == bearward::proxy::http::body_framing::content_length) {
        if (head.content_length > 1000) {
            return false;
        }
        bytes.append(static_cast<std::size_t>(head.content_length) - std::min<std::size_t>(left, head.content_length), 'x');
        body = bytes.substr(head.size);
    }
    return true;
}

bool has_limit(const http_case& one) {
    return std::ranges::any_of(one.expected, [](const auto& each) { return each.first.starts_with("max_"); });
}

TEST(http_golden, raw_requests_have_their_verdict_over_the_wire) {
    stage on;
    std::size_t tried = 0;
    for (auto& one : read_http_cases("request")) {
        std::string body;
        wire_case wire{.name = one.name, .bytes = one.bytes, .verdict = one.verdict, .method = one.bytes.substr(0, one.bytes.find(' '))};
        if (has_limit(one) || (one.verdict == "accept" && !complete_body(wire.bytes, body))) {
            continue; // such limits and lengths have tests of their own
        }
        if (one.verdict == "refuse") {
            wire.status = std::stoi(one.expected.at("status"));
            const auto close = one.expected.find("close");
            wire.closes = close == one.expected.end() || close->second == "yes";
        } else if (one.bytes.contains('\\')) {
            wire.status = 400; // the head is sound, its path is ambiguous
        }
        check_case(on, wire, body);
        if (HasFailure()) {
            return;
        }
        ++tried;
    }
    EXPECT_GE(tried, 200U);
}

TEST(http_golden, raw_chunked_bodies_have_their_verdict_over_the_wire) {
    stage on;
    std::size_t tried = 0;
    for (auto& one : read_http_cases("chunked")) {
        if (has_limit(one) || one.kind == "chunked:response") {
            continue;
        }
        const wire_case wire{.name = one.name,
                             .bytes = chunked_post + one.bytes,
                             .verdict = one.verdict,
                             .method = "POST",
                             .status = one.verdict == "refuse" ? 400 : 200,
                             .closes = one.verdict == "refuse"};
        const auto body = one.expected.find("body");
        check_case(on, wire, body == one.expected.end() ? "" : body->second);
        if (HasFailure()) {
            return;
        }
        ++tried;
    }
    EXPECT_GE(tried, 40U);
}

} // namespace
