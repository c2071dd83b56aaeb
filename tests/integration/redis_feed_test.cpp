// The copy of a Redis' revocations beside a server that says what the test wants, when it
// wants: what comes in an order that a real one seldom gives.
#include "config/configuration.hpp"
#include "policies/tokens/shared_revocations.hpp"
#include "proxy/providers/revocations.hpp"
#include "tests/support/raw_socket.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace bearward::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view key = "bearward:revocations";
constexpr std::string_view for_ever = "inf";

std::string bulk(std::string_view text) {
    return '$' + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

std::string page(std::string_view cursor, const std::vector<std::string>& members) {
    std::string text = "*2\r\n" + bulk(cursor) + '*' + std::to_string(2 * members.size()) + "\r\n";
    for (const std::string& each : members) {
        text += bulk(each) + bulk(for_ever);
    }
    return text;
}

std::string message(std::string_view payload) {
    return "*3\r\n" + bulk("message") + bulk(key) + bulk(payload);
}

/// Answers commands as a test says; what it leaves open is answered as Redis does.
class scripted_redis {
public:
    /// The reply; empty: as usual. "close": none, and the connection ends.
    using answer = std::function<std::string(const std::vector<std::string>& command)>;

    explicit scripted_redis(answer how) : how_(std::move(how)), server_([this](raw_socket& peer, std::size_t) { serve(peer); }) {}

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    /// To whoever listens to the channel.
    void publish(std::string_view payload) {
        const std::lock_guard lock(mutex_);
        if (listening_ != nullptr) {
            listening_->send(message(payload));
        }
    }

private:
    static std::vector<std::string> read_command(raw_socket& peer) {
        const auto number_after = [&peer](char mark) {
            const std::string line = peer.receive_until("\r\n");
            return line.front() == mark ? std::strtoul(line.c_str() + 1, nullptr, 10) : throw std::runtime_error("no command: " + line);
        };
        std::vector<std::string> words(number_after('*'));
        for (std::string& each : words) {
            each = peer.receive_exactly(number_after('$') + 2);
            each.resize(each.size() - 2);
        }
        return words;
    }

    void serve(raw_socket& peer) {
        while (peer.has_more()) {
            const auto command = read_command(peer);
            std::string reply = how_(command);
            if (reply == "close") {
                break;
            }
            const bool subscribes = command.front() == "SUBSCRIBE";
            if (reply.empty()) {
                reply = subscribes                   ? "*3\r\n" + bulk("subscribe") + bulk(key) + ":1\r\n"
                        : command.front() == "PING"  ? std::string(listens(peer) ? "*2\r\n$4\r\npong\r\n$0\r\n\r\n" : "+PONG\r\n")
                        : command.front() == "ZSCAN" ? page("0", {})
                                                     : std::string("-ERR unknown command\r\n");
            }
            const std::lock_guard lock(mutex_);
            listening_ = subscribes ? &peer : listening_;
            peer.send(reply);
        }
        const std::lock_guard lock(mutex_);
        listening_ = listening_ == &peer ? nullptr : listening_;
    }

    [[nodiscard]] bool listens(const raw_socket& peer) {
        const std::lock_guard lock(mutex_);
        return listening_ == &peer;
    }

    answer how_;
    std::mutex mutex_;
    raw_socket* listening_ = nullptr;
    scripted_upstream server_;
};

config::configuration parse(std::uint16_t redis, const std::string& more) {
    const std::string text = "version: 1\nlisten: [{address: \"127.0.0.1:0\"}]\nupstreams: {app: {servers: [\"127.0.0.1:1\"]}}\n"
                             "providers: {main: {audiences: [app], algorithms: [HS256], keys: {secret: {value: "
                             "0123456789abcdef0123456789abcdef}}, revocation: {redis: {address: \"127.0.0.1:" +
                             std::to_string(redis) + "\", " + more + "}}}}\nroutes: [{prefix: /, upstream: app, providers: [main]}]\n";
    auto result = config::load_text(text, "redis.yaml");
    if (!result.loaded) {
        throw std::runtime_error(result.diagnostics.empty() ? "no configuration" : to_string(result.diagnostics.front()));
    }
    return *std::move(result.loaded);
}

/// The sources of revocations on a thread of their own, as the proxy has them.
class followed {
public:
    explicit followed(std::uint16_t redis, const std::string& more = "fail: closed")
        : settings_(parse(redis, more)), all_(context_, known_, 1), thread_([this] { context_.run(); }) {
        all_.adopt(all_.prepare(settings_));
    }
    ~followed() {
        std::promise<void> stopped;
        asio::post(context_, [&] {
            all_.stop();
            stopped.set_value();
        });
        stopped.get_future().wait();
        work_.reset();
        context_.stop();
        thread_.join();
    }
    followed(const followed&) = delete;
    followed& operator=(const followed&) = delete;

    [[nodiscard]] proxy::providers::redis_feed_status status() const { return all_.statuses().front(); }
    [[nodiscard]] bool current() const { return status().current; }
    /// "ok" or the reason for which a token of this user is refused.
    [[nodiscard]] std::string verdict(const std::string& user) const {
        policies::tokens::verified_token token;
        token.who.user = user;
        const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        const auto found = policies::tokens::find_revocation(*settings_.rules->providers[0].revoked_elsewhere, "main", token, now, 0);
        return found ? std::string(to_string(found->why)) : "ok";
    }
    /// How POST /revoke ends.
    proxy::providers::revocation_outcome revoke(const std::string& user) {
        std::promise<proxy::providers::revocation_outcome> outcome;
        asio::post(context_, [&] {
            all_.keep({.entry = {.what = {policies::tokens::revocation_kind::user, user}, .provider = {}},
                       .until = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 1h},
                      [&](proxy::providers::revocation_outcome made) { outcome.set_value(std::move(made)); });
        });
        return outcome.get_future().get();
    }

private:
    config::configuration settings_;
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(context_);
    proxy::upstream::directory known_{proxy::upstream::look_up_name};
    proxy::providers::revocations all_;
    std::thread thread_;
};

TEST(redis_feed_test, a_change_while_the_set_is_read_wins_over_what_is_read) {
    std::atomic<followed*> reader{nullptr};
    scripted_redis* server = nullptr;
    scripted_redis redis([&](const std::vector<std::string>& command) -> std::string {
        if (command.front() != "ZSCAN") {
            return {};
        }
        if (command[2] == "0") {
            return page("7", {"user:a", "user:early"});
        }
        server->publish("0 user:a");
        server->publish("0 user:late");
        server->publish("inf user:added");
        EXPECT_TRUE(wait_until([&] { return reader.load() != nullptr && reader.load()->verdict("added") != "ok"; }));
        return page("0", {"user:a", "user:late", "user:b"});
    });
    server = &redis;
    followed copy(redis.port(), "fail: open");
    reader = &copy;
    ASSERT_TRUE(wait_until([&] { return copy.current(); }));
    EXPECT_EQ(copy.verdict("a"), "ok");
    EXPECT_EQ(copy.verdict("late"), "ok");
    EXPECT_EQ(copy.verdict("added"), "token_revoked");
    EXPECT_EQ(copy.verdict("early"), "token_revoked");
    EXPECT_EQ(copy.verdict("b"), "token_revoked");
    EXPECT_EQ(copy.status().entries, 3U);
}

TEST(redis_feed_test, nothing_is_gone_after_a_reading_that_breaks_off) {
    std::atomic<int> readings{0};
    scripted_redis redis([&](const std::vector<std::string>& command) -> std::string {
        if (command.front() != "ZSCAN") {
            return {};
        }
        if (command[2] != "0") {
            return "close";
        }
        return readings++ == 0 ? page("0", {"user:a"}) : page("9", {"user:b"});
    });
    followed copy(redis.port(), "fail: open, refresh: 1s");
    ASSERT_TRUE(wait_until([&] { return copy.verdict("a") == "token_revoked" && copy.current(); }));
    ASSERT_TRUE(wait_until([&] { return readings.load() > 2; }));
    EXPECT_EQ(copy.verdict("a"), "token_revoked");
    EXPECT_TRUE(wait_until([&] { return !copy.current(); })) << "it was not read whole for a second";
    EXPECT_EQ(copy.verdict("a"), "token_revoked");
    EXPECT_THAT(copy.status().last_error, HasSubstr("ZSCAN"));
}

TEST(redis_feed_test, a_needed_one_refuses_until_it_was_read_whole_and_when_it_is_lost) {
    std::atomic<bool> well{false};
    scripted_redis redis([&](const std::vector<std::string>& command) -> std::string {
        if (command.front() == "ZSCAN" && !well) {
            return "-LOADING Redis is loading the dataset in memory\r\n";
        }
        return command.front() == "PING" && !well ? "close" : "";
    });
    followed copy(redis.port());
    ASSERT_TRUE(wait_until([&] { return !copy.status().last_error.empty(); }));
    EXPECT_THAT(copy.status().last_error, HasSubstr("LOADING"));
    EXPECT_EQ(copy.verdict("a"), "revocation_unavailable");
    well = true;
    ASSERT_TRUE(wait_until([&] { return copy.verdict("a") == "ok"; }));
    well = false;
    EXPECT_TRUE(wait_until([&] { return copy.verdict("a") == "revocation_unavailable"; }));
    well = true;
    EXPECT_TRUE(wait_until([&] { return copy.verdict("a") == "ok"; }));
}

TEST(redis_feed_test, a_server_that_stops_answering_is_lost) {
    std::atomic<bool> silent{false};
    scripted_redis redis([&](const std::vector<std::string>&) -> std::string {
        while (silent) {
            std::this_thread::sleep_for(10ms);
        }
        return {};
    });
    followed copy(redis.port());
    ASSERT_TRUE(wait_until([&] { return copy.current(); }));
    silent = true;
    EXPECT_TRUE(wait_until([&] { return copy.verdict("a") == "revocation_unavailable"; }));
    EXPECT_THAT(copy.status().last_error, HasSubstr("no answer"));
    silent = false;
}

TEST(redis_feed_test, an_order_is_kept_once_the_set_has_it_and_everybody_was_told) {
    std::mutex mutex;
    std::vector<std::string> said;
    std::atomic<bool> mute{false};
    scripted_redis redis([&](const std::vector<std::string>& command) -> std::string {
        const std::string& name = command.front();
        {
            const std::lock_guard lock(mutex);
            said.push_back(name);
        }
        if (name == "ZADD" || name == "ZREMRANGEBYSCORE") {
            return ":1\r\n";
        }
        if (name == "ZSCORE") {
            return bulk("4070908800");
        }
        if (name == "PUBLISH") {
            EXPECT_EQ(command[2], "4070908800 user:u%201") << "the term that counts, which is another one's";
            return mute ? "-NOPERM this user has no permissions to run the 'publish' command\r\n" : ":0\r\n";
        }
        return {};
    });
    followed copy(redis.port());
    ASSERT_TRUE(wait_until([&] { return copy.current(); }));
    said.clear();
    EXPECT_EQ(copy.revoke("u 1").what, proxy::providers::revocation_outcome::kind::kept);
    EXPECT_EQ(copy.verdict("u 1"), "token_revoked") << "at once";
    {
        const std::lock_guard lock(mutex);
        std::erase(said, "PING");
        EXPECT_THAT(said, testing::ElementsAre("ZADD", "ZSCORE", "PUBLISH", "ZREMRANGEBYSCORE"));
    }
    mute = true;
    const auto refused = copy.revoke("u 1");
    EXPECT_EQ(refused.what, proxy::providers::revocation_outcome::kind::unavailable);
    EXPECT_THAT(refused.why, HasSubstr("NOPERM"));
}

} // namespace
} // namespace bearward::test
