#include "proxy/control/signals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <unistd.h>

namespace bearward::proxy {
namespace {

/// Notes what was called, and lets a test wait for it.
class calls {
public:
    signal_actions actions() {
        return {.end = [this] { note("end"); },
                .end_now = [this] { note("end_now"); },
                .reopen = [this] { note("reopen"); },
                .reload = [this] { note("reload"); }};
    }
    /// The calls once there are `count`, or after a while.
    std::vector<std::string> wait(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(10), [&] { return seen_.size() >= count; });
        return seen_;
    }

private:
    void note(const std::string& name) {
        const std::scoped_lock lock(mutex_);
        seen_.push_back(name);
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> seen_;
};

TEST(signal_watch, the_first_signal_drains_and_the_second_ends) {
    calls seen;
    const signal_watch watch(seen.actions());
    ::kill(::getpid(), SIGTERM);
    EXPECT_THAT(seen.wait(1), testing::ElementsAre("end"));
    ::kill(::getpid(), SIGINT);
    EXPECT_THAT(seen.wait(2), testing::ElementsAre("end", "end_now"));
}

TEST(signal_watch, reopening_and_reloading_end_nothing) {
    calls seen;
    const signal_watch watch(seen.actions());
    ::kill(::getpid(), SIGUSR1);
    EXPECT_THAT(seen.wait(1), testing::ElementsAre("reopen"));
    ::kill(::getpid(), SIGHUP);
    EXPECT_THAT(seen.wait(2), testing::ElementsAre("reopen", "reload"));
    ::kill(::getpid(), SIGTERM);
    EXPECT_THAT(seen.wait(3), testing::ElementsAre("reopen", "reload", "end"));
}

TEST(signal_watch, takes_what_came_while_it_was_held) {
    calls seen;
    auto hold = std::make_unique<signal_hold>();
    ::kill(::getpid(), SIGHUP);
    const signal_watch watch(seen.actions());
    hold.reset();
    EXPECT_THAT(seen.wait(1), testing::ElementsAre("reload"));
}

TEST(signal_watch, a_closed_pipe_is_an_error_value) {
    calls seen;
    const signal_watch watch(seen.actions());
    int ends[2]{};
    ASSERT_EQ(::pipe(ends), 0);
    ::close(ends[0]);
    EXPECT_EQ(::write(ends[1], "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
    ::close(ends[1]);
}

} // namespace
} // namespace bearward::proxy
