#include "proxy/control/service_manager.hpp"

#include "proxy/control/watchdog.hpp"
#include "proxy/event/owned_descriptor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

using namespace std::chrono_literals;
using testing::MatchesRegex;

/// A service manager's end, in the abstract namespace.
class receiver {
public:
    receiver() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        socklen_t length = sizeof(sa_family_t); // the kernel chooses a name
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), length), 0);
        length = sizeof(at);
        EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&at), &length), 0);
        address = "@" + std::string(at.sun_path + 1, length - offsetof(sockaddr_un, sun_path) - 1);
    }
    std::string next(std::chrono::milliseconds within = 10s) {
        pollfd waiting{socket_.get(), POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(within.count())) != 1) {
            return "nothing";
        }
        std::array<char, 1000> buffer{};
        const auto size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }

    std::string address;

private:
    owned_descriptor socket_;
};

class environment {
public:
    environment(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
    ~environment() { ::unsetenv(name_); }
    environment(const environment&) = delete;
    environment& operator=(const environment&) = delete;

private:
    const char* name_;
};

TEST(service_manager, learns_each_state) {
    receiver manager;
    const service_manager to(manager.address);
    to.report_ready("serving\nMAINPID=1");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=serving MAINPID=1");
    to.report_reloading();
    EXPECT_THAT(manager.next(), MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=reloading"));
    to.report_stopping(35s);
    EXPECT_EQ(manager.next(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=35000000\nSTATUS=draining");
    to.report_alive();
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
}

TEST(service_manager, comes_from_the_environment) {
    receiver manager;
    const environment address("NOTIFY_SOCKET", manager.address);
    EXPECT_EQ(service_manager::from_environment().watchdog_interval(), std::nullopt);
    const environment interval("WATCHDOG_USEC", "20000000");
    EXPECT_EQ(service_manager::from_environment().watchdog_interval(), 20s);
    const environment process("WATCHDOG_PID", std::to_string(::getpid()));
    const auto found = service_manager::from_environment();
    EXPECT_EQ(found.watchdog_interval(), 20s);
    found.report_ready("up");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=up");
}

TEST(service_manager, what_is_for_another_process_or_makes_no_sense_does_not_count) {
    receiver manager;
    const environment address("NOTIFY_SOCKET", manager.address);
    for (const char* wrong : {"x", "-1", "0", "1 ", "99999999999999999999", "18446744073709551615"}) {
        const environment interval("WATCHDOG_USEC", wrong);
        EXPECT_EQ(service_manager::from_environment().watchdog_interval(), std::nullopt) << wrong;
    }
    const environment interval("WATCHDOG_USEC", "20000000");
    const environment process("WATCHDOG_PID", "1");
    EXPECT_EQ(service_manager::from_environment().watchdog_interval(), std::nullopt);
}

TEST(service_manager, without_a_usable_address_nothing_is_sent) {
    for (const std::string& wrong : {std::string("relative"), std::string("/"), std::string("@"), "/" + std::string(200, 'x')}) {
        const environment address("NOTIFY_SOCKET", wrong);
        EXPECT_NO_THROW(service_manager::from_environment().report_ready("up")) << wrong;
    }
    EXPECT_NO_THROW(service_manager().report_alive());
    EXPECT_NO_THROW(service_manager("/nowhere/at/all").report_alive());
}

TEST(watchdog, sends_signs_of_life_while_the_process_answers) {
    receiver manager;
    const service_manager to(manager.address, 60ms);
    std::atomic<bool> answers = true;
    const watchdog alive(to, [&answers](std::chrono::milliseconds within) {
        EXPECT_EQ(within, 10ms);
        return answers.load();
    });
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
    answers = false;
    while (manager.next(100ms) != "nothing") { // what was under way
    }
    EXPECT_EQ(manager.next(100ms), "nothing");
    answers = true;
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
}

TEST(watchdog, asks_nothing_where_no_sign_is_expected) {
    const service_manager to;
    const watchdog none(to, [](std::chrono::milliseconds) {
        ADD_FAILURE();
        return true;
    });
}

} // namespace
} // namespace bearward::proxy
