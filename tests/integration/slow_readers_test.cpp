// Clients that do not read: what they may make the kernel hold.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;

/// Bytes that the kernel holds for the peers of a local port (proc(5), /proc/net/tcp).
std::size_t unsent_bytes(std::uint16_t port) {
    std::ifstream table("/proc/net/tcp");
    std::size_t sum = 0;
    std::string line;
    std::getline(table, line);
    while (std::getline(table, line)) {
        std::istringstream fields(line);
        std::string number;
        std::string local;
        std::string remote;
        std::string state;
        std::string queues;
        fields >> number >> local >> remote >> state >> queues;
        if (std::stoul(local.substr(local.find(':') + 1), nullptr, 16) == port) {
            sum += std::stoul(queues.substr(0, queues.find(':')), nullptr, 16);
        }
    }
    return sum;
}

TEST(slow_readers, cost_the_kernel_little) {
    constexpr std::size_t size = std::size_t{8} * 1024 * 1024;
    scripted_upstream upstream{answer_always(ok(std::string(size, 'x')))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect(4096);
    client.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(wait_until([&] { return unsent_bytes(proxy.port()) > 0; }));
    std::size_t before = 0;
    EXPECT_TRUE(wait_until([&] { // until nothing moves any more
        std::this_thread::sleep_for(100ms);
        return std::exchange(before, unsent_bytes(proxy.port())) == before;
    }));
    EXPECT_LT(before, 512U * 1024);
    EXPECT_EQ(read_response(client).body.size(), size) << "and get everything when they read";
}

} // namespace
