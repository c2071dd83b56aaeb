// The loop of a worker: who is notified of what in which order, and that nothing posted is lost.
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/ready_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

/// One end of a pair of sockets in a loop's set.
class source final : public event_source, public turn_listener {
public:
    explicit source(ready_loop& loop) : loop_(loop) {
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()), 0);
        EXPECT_TRUE(loop_.join(ends_[0], *this));
    }
    ~source() {
        loop_.forget(*this);
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    source(const source&) = delete;
    source& operator=(const source&) = delete;

    /// Makes it readable.
    void poke() const { EXPECT_EQ(::send(ends_[1], "x", 1, MSG_NOSIGNAL), 1); }
    [[nodiscard]] int near() const noexcept { return ends_[0]; }
    [[nodiscard]] int far() const noexcept { return ends_[1]; }
    void on_events(std::uint32_t) override { event(); }
    void on_turn_end() override { turn_end(); }

    std::function<void()> event = [] {};
    std::function<void()> turn_end = [] {};

private:
    ready_loop& loop_;
    std::array<int, 2> ends_{};
};

struct ready_loop_test : ::testing::Test {
    asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    ready_loop& loop = ready_loop::make(context);
    asio::executor_work_guard<executor> work{context.get_executor()};
    deadline_wheel wheel{context};
    std::vector<std::string> told;

    [[nodiscard]] auto tell(std::string what) {
        return [this, what = std::move(what)] { told.push_back(what); };
    }
};

TEST_F(ready_loop_test, what_was_posted_before_it_runs_is_not_lost) {
    loop.post([&] { context.stop(); });
    loop.run();
    EXPECT_TRUE(context.stopped());
}

TEST_F(ready_loop_test, a_post_of_another_thread_wakes_it_each_time) {
    std::thread runs([&] { loop.run(); });
    for (int round = 0; round < 100; ++round) {
        std::atomic<bool> done{false};
        loop.post([&] {
            done = true;
            done.notify_one();
        });
        done.wait(false);
    }
    loop.post([&] { context.stop(); });
    runs.join();
}

TEST_F(ready_loop_test, what_handlers_post_runs_before_it_waits_and_never_leaves_it_without_work) {
    int left = 1000;
    source one(loop);
    one.event = [&] {
        for (int index = 0; index < 10; ++index) {
            asio::post(context, [&] { --left; });
        }
        left > 10 ? one.poke() : asio::post(context, [&] { loop.post([&] { context.stop(); }); });
    };
    one.poke();
    loop.run();
    EXPECT_LE(left, 0);
}

TEST_F(ready_loop_test, all_events_of_a_turn_are_told_before_its_end) {
    source one(loop);
    source two(loop);
    one.event = [&] {
        told.emplace_back("event");
        loop.at_turn_end(one);
    };
    two.event = [&] {
        told.emplace_back("event");
        loop.at_turn_end(two);
    };
    one.turn_end = tell("end");
    two.turn_end = [&] {
        told.emplace_back("end");
        context.stop();
    };
    one.poke();
    two.poke();
    loop.run();
    EXPECT_THAT(told, ElementsAre("event", "event", "end", "end"));
}

TEST_F(ready_loop_test, who_goes_on_at_each_turns_end_keeps_nobody_waiting) {
    source busy(loop);
    source other(loop);
    int turns = 0;
    busy.turn_end = [&] {
        if (++turns == 3) {
            other.poke();
        }
        loop.at_turn_end(busy);
    };
    other.event = [&] { context.stop(); };
    loop.at_turn_end(busy);
    loop.run();
    EXPECT_LE(turns, 5);
}

TEST_F(ready_loop_test, those_who_gave_up_their_turn_share_a_few_milliseconds_of_each) {
    source other(loop);
    std::vector<std::unique_ptr<source>> busy;
    int calls = 0;
    for (int index = 0; index < 50; ++index) {
        source& one = *busy.emplace_back(std::make_unique<source>(loop));
        one.turn_end = [&] {
            if (++calls == 100) {
                other.poke();
            }
            const auto end = std::chrono::steady_clock::now() + 1ms;
            while (std::chrono::steady_clock::now() < end) {
            }
            loop.give_up_turn(one);
        };
        loop.give_up_turn(one);
    }
    other.event = [&] { context.stop(); };
    loop.run();
    EXPECT_LT(calls, 105);
}

TEST_F(ready_loop_test, they_take_it_by_turns) {
    source one(loop);
    source two(loop);
    for (source* each : {&one, &two}) {
        each->turn_end = [&, each] {
            told.emplace_back(each == &one ? "one" : "two");
            told.size() == 4 ? context.stop() : loop.give_up_turn(*each);
        };
        loop.give_up_turn(*each);
    }
    loop.run();
    EXPECT_THAT(told, ElementsAre("one", "two", "one", "two"));
}

TEST_F(ready_loop_test, newcomers_with_something_costly_come_before_the_busy) {
    source busy(loop);
    source newcomer(loop);
    source slow(loop);
    bool spent_before = true;
    bool spent_after = false;
    slow.event = [&] {
        spent_before = loop.turn_is_spent();
        std::this_thread::sleep_for(20ms);
        spent_after = loop.turn_is_spent();
        loop.give_up_turn(busy);
        loop.await_turn(newcomer);
    };
    newcomer.turn_end = tell("newcomer");
    busy.turn_end = [&] {
        told.emplace_back("busy");
        context.stop();
    };
    slow.poke();
    loop.run();
    EXPECT_FALSE(spent_before);
    EXPECT_TRUE(spent_after);
    EXPECT_THAT(told, ElementsAre("newcomer", "busy"));
}

TEST_F(ready_loop_test, who_is_forgotten_or_gone_is_told_nothing_more_of_this_turn) {
    auto one = std::make_unique<source>(loop);
    auto two = std::make_unique<source>(loop);
    one->event = [&] {
        told.emplace_back("one");
        two.reset();
        loop.post([&] { context.stop(); });
    };
    two->event = [&] {
        told.emplace_back("two");
        one.reset();
        loop.post([&] { context.stop(); });
    };
    one->poke();
    two->poke();
    loop.run();
    EXPECT_EQ(told.size(), 1U);
}

TEST_F(ready_loop_test, who_left_is_told_nothing_though_its_socket_is_still_open_elsewhere) {
    auto one = std::make_unique<source>(loop);
    const int elsewhere = ::dup(one->near());
    const int far = ::dup(one->far());
    one->event = tell("left");
    loop.leave(one->near(), *one);
    one.reset();
    ASSERT_EQ(::send(far, "x", 1, MSG_NOSIGNAL), 1);
    source other(loop);
    other.event = [&] { context.stop(); };
    other.poke();
    loop.run();
    EXPECT_THAT(told, ElementsAre());
    ::close(elsewhere);
    ::close(far);
}

TEST_F(ready_loop_test, who_is_gone_is_not_told_of_the_turns_end) {
    source one(loop);
    auto two = std::make_unique<source>(loop);
    two->turn_end = tell("gone");
    one.turn_end = [&] {
        two.reset();
        loop.post([&] { context.stop(); });
    };
    loop.at_turn_end(one);
    loop.at_turn_end(*two);
    loop.run();
    EXPECT_THAT(told, ElementsAre());
}

TEST_F(ready_loop_test, deadlines_expire_while_it_waits) {
    struct stopping final : deadline_listener {
        explicit stopping(asio::io_context& what) : context(what) {}
        void on_deadline() override { context.stop(); }
        asio::io_context& context;
    } listener{context};
    deadline first{wheel, listener};
    const auto start = std::chrono::steady_clock::now();
    first.arm(150ms);
    loop.run();
    EXPECT_TRUE(first.expired());
    EXPECT_GE(std::chrono::steady_clock::now() - start, 150ms);
}

TEST(ready_loop_of_asio, tells_of_events_and_turns) {
    asio::io_context context;
    auto& loop = ready_loop::of(context);
    std::vector<std::string> told;
    source one(loop);
    one.event = [&] {
        told.emplace_back("event");
        loop.at_turn_end(one);
    };
    one.turn_end = [&] { told.emplace_back("end"); };
    one.poke();
    context.run_for(50ms);
    EXPECT_THAT(told, ElementsAre("event", "end"));
    loop.at_turn_end(one); // outside of a turn
    int more = 3;
    source two(loop);
    two.turn_end = [&] {
        if (--more > 0) {
            loop.give_up_turn(two);
        }
    };
    loop.give_up_turn(two);
    loop.post([&] { told.emplace_back("post"); });
    context.run_for(50ms);
    EXPECT_THAT(told, UnorderedElementsAre("event", "end", "end", "post"));
    EXPECT_EQ(more, 0);
}

} // namespace
} // namespace bearward::proxy
