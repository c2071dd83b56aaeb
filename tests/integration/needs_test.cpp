// Requests whose provider has no keys yet: they wait for a round of whoever gets them,
// and no longer.
#include "tests/support/messages.hpp"
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include "proxy/supplier.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace bearward::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// What the tests see of the rounds.
struct rounds {
    std::chrono::milliseconds at_most{5'000};
    bool brings_keys = true;
    bool ends = true;
    std::atomic<int> begun{0};
    std::atomic<int> over{0};
    std::mutex mutex;
    proxy::ready_loop* loop = nullptr;    ///< of the last one
    std::function<void()> last;           ///< says that it is over
    policies::tokens::key_set_ptr keys{}; ///< taken away at the start
    std::shared_ptr<policies::tokens::key_ring> ring;
};

/// Fetches the keys from where they were put: a round on a thread of its own.
class slow_keys final : public proxy::supplier {
public:
    explicit slow_keys(rounds& seen) : seen_(seen) {}

    std::chrono::milliseconds begin(const policies::need& what, proxy::ready_loop& on, std::function<void()> over) override {
        EXPECT_EQ(what.what, policies::need::kind::keys);
        EXPECT_EQ(what.of->rules.provider, "main");
        ++seen_.begun;
        if (seen_.ends && seen_.at_most != 0ms) {
            threads_.emplace_back([this, &on, over = std::move(over)] {
                std::this_thread::sleep_for(100ms);
                if (seen_.brings_keys) {
                    seen_.ring->replace(seen_.keys);
                }
                ++seen_.over;
                on.post(over);
            });
        } else {
            const std::lock_guard lock(seen_.mutex);
            seen_.loop = &on;
            seen_.last = std::move(over);
        }
        return seen_.at_most;
    }

private:
    rounds& seen_;
    std::vector<std::jthread> threads_;
};

/// A proxy whose provider has lost its keys.
struct scene {
    explicit scene(bool with_supplier = true) : supplied(with_supplier) {}

    running_proxy& start() {
        proxy_options options;
        if (!log_file.empty()) {
            options.log = "level: error, access: on, output: \"" + log_file + '"';
        }
        options.supplies = [this](const policies::snapshot& rules) -> std::unique_ptr<proxy::supplier> {
            seen.ring = std::get<policies::jwt_provider>(rules.providers.front().how).keys;
            seen.keys = seen.ring->current().keys;
            seen.ring->replace(nullptr);
            return supplied ? std::make_unique<slow_keys>(seen) : nullptr;
        };
        proxy = std::make_unique<running_proxy>(app.port(), options);
        return *proxy;
    }

    bool supplied;
    std::string log_file; ///< empty: no access log
    rounds seen;
    scripted_upstream app{answer_always(ok("hello"))};
    std::unique_ptr<running_proxy> proxy;
};

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n" + authorized() + "\r\n";

void expect_unavailable(const message& answer) {
    EXPECT_EQ(answer.status(), 503);
    EXPECT_THAT(answer.head, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_THAT(answer.body, HasSubstr("Authentication is unavailable"));
}

TEST(needs_test, one_round_and_the_request_is_served) {
    scene at;
    auto client = at.start().connect();
    client.send(get);
    EXPECT_EQ(read_response(client).body, "hello");
    EXPECT_EQ(at.seen.begun, 1);
    client.send(get);
    EXPECT_EQ(read_response(client).status(), 200);
    EXPECT_EQ(at.seen.begun, 1) << "the keys are there now";
}

TEST(needs_test, bytes_that_come_meanwhile_are_kept) {
    scene at;
    auto client = at.start().connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\n" + authorized() + "Content-Length: 5\r\n\r\nab");
    ASSERT_TRUE(wait_until([&] { return at.seen.begun == 1; }));
    client.send("cde" + get);
    EXPECT_EQ(read_response(client).status(), 200);
    EXPECT_EQ(read_response(client).status(), 200);
    EXPECT_THAT(at.app.received(), HasSubstr("\r\n\r\nabcde"));
}

TEST(needs_test, a_round_that_brings_nothing_is_the_only_one) {
    scene at;
    at.seen.brings_keys = false;
    auto client = at.start().connect();
    client.send(get);
    expect_unavailable(read_response(client));
    EXPECT_EQ(at.seen.begun, 1);
    EXPECT_EQ(at.app.connections(), 0U) << "nothing reached the upstream";
    at.seen.ring->replace(at.seen.keys);
    client.send(get);
    EXPECT_EQ(read_response(client).status(), 200) << "the connection goes on";
}

TEST(needs_test, a_round_that_does_not_end_is_waited_for_so_long) {
    scene at;
    at.seen.ends = false;
    at.seen.at_most = 300ms;
    auto client = at.start().connect();
    client.send(get);
    expect_unavailable(read_response(client));
    EXPECT_EQ(at.seen.begun, 1);
    EXPECT_EQ(at.app.connections(), 0U);
    at.seen.loop->post(at.seen.last); // too late: nobody waits
    at.seen.ring->replace(at.seen.keys);
    client.send(get);
    EXPECT_EQ(read_response(client).status(), 200);
}

TEST(needs_test, what_can_not_be_had_is_said_at_once) {
    for (const bool supplied : {true, false}) {
        scene at(supplied);
        at.seen.at_most = 0ms;
        auto client = at.start().connect();
        client.send(get);
        expect_unavailable(read_response(client));
        EXPECT_EQ(at.seen.begun, supplied ? 1 : 0);
        EXPECT_EQ(at.app.connections(), 0U);
    }
}

TEST(needs_test, public_routes_do_not_wait) {
    scene at;
    auto client = at.start().connect();
    client.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(read_response(client).status(), 200);
    EXPECT_EQ(at.seen.begun, 0);
}

TEST(needs_test, a_client_that_leaves_meanwhile_leaves_nothing_behind) {
    for (const bool with_reset : {false, true}) {
        scene at;
        at.seen.ends = false;
        at.seen.at_most = 30'000ms;
        auto& proxy = at.start();
        auto client = proxy.connect();
        client.send(get);
        ASSERT_TRUE(wait_until([&] { return at.seen.begun == 1; }));
        with_reset ? client.reset() : client.close();
        EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }, 6s)) << (with_reset ? "reset" : "end");
        EXPECT_EQ(proxy.service().counts().exchanges, 0U);
        at.seen.ring->replace(at.seen.keys);
        at.seen.loop->post(at.seen.last); // its exchange is gone, or another request's
        auto other = proxy.connect();
        other.send(get);
        EXPECT_EQ(read_response(other).status(), 200);
    }
}

TEST(needs_test, a_client_that_leaves_meanwhile_is_logged_as_gone_and_not_as_refused) {
    scene at;
    at.log_file = testing::TempDir() + "bearward-needs-" + std::to_string(::getpid()) + ".log";
    at.seen.ends = false;
    at.seen.at_most = 30'000ms;
    auto& proxy = at.start();
    auto client = proxy.connect();
    client.send(get);
    ASSERT_TRUE(wait_until([&] { return at.seen.begun == 1; }));
    client.reset();
    ASSERT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }, 6s));
    proxy.end();
    std::ifstream file(at.log_file);
    const std::string log((std::istreambuf_iterator<char>(file)), {});
    std::filesystem::remove(at.log_file);
    EXPECT_THAT(log, HasSubstr("\"status\":499"));
    EXPECT_THAT(log, HasSubstr("\"cause\":\"the client left\""));
    EXPECT_THAT(log, testing::Not(HasSubstr("keys_unavailable")));
    EXPECT_EQ(at.app.connections(), 0U);
}

TEST(needs_test, a_stop_does_not_wait) {
    scene at;
    at.seen.ends = false;
    at.seen.at_most = 60'000ms;
    auto client = at.start().connect();
    client.send(get);
    ASSERT_TRUE(wait_until([&] { return at.seen.begun == 1; }));
    const auto before = std::chrono::steady_clock::now();
    at.proxy->end();
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
    EXPECT_EQ(client.receive_to_end(), "");
}

} // namespace
} // namespace bearward::test
