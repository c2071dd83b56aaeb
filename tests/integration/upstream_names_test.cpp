// Servers that are names: every address is tried, and refreshes move requests
// without stalling them.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";

message ask(raw_socket& client) {
    client.send(get);
    return read_response(client);
}

/// What the one name stands for; may change while a proxy runs. Its state is
/// shared with look-ups, which may outlive a test.
class changing_name {
public:
    explicit changing_name(std::vector<std::string> addresses) { set(std::move(addresses)); }
    ~changing_name() { set_stuck(false); }
    changing_name(const changing_name&) = delete;
    changing_name& operator=(const changing_name&) = delete;

    void set(std::vector<std::string> addresses) {
        const std::lock_guard lock(shared_->mutex);
        shared_->addresses = std::move(addresses);
    }
    /// Look-ups hang.
    void set_stuck(bool stuck) { shared_->stuck = stuck; }
    [[nodiscard]] int asked() const { return shared_->asked; }
    [[nodiscard]] bearward::proxy::upstream::lookup_function function() const {
        return [shared = shared_](const std::string& name) { return shared->look_up(name); };
    }

private:
    struct shared {
        bearward::proxy::upstream::lookup_result look_up(const std::string& name) {
            ++asked;
            static_cast<void>(wait_until([this] { return !stuck.load(); }));
            const std::lock_guard lock(mutex);
            if (addresses.empty() || name != "app.test") {
                return std::unexpected("no such name");
            }
            std::vector<boost::asio::ip::address> found;
            for (const auto& each : addresses) {
                found.push_back(boost::asio::ip::make_address(each));
            }
            return found;
        }

        std::mutex mutex;
        std::vector<std::string> addresses;
        std::atomic<int> asked{0};
        std::atomic<bool> stuck{false};
    };
    std::shared_ptr<shared> shared_ = std::make_shared<shared>();
};

std::string named(std::uint16_t port) {
    return "\"app.test:" + std::to_string(port) + '"';
}

TEST(upstream_names, each_address_is_tried) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    changing_name name{{"127.0.0.2", "::1", "127.0.0.1"}};
    running_proxy proxy{{.servers = named(upstream.port()), .names = name.function()}};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client).body, "hi");
}

TEST(upstream_names, requests_move_when_the_name_does) {
    scripted_upstream before{answer_always(ok("before"))};
    scripted_upstream after{answer_always(ok("after")), listen_on_second_address(before.port())};
    changing_name name{{"127.0.0.1"}};
    running_proxy proxy{{.upstream = "dns_refresh: 100ms", .servers = named(before.port()), .names = name.function()}};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client).body, "before");
    name.set({"127.0.0.2"});
    EXPECT_TRUE(wait_until([&] { return before.finished() == 1; })) << "idle connections to the old address end";
    EXPECT_EQ(ask(client).body, "after");
}

TEST(upstream_names, a_refresh_that_fails_or_hangs_changes_nothing) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    changing_name name{{"127.0.0.1"}};
    running_proxy proxy{
        {.upstream = "dns_refresh: 100ms, max_idle_connections: 0", .servers = named(upstream.port()), .names = name.function()}};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client).body, "hi");
    name.set({});
    const int failed = name.asked();
    ASSERT_TRUE(wait_until([&] { return name.asked() > failed + 1; }));
    EXPECT_EQ(ask(client).body, "hi");
    name.set_stuck(true);
    const int hanging = name.asked();
    ASSERT_TRUE(wait_until([&] { return name.asked() > hanging; }));
    EXPECT_EQ(ask(client).body, "hi");
}

TEST(upstream_names, a_name_that_is_not_there_is_a_502_until_it_is) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    changing_name name{{}};
    running_proxy proxy{
        {.upstream = "connect_timeout: 100ms, dns_refresh: 100ms", .servers = named(upstream.port()), .names = name.function()}};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client).status(), 502);
    name.set({"127.0.0.1"});
    EXPECT_TRUE(wait_until([&] { return ask(client).status() == 200; }));
}

TEST(upstream_names, a_stop_waits_for_no_look_up) {
    changing_name name{{"127.0.0.1"}};
    name.set_stuck(true);
    running_proxy proxy{{.upstream = "connect_timeout: 1m", .servers = named(1), .names = name.function()}};
    auto client = proxy.connect();
    client.send(get);
    ASSERT_TRUE(wait_until([&] { return name.asked() > 0; }));
    proxy.end();
    static_cast<void>(client.receive_to_end());
    EXPECT_NE(client.ended(), ending::none);
}

} // namespace
