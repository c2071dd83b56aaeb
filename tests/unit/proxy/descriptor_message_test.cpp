#include "proxy/event/descriptor_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace bearward::proxy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::pair<descriptor_channel, descriptor_channel> make_pair(std::chrono::milliseconds patience = 10s) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    return {descriptor_channel(owned_descriptor(ends[0]), patience), descriptor_channel(owned_descriptor(ends[1]), patience)};
}

ino_t file_of(int descriptor) {
    struct stat status{};
    EXPECT_EQ(::fstat(descriptor, &status), 0);
    return status.st_ino;
}

TEST(descriptor_channel, text_and_descriptors_arrive_in_their_order) {
    auto [one, other] = make_pair();
    std::vector<int> sent;
    std::vector<owned_descriptor> owned;
    for (int index = 0; index < 300; ++index) { // more than fit into a message
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        owned.emplace_back(ends[0]);
        ::close(ends[1]);
        sent.push_back(ends[0]);
    }
    std::thread writing([&] { EXPECT_TRUE(one.send("head\r\n\r\nline of text\n", sent)); });
    std::vector<owned_descriptor> received;
    EXPECT_EQ(other.read_until("\r\n\r\n", received), "head\r\n\r\n");
    EXPECT_EQ(other.read_until("\n", received), "line of text\n");
    writing.join();
    ASSERT_EQ(received.size(), sent.size());
    for (std::size_t index = 0; index < sent.size(); ++index) {
        EXPECT_EQ(file_of(received[index].get()), file_of(sent[index])) << index;
    }
}

TEST(descriptor_channel, says_who_the_other_side_is) {
    auto [one, other] = make_pair();
    EXPECT_EQ(one.other_side().process, ::getpid());
    EXPECT_EQ(one.other_side().user, ::geteuid());
}

TEST(descriptor_channel, a_side_that_leaves_or_is_silent_is_an_error) {
    std::vector<owned_descriptor> none;
    auto [one, silent] = make_pair(20ms);
    EXPECT_THAT(one.read_until("\n", none).error(), HasSubstr("does not answer"));
    {
        const auto gone = std::move(silent);
    }
    EXPECT_EQ(one.read_until("\n", none).error(), "it has left");
    EXPECT_FALSE(one.send("x\n"));
}

TEST(descriptor_channel, text_without_end_is_an_error) {
    auto [one, other] = make_pair();
    std::thread writing([&one] { (void)one.send(std::string(100'000, 'x')); });
    std::vector<owned_descriptor> none;
    EXPECT_EQ(other.read_until("\n", none).error(), "what it says has no end");
    {
        const auto gone = std::move(other);
    }
    writing.join();
}

} // namespace
} // namespace bearward::proxy
