// What a stream says of its peer's end, over real sockets.
#include "proxy/event/readiness.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

/// Two ends of a TCP connection.
struct tcp_pair {
    tcp_pair() {
        const int door = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof where;
        auto* const plain = static_cast<sockaddr*>(static_cast<void*>(&where));
        EXPECT_EQ(::bind(door, plain, size), 0);
        EXPECT_EQ(::listen(door, 1), 0);
        EXPECT_EQ(::getsockname(door, plain, &size), 0);
        peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::connect(peer, plain, size), 0);
        ours = ::accept4(door, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        ::close(door);
    }
    void reset_by_peer() const {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ::close(peer);
    }

    int peer = -1;
    int ours = -1;
};

io_result write(stream& to, std::string_view text) {
    const iovec piece{const_cast<char*>(text.data()), text.size()};
    return to.write_some({&piece, 1});
}

struct readiness : ::testing::Test {
    asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    ready_loop& loop = ready_loop::make(context);
    std::array<char, 16> block{};
};

TEST_F(readiness, a_reset_that_a_write_was_told_of_is_no_end_for_the_reader) {
    const tcp_pair sockets;
    const stream_ptr ours(new stream(context, sockets.ours));
    ASSERT_EQ(::send(sockets.peer, "part", 4, 0), 4);
    sockets.reset_by_peer();
    const auto written = write(*ours, "more");
    ASSERT_EQ(written.what, io_result::kind::failed);
    ASSERT_EQ(written.error, ECONNRESET);
    const auto part = ours->read_some(block);
    ASSERT_TRUE(part.done());
    EXPECT_EQ(std::string_view(block.data(), part.bytes), "part");
    const auto end = ours->read_some(block);
    EXPECT_EQ(end.what, io_result::kind::failed);
    EXPECT_EQ(end.error, ECONNRESET);
    EXPECT_EQ(ours->peek(block).what, io_result::kind::failed);
}

TEST_F(readiness, an_end_before_the_peer_went_stays_an_end) {
    const tcp_pair sockets;
    const stream_ptr ours(new stream(context, sockets.ours));
    ASSERT_EQ(::send(sockets.peer, "whole", 5, 0), 5);
    ::close(sockets.peer);
    while (write(*ours, "more").done()) { // the first is answered with a reset
    }
    ASSERT_TRUE(ours->read_some(block).done());
    EXPECT_EQ(ours->read_some(block).what, io_result::kind::end_of_stream);
}

} // namespace
} // namespace bearward::proxy
