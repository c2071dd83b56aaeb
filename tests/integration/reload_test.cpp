// A configuration swapped under load: what is new counts from the next request,
// what is under way ends as it began, and listeners that did not change stay.
#include "config/configuration.hpp"
#include "proxy/service.hpp"
#include "tests/support/messages.hpp"
#include "tests/support/raw_socket.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace bearward::test {
namespace {

config::configuration parse(const std::string& listen, std::uint16_t upstream, const std::string& route) {
    const std::string text =
        "version: 1\nthreads: 2\nlisten: " + listen +
        "\nadmin: {address: off}\nlog: {access: off}\nupstreams: {app: {servers: [\"127.0.0.1:" + std::to_string(upstream) +
        "\"]}}\ndefaults: {upstream: app}\nroutes: [" + route.substr(0, route.rfind('}')) + ", auth: none}]\n";
    auto result = config::load_text(text, "reload.yaml");
    if (!result.loaded) {
        throw std::runtime_error(result.diagnostics.empty() ? "no configuration" : to_string(result.diagnostics.front()));
    }
    return *std::move(result.loaded);
}

std::uint16_t port_of(const std::string& address) {
    std::uint16_t port = 0;
    const auto colon = address.rfind(':') + 1;
    std::from_chars(address.data() + colon, address.data() + address.size(), port);
    return port;
}

constexpr std::string_view one_listener = "[{address: \"127.0.0.1:0\"}]";

int get(raw_socket& client, std::string_view path) {
    client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return read_response(client).status();
}

TEST(reload_test, new_rules_count_from_the_next_request_on_the_same_connection) {
    scripted_upstream app(answer_always(ok("hello")));
    proxy::service proxy(parse(std::string(one_listener), app.port(), "{prefix: /old}"));
    proxy.start();
    auto client = raw_socket::connect(port_of(proxy.listeners()[0].address));
    EXPECT_EQ(get(client, "/old"), 200);
    EXPECT_EQ(get(client, "/new"), 404);

    EXPECT_TRUE(proxy.reload(parse(std::string(one_listener), app.port(), "{prefix: /new}")).empty());

    EXPECT_TRUE(wait_until([&] { return get(client, "/new") == 200; }));
    EXPECT_EQ(get(client, "/old"), 404);
    EXPECT_EQ(app.connections(), 1U) << "an upstream that did not change keeps its connections";
}

TEST(reload_test, a_unix_listener_that_comes_and_goes_disturbs_no_connection_that_ends_meanwhile) {
    scripted_upstream app(answer_always(ok("hello")));
    const std::string path = ::testing::TempDir() + "reload_" + std::to_string(::getpid());
    const std::string both = "[{address: \"127.0.0.1:0\"}, {address: \"unix:" + path + "\", name: local}]";
    proxy::service proxy(parse(std::string(one_listener), app.port(), "{prefix: /}"));
    proxy.start();
    const auto port = port_of(proxy.listeners()[0].address);
    std::atomic<bool> ended{false};
    std::atomic<unsigned> wrong{0};
    std::vector<std::thread> clients;
    for (int client = 0; client < 4; ++client) {
        clients.emplace_back([&] {
            while (!ended.load()) {
                auto one = raw_socket::connect(port);
                one.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
                wrong += read_response(one).status() == 200 ? 0 : 1;
            }
        });
    }
    for (int round = 0; round < 40; ++round) {
        proxy.reload(parse(round % 2 == 0 ? both : std::string(one_listener), app.port(), "{prefix: /}"));
    }
    ended = true;
    for (auto& each : clients) {
        each.join();
    }
    EXPECT_EQ(wrong.load(), 0U);
}

TEST(reload_test, a_request_under_way_ends_with_the_rules_and_the_upstream_it_began_with) {
    std::atomic<bool> go{false};
    scripted_upstream slow([&](raw_socket& peer, std::size_t) {
        (void)read_request(peer);
        (void)wait_until([&] { return go.load(); });
        peer.send(ok("from the old one"));
        (void)peer.has_more();
    });
    scripted_upstream other(answer_always(ok("from the new one")));
    proxy::service proxy(parse(std::string(one_listener), slow.port(), "{prefix: /}"));
    proxy.start();
    const auto port = port_of(proxy.listeners()[0].address);
    auto waiting = raw_socket::connect(port);
    waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(wait_until([&] { return !slow.received().empty(); }));

    proxy.reload(parse(std::string(one_listener), other.port(), "{prefix: /}"));
    auto fresh = raw_socket::connect(port);
    ASSERT_TRUE(wait_until([&] {
        fresh.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        return read_response(fresh).body == "from the new one";
    }));
    go = true;

    EXPECT_EQ(read_response(waiting).body, "from the old one");
}

/// Half a head, on a connection that has served a request before or not.
class half_heads_test : public testing::TestWithParam<bool> {};

TEST_P(half_heads_test, are_judged_by_the_rules_in_force_when_they_are_whole) {
    scripted_upstream app(answer_always(ok("hello")));
    proxy::service proxy(parse(std::string(one_listener), app.port(), "{prefix: /old}"));
    proxy.start();
    const auto port = port_of(proxy.listeners()[0].address);
    const auto begin = [&](std::string_view half) {
        auto client = raw_socket::connect(port);
        if (GetParam()) {
            EXPECT_EQ(get(client, "/old"), 200);
        }
        client.send(half);
        return client;
    };
    auto request = begin("GET /old HT");
    auto handshakes = begin("GET /old HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n");
    ASSERT_TRUE(wait_until([&] { return proxy.counts().exchanges == 2; }));
    const auto asked = app.connections();

    proxy.reload(parse(std::string(one_listener), app.port(), "{prefix: /new}"));

    request.send("TP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(read_response(request).status(), 404);
    handshakes.send("Connection: upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_EQ(read_response(handshakes).status(), 404);
    EXPECT_EQ(app.connections(), asked);
}

TEST_P(half_heads_test, obey_the_limits_in_force) {
    scripted_upstream app(answer_always(ok("hello")));
    const auto with_limit = [&](const std::string& size) {
        auto settings = parse(std::string(one_listener), app.port(), "{prefix: /old}");
        settings.limits.max_request_target = size == "small" ? 64 : 16 * 1024;
        return settings;
    };
    proxy::service proxy(with_limit("large"));
    proxy.start();
    auto client = raw_socket::connect(port_of(proxy.listeners()[0].address));
    if (GetParam()) {
        EXPECT_EQ(get(client, "/old"), 200);
    }
    client.send("GET /old?" + std::string(100, 'x'));
    ASSERT_TRUE(wait_until([&] { return proxy.counts().exchanges == 1; }));
    proxy.reload(with_limit("small"));
    client.send(" HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(read_response(client).status(), 414);
}

INSTANTIATE_TEST_SUITE_P(later_on_a_connection, half_heads_test, testing::Bool());

TEST(reload_test, listeners_that_stay_keep_their_port_and_others_come_and_go) {
    scripted_upstream app(answer_always(ok("hello")));
    const std::string two = "[{address: \"127.0.0.1:0\"}, {address: \"127.0.0.2:0\", name: second}]";
    proxy::service proxy(parse(two, app.port(), "{prefix: /, listeners: [second]}"));
    proxy.start();
    const auto before = proxy.listeners();
    auto first = raw_socket::connect(port_of(before[0].address));
    EXPECT_EQ(get(first, "/"), 404) << "the route is the second listener's";

    // What was second stands first now; the other one is gone, a third one new.
    const std::string changed = "[{address: \"127.0.0.3:0\"}, {address: \"127.0.0.1:0\", name: second}]";
    proxy.reload(parse(changed, app.port(), "{prefix: /, listeners: [second]}"));

    const auto after = proxy.listeners();
    ASSERT_EQ(after.size(), 2U);
    EXPECT_EQ(after[1].address, before[0].address);
    EXPECT_TRUE(wait_until([&] { return get(first, "/") == 200; })) << "an open connection follows its listener's new name";
}

TEST(reload_test, an_address_that_cannot_be_bound_changes_nothing) {
    scripted_upstream app(answer_always(ok("hello")));
    proxy::service proxy(parse(std::string(one_listener), app.port(), "{prefix: /old}"));
    proxy.start();
    const auto before = proxy.listeners();
    const std::string wrong = "[{address: \"unix:/nonexistent/directory/socket\"}]";

    EXPECT_THROW(proxy.reload(parse(wrong, app.port(), "{prefix: /new}")), std::runtime_error);

    EXPECT_EQ(proxy.listeners()[0].address, before[0].address);
    auto client = raw_socket::connect(port_of(before[0].address));
    EXPECT_EQ(get(client, "/old"), 200);
}

TEST(reload_test, what_needs_a_restart_is_said) {
    scripted_upstream app(answer_always(ok("hello")));
    auto settings = parse(std::string(one_listener), app.port(), "{prefix: /}");
    proxy::service proxy(settings);
    proxy.start();
    settings.threads = 1;
    settings.log.identity = false;

    const auto notes = proxy.reload(settings);

    ASSERT_EQ(notes.size(), 2U);
    EXPECT_TRUE(notes[0].starts_with("threads:")) << notes[0];
    EXPECT_TRUE(notes[1].starts_with("log:")) << notes[1];
}

} // namespace
} // namespace bearward::test
