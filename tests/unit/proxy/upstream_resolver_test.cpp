// Names are looked up on threads of their own; requests go on with what is known.
#include "proxy/upstream/resolver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <new>
#include <numeric>
#include <optional>
#include <thread>

namespace bearward::proxy::upstream {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::chrono::milliseconds patience{10'000};

/// A system of names that does what a test says.
class fake_names {
public:
    [[nodiscard]] lookup_function function() {
        return [shared = shared_](const std::string& name) { return shared->look_up(name); };
    }
    void set(const std::string& name, std::vector<std::string> addresses) {
        const std::lock_guard lock(shared_->mutex);
        shared_->addresses[name] = std::move(addresses);
    }
    /// Look-ups of this name hang until they are let go.
    void hold(const std::string& name) {
        const std::lock_guard lock(shared_->mutex);
        shared_->held = name;
    }
    void let_go() {
        const std::lock_guard lock(shared_->mutex);
        shared_->held.clear();
        shared_->changed.notify_all();
    }
    /// How many look-ups began.
    [[nodiscard]] int asked() const {
        const std::lock_guard lock(shared_->mutex);
        return shared_->asked;
    }

private:
    struct shared {
        lookup_result look_up(const std::string& name) {
            std::unique_lock lock(mutex);
            ++asked;
            changed.wait(lock, [&] { return held != name; });
            if (addresses[name].empty()) {
                return std::unexpected("no such name");
            }
            std::vector<asio::ip::address> found;
            for (const auto& each : addresses[name]) {
                found.push_back(asio::ip::make_address(each));
            }
            return found;
        }

        mutable std::mutex mutex;
        std::condition_variable changed;
        std::map<std::string, std::vector<std::string>> addresses;
        std::string held;
        int asked = 0;
    };
    std::shared_ptr<shared> shared_ = std::make_shared<shared>();
};

/// Runs the context until it holds. False: it did not in time.
template <class Holds>
bool run_until(asio::io_context& context, Holds holds) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        context.restart();
        context.run_for(5ms);
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
    }
    return true;
}

struct name_service_test : testing::Test {
    /// Asks, and counts the answer when it comes.
    void ask(name_service& service, const std::string& name = "app", std::chrono::milliseconds max_age = 0ms) {
        service.ask(name, max_age, ready_loop::of(context), [this, name](const lookup_result& result) {
            answers.push_back(name + (result ? " " + result->front().to_string() : " failed"));
        });
    }

    fake_names names;
    asio::io_context context;
    std::vector<std::string> answers;
};

TEST_F(name_service_test, questions_for_one_name_at_one_time_are_one_look_up) {
    names.set("app", {"10.0.0.1"});
    names.hold("app");
    name_service service(names.function());
    ask(service);
    ask(service);
    ask(service);
    names.let_go();
    ASSERT_TRUE(run_until(context, [&] { return answers.size() == 3; }));
    EXPECT_EQ(names.asked(), 1);
    EXPECT_EQ(answers[2], "app 10.0.0.1");
}

TEST_F(name_service_test, an_answer_that_is_young_enough_will_do_and_failures_are_asked_again) {
    name_service service(names.function());
    ask(service, "app", 1h);
    ASSERT_TRUE(run_until(context, [&] { return answers.size() == 1; }));
    names.set("app", {"10.0.0.1"});
    ask(service, "app", 1h);
    ASSERT_TRUE(run_until(context, [&] { return answers.size() == 2; }));
    ask(service, "app", 1h);
    ASSERT_TRUE(run_until(context, [&] { return answers.size() == 3; }));
    EXPECT_EQ(names.asked(), 2);
    ask(service, "app", 0ms);
    ASSERT_TRUE(run_until(context, [&] { return answers.size() == 4; }));
    EXPECT_EQ(names.asked(), 3);
    EXPECT_THAT(answers, ElementsAre("app failed", "app 10.0.0.1", "app 10.0.0.1", "app 10.0.0.1"));
}

TEST_F(name_service_test, a_slow_name_delays_no_other) {
    names.set("slow", {"10.0.0.1"});
    names.set("fast", {"10.0.0.2"});
    names.hold("slow");
    name_service service(names.function());
    ask(service, "slow");
    ask(service, "fast");
    ASSERT_TRUE(run_until(context, [&] { return !answers.empty(); }));
    EXPECT_THAT(answers, ElementsAre("fast 10.0.0.2"));
    names.let_go();
    EXPECT_TRUE(run_until(context, [&] { return answers.size() == 2; }));
}

TEST_F(name_service_test, its_end_waits_for_no_look_up_and_answers_nobody) {
    names.set("app", {"10.0.0.1"});
    names.hold("app");
    std::optional<name_service> service(names.function());
    ask(*service);
    ASSERT_TRUE(run_until(context, [&] { return names.asked() == 1; }));
    service.reset();
    names.let_go();
    context.restart();
    context.run_for(50ms);
    EXPECT_THAT(answers, IsEmpty());
}

TEST(look_up_name, asks_the_system) {
    const auto found = look_up_name("localhost");
    ASSERT_TRUE(found.has_value()) << found.error();
    for (const auto& each : *found) {
        EXPECT_TRUE(each.is_loopback()) << each;
    }
    const auto missing = look_up_name("nothing.invalid");
    ASSERT_FALSE(missing.has_value());
    EXPECT_FALSE(missing.error().empty());
}

struct resolver_test : name_service_test {
    ~resolver_test() override { wheel.close(); }

    [[nodiscard]] std::unique_ptr<resolver> make(const config::endpoint& server = {"app:80", "app", 80, ""},
                                                 std::chrono::milliseconds refresh = 1h) {
        return std::make_unique<resolver>(connect_context{context, wheel, under_way, known_servers}, server, refresh,
                                          [this] { ++changes; });
    }
    /// Awaits the addresses in the background.
    void fetch(resolver& from, std::chrono::milliseconds wait = patience) {
        fetched.reset();
        asio::co_spawn(context, from.addresses(wait),
                       [this](const std::exception_ptr&, std::vector<target> got) { fetched = std::move(got); });
    }
    /// The addresses, without waiting for a look-up.
    [[nodiscard]] std::vector<std::string> known(resolver& of) {
        fetch(of, 1ms);
        EXPECT_TRUE(run_until(context, [&] { return fetched.has_value(); }));
        return texts();
    }
    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> all;
        for (const auto& each : fetched.value_or(std::vector<target>{})) {
            asio::ip::tcp::endpoint plain;
            std::memcpy(plain.data(), each.to.data(), each.to.size());
            all.push_back(plain.address().to_string());
        }
        return all;
    }

    directory known_servers{names.function()};
    deadline_wheel wheel{context};
    attempts under_way;
    int changes = 0;
    std::optional<std::vector<target>> fetched;
};

TEST_F(resolver_test, addresses_and_unix_sockets_are_never_looked_up) {
    for (const config::endpoint& server : {config::endpoint{"127.0.0.1:80", "127.0.0.1", 80, ""},
                                           config::endpoint{"[::1]:80", "::1", 80, ""}, config::endpoint{"unix:/x", "", 0, "/x"}}) {
        const auto made = make(server);
        fetch(*made);
        ASSERT_TRUE(run_until(context, [&] { return fetched.has_value(); }));
        EXPECT_EQ(fetched->size(), 1U);
        EXPECT_TRUE(made->knows(fetched->front().number));
    }
    EXPECT_EQ(names.asked(), 0);
}

TEST_F(resolver_test, the_first_requests_wait_for_the_first_answer) {
    names.set("app", {"10.0.0.1", "fe80::1"});
    names.hold("app");
    const auto made = make();
    fetch(*made);
    context.run_for(20ms);
    EXPECT_FALSE(fetched.has_value());
    names.let_go();
    ASSERT_TRUE(run_until(context, [&] { return fetched.has_value(); }));
    EXPECT_THAT(texts(), ElementsAre("10.0.0.1", "fe80::1"));
    EXPECT_EQ(names.asked(), 1);
}

TEST_F(resolver_test, but_not_for_ever) {
    names.hold("app");
    const auto made = make();
    fetch(*made, 100ms);
    ASSERT_TRUE(run_until(context, [&] { return fetched.has_value(); }));
    EXPECT_THAT(texts(), IsEmpty());
    fetch(*made, patience);
    context.run_for(20ms);
    EXPECT_FALSE(fetched.has_value());
    under_way.cancel();
    EXPECT_TRUE(run_until(context, [&] { return fetched.has_value(); })) << "a stop ends the wait";
    names.let_go();
}

TEST_F(resolver_test, a_refresh_replaces_addresses_and_stalls_nobody) {
    names.set("app", {"10.0.0.1", "10.0.0.2"});
    const auto made = make({"app:80", "app", 80, ""}, 100ms);
    fetch(*made);
    ASSERT_TRUE(run_until(context, [&] { return fetched.has_value(); }));
    const auto before = *fetched;
    names.hold("app");
    names.set("app", {"10.0.0.3", "10.0.0.2"});
    const int asked = names.asked();
    ASSERT_TRUE(run_until(context, [&] { return names.asked() > asked; }));
    EXPECT_THAT(known(*made), ElementsAre("10.0.0.1", "10.0.0.2")) << "while it is under way";
    names.let_go();
    ASSERT_TRUE(run_until(context, [&] { return changes == 1; }));
    EXPECT_THAT(known(*made), ElementsAre("10.0.0.3", "10.0.0.2"));
    EXPECT_FALSE(made->knows(before[0].number));
    EXPECT_TRUE(made->knows(before[1].number)) << "the same address keeps its number";
}

TEST_F(resolver_test, a_failed_refresh_keeps_what_is_known) {
    names.set("app", {"10.0.0.1"});
    const auto made = make({"app:80", "app", 80, ""}, 100ms);
    ASSERT_TRUE(run_until(context, [&] { return names.asked() > 0; }));
    names.set("app", {});
    const int asked = names.asked();
    ASSERT_TRUE(run_until(context, [&] { return names.asked() > asked + 2; }));
    EXPECT_THAT(known(*made), ElementsAre("10.0.0.1"));
    EXPECT_EQ(changes, 0);
}

TEST_F(resolver_test, a_name_that_fails_is_asked_for_again_after_a_while) {
    const auto made = make({"app:80", "app", 80, ""}, 100ms);
    fetch(*made);
    ASSERT_TRUE(run_until(context, [&] { return fetched.has_value(); }));
    EXPECT_THAT(texts(), IsEmpty());
    names.set("app", {"10.0.0.1"});
    EXPECT_TRUE(run_until(context, [&] {
        fetch(*made);
        context.restart();
        context.run_for(5ms);
        return !texts().empty();
    }));
}

TEST_F(resolver_test, the_address_that_worked_is_tried_first_also_after_a_refresh) {
    names.set("app", {"10.0.0.1", "10.0.0.2"});
    const auto made = make({"app:80", "app", 80, ""}, 100ms);
    fetch(*made);
    ASSERT_TRUE(run_until(context, [&] { return fetched.has_value(); }));
    made->worked(fetched->at(1).number);
    EXPECT_THAT(known(*made), ElementsAre("10.0.0.2", "10.0.0.1"));
    names.set("app", {"10.0.0.3", "10.0.0.2"});
    ASSERT_TRUE(run_until(context, [&] { return changes == 1; }));
    EXPECT_THAT(known(*made), ElementsAre("10.0.0.2", "10.0.0.3"));
}

/// A resolver in memory that is overwritten when it ends, no two words alike: who
/// still reads it reads nonsense, where freed memory might look as before.
class traced_resolver {
public:
    traced_resolver(connect_context with, const config::endpoint& server) {
        held_ = new (memory_.data()) resolver(with, server, 1h, [] {});
    }
    ~traced_resolver() { end(); }
    traced_resolver(const traced_resolver&) = delete;
    traced_resolver& operator=(const traced_resolver&) = delete;

    [[nodiscard]] resolver& operator*() const noexcept { return *held_; }
    void end() {
        if (held_ != nullptr) {
            std::exchange(held_, nullptr)->~resolver();
            std::iota(memory_.begin(), memory_.end(), word{0x100});
        }
    }

private:
    using word = std::uint64_t;
    alignas(resolver) std::array<word, (sizeof(resolver) + sizeof(word) - 1) / sizeof(word)> memory_{};
    resolver* held_ = nullptr;
};

TEST_F(resolver_test, may_end_with_the_last_of_those_that_it_wakes) {
    for (const bool found : {false, true}) {
        names.set("app", found ? std::vector<std::string>{"10.0.0.1"} : std::vector<std::string>{});
        names.hold("app");
        traced_resolver made({context, wheel, under_way, known_servers}, {"app:80", "app", 80, ""});
        int woken = 0;
        for (int count = 0; count < 3; ++count) {
            // As when the requests that wait are the last ones of an upstream that a reload replaced.
            asio::co_spawn(context, (*made).addresses(patience), [&](const std::exception_ptr&, const std::vector<target>&) {
                if (++woken == 3) {
                    made.end();
                }
            });
        }
        context.restart();
        context.run_for(20ms);
        names.let_go();
        EXPECT_TRUE(run_until(context, [&] { return woken == 3; }));
    }
}

TEST_F(resolver_test, an_answer_that_comes_after_its_end_is_dropped) {
    names.set("app", {"10.0.0.1"});
    names.hold("app");
    auto made = make();
    ASSERT_TRUE(run_until(context, [&] { return names.asked() == 1; }));
    made.reset();
    names.let_go();
    context.restart();
    context.run_for(50ms);
    EXPECT_EQ(changes, 0);
}

} // namespace
} // namespace bearward::proxy::upstream
