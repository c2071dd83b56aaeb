// Several servers for one upstream: whose turn it is, and what a client sees
// when one of them dies.
#include "tests/support/load.hpp"
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"
#include "tests/support/websocket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <functional>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string post = "POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";

message ask(raw_socket& client, const std::string& request) {
    client.send(request);
    return read_response(client, request.substr(0, request.find(' ')));
}

std::string at(std::uint16_t port) {
    return "\"127.0.0.1:" + std::to_string(port) + '"';
}

/// Which server answered each of so many requests in a row.
std::string answers(raw_socket& client, int count, const std::string& request = get) {
    std::string bodies;
    for (int round = 0; round < count; ++round) {
        bodies += ask(client, request).body;
    }
    return bodies;
}

TEST(upstream_servers, take_turns) {
    scripted_upstream first{answer_always(ok("a"))};
    scripted_upstream second{answer_always(ok("b"))};
    scripted_upstream third{answer_always(ok("c"))};
    running_proxy proxy{{.servers = at(first.port()) + ", " + at(second.port()) + ", " + at(third.port())}};
    auto client = proxy.connect();
    EXPECT_EQ(answers(client, 9), "abcabcabc");
    EXPECT_EQ(first.connections() + second.connections() + third.connections(), 3U) << "each has its own pool";
}

TEST(upstream_servers, with_least_connections_the_idle_one_is_asked) {
    std::atomic<bool> release{false};
    scripted_upstream slow{[&](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            EXPECT_TRUE(wait_until([&] { return release.load(); }));
            peer.send(ok("s"));
        }
    }};
    scripted_upstream fast{answer_always(ok("f"))};
    running_proxy proxy{{.upstream = "balance: least_connections", .servers = at(slow.port()) + ", " + at(fast.port())}};
    auto waiting = proxy.connect();
    waiting.send(get);
    ASSERT_TRUE(wait_until([&] { return !slow.received().empty(); }));
    auto client = proxy.connect();
    EXPECT_EQ(answers(client, 5), "fffff");
    release = true;
    EXPECT_EQ(read_response(waiting).body, "s");
    EXPECT_EQ(answers(client, 4), "sfsf");
}

TEST(upstream_servers, with_least_connections_an_open_websocket_counts) {
    const auto script = [](const std::string& name) {
        return [name](raw_socket& peer, std::size_t) {
            while (peer.has_more()) {
                if (read_request(peer).head.find("Upgrade: websocket") != std::string::npos) {
                    peer.send(accepted());
                    static_cast<void>(peer.receive_to_end());
                    return;
                }
                peer.send(ok(name));
            }
        };
    };
    scripted_upstream first{script("a")};
    scripted_upstream second{script("b")};
    running_proxy proxy{{.upstream = "balance: least_connections", .servers = at(first.port()) + ", " + at(second.port())}};
    auto client = proxy.connect();
    {
        auto socket = proxy.connect();
        socket.send(handshake("/public"));
        EXPECT_THAT(socket.receive_until("\r\n\r\n"), HasSubstr(" 101 "));
        EXPECT_EQ(answers(client, 3), "bbb");
    }
    ASSERT_TRUE(wait_until([&] { return first.finished() == 1; }));
    EXPECT_TRUE(wait_until([&] { return answers(client, 1) == "a"; })) << "it is free again";
}

TEST(upstream_servers, a_request_goes_on_to_the_next_when_a_connection_is_refused) {
    scripted_upstream alive{answer_always(ok("a"))};
    running_proxy proxy{{.servers = at(find_closed_port()) + ", " + at(find_closed_port()) + ", " + at(alive.port())}};
    auto client = proxy.connect();
    EXPECT_EQ(answers(client, 10, post), "aaaaaaaaaa") << "nothing was sent, so a POST may go on too";
}

TEST(upstream_servers, a_get_whose_pooled_connection_died_with_its_server_goes_on_to_the_next) {
    std::optional<scripted_upstream> first;
    first.emplace([](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        peer.send(ok("a"));
        static_cast<void>(read_request(peer)); // and dies without an answer
    });
    scripted_upstream second{answer_always(ok("b"))};
    running_proxy proxy{{.servers = at(first->port()) + ", " + at(second.port())}};
    auto client = proxy.connect();
    EXPECT_EQ(answers(client, 2), "ab");
    first->stop_listening();
    EXPECT_EQ(answers(client, 4), "bbbb");
    EXPECT_EQ(first->connections(), 1U);
}

TEST(upstream_servers, when_one_connection_dies_the_idle_ones_are_not_trusted_any_more) {
    std::atomic<int> waiting{0};
    std::atomic<bool> dying{false};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t number) {
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            if (dying && number < 2) {
                return;
            }
            ++waiting;
            EXPECT_TRUE(wait_until([&] { return waiting >= 2; })); // so that there are two
            peer.send(ok("a"));
        }
    }};
    running_proxy proxy{upstream.port()};
    auto first = proxy.connect();
    auto second = proxy.connect();
    first.send(post);
    second.send(post);
    EXPECT_EQ(read_response(first).status(), 200);
    EXPECT_EQ(read_response(second).status(), 200);
    dying = true;
    EXPECT_EQ(ask(first, post).status(), 502);
    EXPECT_EQ(ask(first, post).status(), 200);
    EXPECT_EQ(upstream.connections(), 3U);
}

TEST(upstream_servers, when_all_refuse_it_is_a_502) {
    running_proxy proxy{{.upstream = "connect_timeout: 200ms", .servers = at(find_closed_port()) + ", " + at(find_closed_port())}};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, get).status(), 502);
    EXPECT_EQ(ask(client, post).status(), 502);
}

struct socket_file {
    std::string path = (std::filesystem::temp_directory_path() / ("bearward_upstream_" + std::to_string(::getpid()))).string();
    ~socket_file() { ::unlink(path.c_str()); }
};

TEST(upstream_servers, can_be_a_unix_socket) {
    const socket_file file;
    scripted_upstream upstream{answer_always(ok("u")), listen_on_unix(file.path)};
    running_proxy proxy{{.servers = "\"unix:" + file.path + '"'}};
    auto client = proxy.connect();
    EXPECT_EQ(answers(client, 3, post), "uuu");
    EXPECT_EQ(upstream.connections(), 1U);
    EXPECT_THAT(upstream.received(), HasSubstr("\r\nHost: a\r\n"));
}

TEST(upstream_servers, can_be_an_address_of_version_6) {
    const auto listener = listen_on_v6();
    if (listener.descriptor < 0) {
        return; // this kernel has no IPv6: listen_on_v6 throws for any other cause
    }
    scripted_upstream upstream{answer_always(ok("6")), listener};
    running_proxy proxy{{.upstream = "forward_host: false", .servers = "\"[::1]:" + std::to_string(upstream.port()) + '"'}};
    auto client = proxy.connect();
    EXPECT_EQ(answers(client, 3), "666");
    EXPECT_THAT(upstream.received(), HasSubstr("\r\nHost: [::1]:" + std::to_string(upstream.port()) + "\r\n"));
}

TEST(upstream_servers, without_forward_host_each_gets_its_own_name) {
    const socket_file file;
    scripted_upstream tcp{answer_always(ok("t"))};
    scripted_upstream local{answer_always(ok("u")), listen_on_unix(file.path)};
    running_proxy proxy{
        {.upstream = "forward_host: false", .servers = at(find_closed_port()) + ", " + at(tcp.port()) + ", \"unix:" + file.path + '"'}};
    auto client = proxy.connect();
    EXPECT_EQ(answers(client, 2), "tu");
    EXPECT_THAT(tcp.received(), HasSubstr("\r\nHost: 127.0.0.1:" + std::to_string(tcp.port()) + "\r\n"));
    EXPECT_THAT(local.received(), HasSubstr("\r\nHost: localhost\r\n"));
    EXPECT_THAT(local.received(), HasSubstr("\r\nX-Forwarded-Host: a\r\n"));
}

/// A server whose accept queue is full: the kernel answers no connect.
class full_server {
public:
    full_server() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in local{};
        local.sin_family = AF_INET;
        local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const address = static_cast<sockaddr*>(static_cast<void*>(&local));
        socklen_t size = sizeof local;
        EXPECT_EQ(::bind(listener_, address, size), 0);
        EXPECT_EQ(::listen(listener_, 0), 0);
        EXPECT_EQ(::getsockname(listener_, address, &size), 0);
        port_ = ntohs(local.sin_port);
        for (auto& each : queued_) {
            each = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            static_cast<void>(::connect(each, address, size));
        }
    }
    ~full_server() {
        for (const int each : queued_) {
            ::close(each);
        }
        ::close(listener_);
    }
    full_server(const full_server&) = delete;
    full_server& operator=(const full_server&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    int listener_;
    std::uint16_t port_ = 0;
    std::array<int, 4> queued_{};
};

TEST(upstream_servers, a_connect_that_takes_too_long_is_a_504) {
    const full_server full;
    running_proxy proxy{full.port(), {.upstream = "connect_timeout: 300ms"}};
    auto client = proxy.connect();
    const auto answer = ask(client, get);
    EXPECT_EQ(answer.status(), 504);
    EXPECT_EQ(answer.body, R"({"detail":"Gateway Timeout"})");
}

TEST(upstream_servers, after_a_slow_connect_the_next_is_asked_and_later_requests_do_not_wait) {
    const full_server full;
    scripted_upstream alive{answer_always(ok("a"))};
    running_proxy proxy{{.upstream = "connect_timeout: 2s", .servers = at(full.port()) + ", " + at(alive.port())}};
    auto client = proxy.connect();
    EXPECT_EQ(answers(client, 1, post), "a");
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(answers(client, 6, post), "aaaaaa");
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s) << "one of them has waited for the full server again";
}

constexpr std::size_t clients = 8;

TEST(upstream_death, of_one_of_two_fails_no_request_but_those_in_flight) {
    std::optional<scripted_upstream> dying;
    dying.emplace(answer_always(ok("a")));
    scripted_upstream other{answer_always(ok("b"))};
    running_proxy proxy{{.servers = at(dying->port()) + ", " + at(other.port()), .threads = 2}};
    load clients_at_work(clients, {get, post, post}, [&] { return proxy.connect(); });
    ASSERT_TRUE(clients_at_work.wait_for(500));
    dying.reset();
    ASSERT_TRUE(clients_at_work.wait_for(2000));
    for (const auto& got : clients_at_work.stop()) {
        std::uint64_t bad = 0;
        for (const auto& [status, count] : got) {
            bad += status == 200 ? 0 : count;
            EXPECT_TRUE(status == 200 || status == 502) << status;
        }
        EXPECT_LE(bad, 1U) << "a client has one request in flight";
    }
}

TEST(upstream_death, and_return_is_bridged_for_requests_that_were_not_in_flight) {
    std::optional<scripted_upstream> upstream;
    upstream.emplace(answer_always(ok("a")));
    const auto port = upstream->port();
    running_proxy proxy{port, {.upstream = "connect_timeout: 8s", .threads = 2}};
    load clients_at_work(clients, {get, post}, [&] { return proxy.connect(); });
    ASSERT_TRUE(clients_at_work.wait_for(500));
    upstream.reset();
    std::this_thread::sleep_for(400ms);
    upstream.emplace(answer_always(ok("b")), port);
    ASSERT_TRUE(clients_at_work.wait_for(1000));
    for (const auto& got : clients_at_work.stop()) {
        for (const auto& [status, count] : got) {
            EXPECT_TRUE(status == 200 || (status == 502 && count == 1)) << count << " times " << status;
        }
    }
}

/// So many requests at the same time, each on its own connection; `meanwhile` runs when
/// all are sent. How many got something else than a 200.
int failures(const running_proxy& proxy, const std::function<void()>& meanwhile) {
    std::vector<raw_socket> all;
    for (int count = 0; count < 12; ++count) {
        all.push_back(proxy.connect());
        all.back().send(get);
    }
    meanwhile();
    int failed = 0;
    for (auto& each : all) {
        failed += read_response(each).status() != 200 ? 1 : 0;
    }
    return failed;
}

TEST(upstream_death, that_is_over_is_over_for_every_worker) {
    const auto port = find_closed_port();
    running_proxy proxy{port, {.upstream = "connect_timeout: 1s", .threads = 2}};
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(failures(proxy, [] { std::this_thread::sleep_for(1500ms); }), 12) << "an outage that both workers see";
        EXPECT_EQ(failures(proxy, [] {}), 12) << "and tell at once";
        {
            scripted_upstream upstream{answer_always(ok("a")), port};
            auto client = proxy.connect();
            ASSERT_TRUE(wait_until([&] { return ask(client, get).status() == 200; })) << "one worker sees its end";
        }
        std::optional<scripted_upstream> again;
        EXPECT_EQ(failures(proxy,
                           [&] {
                               std::this_thread::sleep_for(300ms);
                               again.emplace(answer_always(ok("b")), port);
                           }),
                  0)
            << "a short restart is bridged by all";
    }
}

TEST(upstream_death, that_lasts_is_told_at_once_and_service_is_back_within_a_second_of_its_return) {
    std::optional<scripted_upstream> upstream;
    upstream.emplace(answer_always(ok("a")));
    const auto port = upstream->port();
    running_proxy proxy{port, {.upstream = "connect_timeout: 200ms", .threads = 2}};
    load clients_at_work(clients, {get, post}, [&] { return proxy.connect(); });
    ASSERT_TRUE(clients_at_work.wait_for(500));
    upstream.reset();
    ASSERT_TRUE(wait_until([&] { return clients_at_work.bad() > 200; })) << "after the first ones nobody waits";
    upstream.emplace(answer_always(ok("b")), port);
    std::this_thread::sleep_for(1s);
    const auto bad = clients_at_work.bad();
    ASSERT_TRUE(clients_at_work.wait_for(1000));
    EXPECT_EQ(clients_at_work.bad(), bad);
    for (const auto& got : clients_at_work.stop()) {
        for (const auto& [status, count] : got) {
            EXPECT_TRUE(status == 200 || status == 502) << count << " times " << status;
        }
    }
}

} // namespace
