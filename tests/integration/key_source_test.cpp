// One provider's key source against a server that does what a test says: who waits, how
// often it is asked, and how it ends.
#include "tests/support/fetching_thread.hpp"
#include "tests/support/raw_socket.hpp"
#include "tests/support/scripted_upstream.hpp"

#include "policies/jose/signature.hpp"
#include "proxy/providers/key_source.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

namespace bearward::test {
namespace {

using namespace std::chrono_literals;
using namespace proxy;
using policies::jose::algorithm;
using providers::key_source;
using testing::HasSubstr;

std::string key_set() {
    static const std::string made =
        R"({"keys":[)" + policies::jose::signing_key::generate(algorithm::es256).jwk(algorithm::es256, "k-1") + "]}";
    return made;
}

/// Holds every answer until it is let go.
class gate {
public:
    void open() { open_.set_value(); }
    void wait() const { opened_.wait_for(10s); }

private:
    std::promise<void> open_;
    std::shared_future<void> opened_ = open_.get_future().share();
};

config::key_source_settings settings_for(std::uint16_t port) {
    config::key_source_settings made;
    made.provider = "main";
    made.from = config::parse_url("http://127.0.0.1:" + std::to_string(port) + "/keys").value();
    made.algorithms = {algorithm::es256};
    made.how.min_refresh = 1s;
    made.how.timeout = 2s;
    return made;
}

template <class Holds>
bool soon(Holds holds) {
    for (int left = 1000; left != 0 && !holds(); --left) {
        std::this_thread::sleep_for(10ms);
    }
    return holds();
}

TEST(key_source_test, fetches_at_the_start_and_publishes_to_every_ring) {
    scripted_upstream server(answer_always(answer_of(key_set())));
    fetching_thread at;
    auto& source = at.start(settings_for(server.port()));
    EXPECT_TRUE(source.wait_for_keys(std::chrono::steady_clock::now() + 5s));
    ASSERT_TRUE(soon([&] { return at.ring->current().keys != nullptr; }));
    const auto late = std::make_shared<policies::tokens::key_ring>();
    source.publish_to(late);
    EXPECT_EQ(late->current().keys, at.ring->current().keys) << "of another generation";
    EXPECT_THAT(server.received(), testing::StartsWith("GET /keys HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
    EXPECT_EQ(server.received().find("Authorization"), std::string::npos);
    EXPECT_EQ(at.counts->successes.load(), 1U);
}

TEST(key_source_test, all_who_wait_share_one_fetch) {
    gate held;
    scripted_upstream server([&](raw_socket& peer, std::size_t) {
        held.wait();
        peer.send(answer_of(key_set()));
    });
    fetching_thread at;
    at.start(settings_for(server.port()));
    std::atomic<int> over{0};
    for (int count = 0; count < 300; ++count) {
        EXPECT_GE(at.begin(over), 2s);
    }
    EXPECT_EQ(over.load(), 0);
    held.open();
    EXPECT_TRUE(soon([&] { return over.load() == 300; })) << over.load();
    EXPECT_EQ(server.connections(), 1U);
}

TEST(key_source_test, no_more_than_so_many_wait) {
    gate held;
    scripted_upstream server([&](raw_socket& peer, std::size_t) {
        held.wait();
        peer.send(answer_of(key_set()));
    });
    fetching_thread at;
    at.start(settings_for(server.port()));
    std::atomic<int> over{0};
    for (std::size_t count = 0; count < key_source::most_waiting; ++count) {
        ASSERT_NE(at.begin(over), 0ms);
    }
    EXPECT_EQ(at.begin(over), 0ms);
    held.open();
    EXPECT_TRUE(soon([&] { return over.load() == static_cast<int>(key_source::most_waiting); }));
}

TEST(key_source_test, a_request_causes_no_fetch_before_min_refresh_has_passed) {
    scripted_upstream server(answer_always(answer_of(key_set())));
    fetching_thread at;
    auto& source = at.start(settings_for(server.port()));
    ASSERT_TRUE(source.wait_for_keys(std::chrono::steady_clock::now() + 5s));
    const auto wall = [] { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); };
    std::atomic<int> over{0};
    ASSERT_TRUE(soon([&] { return !at.ring->may_be_outdated(wall()); }));
    EXPECT_EQ(at.begin(over), 0ms);
    // From the very moment in which a request sees that others may be there, one may be fetched.
    while (!at.ring->may_be_outdated(wall())) {
    }
    EXPECT_NE(at.begin(over), 0ms);
    EXPECT_TRUE(soon([&] { return over.load() == 1; }));
    EXPECT_EQ(server.connections(), 2U);
    EXPECT_EQ(at.begin(over), 0ms);
}

TEST(key_source_test, while_fetches_fail_requests_cause_none) {
    const auto port = find_closed_port();
    fetching_thread at;
    auto& source = at.start(settings_for(port));
    EXPECT_FALSE(source.wait_for_keys(std::chrono::steady_clock::now() + 5s)) << "the first fetch is over";
    std::atomic<int> over{0};
    EXPECT_EQ(at.begin(over), 0ms);
    EXPECT_THAT(source.status().last_error, HasSubstr("Connection refused"));
    EXPECT_TRUE(at.ring->may_be_outdated(policies::time_point{})) << "nobody can say that a token is bad";
    EXPECT_EQ(at.counts->failures.load(), 1U);
}

TEST(key_source_test, a_stop_lets_go_who_waits_and_ends_the_fetch) {
    gate held;
    scripted_upstream server([&](raw_socket&, std::size_t) { held.wait(); });
    fetching_thread at;
    auto& source = at.start(settings_for(server.port()));
    std::atomic<int> over{0};
    EXPECT_NE(at.begin(over), 0ms);
    std::jthread reload([&] { EXPECT_FALSE(source.wait_for_keys(std::chrono::steady_clock::now() + 60s)); });
    ASSERT_TRUE(soon([&] { return server.connections() == 1; }));
    at.run([&] { source.stop(); });
    EXPECT_TRUE(soon([&] { return over.load() == 1; }));
    EXPECT_EQ(at.begin(over), 0ms);
    reload.join();
    held.open();
}

TEST(key_source_test, the_same_keys_again_empty_no_cache) {
    scripted_upstream server(answer_always(answer_of(key_set())));
    fetching_thread at;
    auto settings = settings_for(server.port());
    settings.how.refresh = 1s;
    auto& source = at.start(settings);
    ASSERT_TRUE(source.wait_for_keys(std::chrono::steady_clock::now() + 5s));
    ASSERT_TRUE(soon([&] { return at.ring->current().keys != nullptr; }));
    const auto epoch = at.ring->epoch();
    ASSERT_TRUE(soon([&] { return server.connections() >= 3; }));
    EXPECT_EQ(at.ring->epoch(), epoch);
}

} // namespace
} // namespace bearward::test
