#include "proxy/http/body_pump.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <sys/socket.h>
#include <unistd.h>

namespace bearward::proxy::http {
namespace {

using status = body_status;

/// A stream and the raw other end of it, which takes bytes only when it is told to.
class narrow_sink {
public:
    narrow_sink() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
        const int size = 4096;
        ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        near_ = stream_ptr(new stream(context_, ends[0]));
        far_ = ends[1];
    }
    ~narrow_sink() {
        near_->close();
        context_.poll();
        ::close(far_);
    }
    narrow_sink(const narrow_sink&) = delete;
    narrow_sink& operator=(const narrow_sink&) = delete;

    [[nodiscard]] stream& near() noexcept { return *near_; }
    /// Sends from the other end what it takes.
    [[nodiscard]] std::size_t feed(std::string_view bytes) const {
        const auto sent = ::send(far_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        return sent < 0 ? 0 : static_cast<std::size_t>(sent);
    }
    /// Fills its buffer, so that it takes nothing more.
    void jam() {
        std::string block(4096, 'x');
        const iovec piece{block.data(), block.size()};
        while (near_->write_some({&piece, 1}).done()) {
        }
    }
    /// Lets the near end learn what it can do.
    void settle() { context_.poll(); }
    [[nodiscard]] std::string take() {
        std::string taken;
        std::array<char, 4096> block{};
        for (auto got = ::recv(far_, block.data(), block.size(), 0); got > 0; got = ::recv(far_, block.data(), block.size(), 0)) {
            taken.append(block.data(), static_cast<std::size_t>(got));
        }
        return taken;
    }

private:
    asio::io_context context_;
    stream_ptr near_;
    int far_ = -1;
};

TEST(body_pump_test, a_message_that_is_read_to_its_end_but_not_written_is_not_done) {
    const std::string body(256 * 1024, 'b');
    for (const bool chunk : {false, true}) {
        narrow_sink sink;
        read_buffer buffer;
        std::ranges::copy(body, buffer.make_space(body.size()).begin());
        buffer.commit(body.size());
        body_pump relay;
        relay.start(nullptr, buffer, sink.near(), "HEAD",
                    {.in = {.framing = body_framing::content_length, .content_length = body.size()}, .out = {.chunk = chunk}});
        EXPECT_EQ(relay.pump(), status::blocked_on_sink);
        EXPECT_TRUE(relay.source_done());
        EXPECT_FALSE(relay.sink_done()) << "what another request would be written into the middle of";

        std::string taken = sink.take();
        auto now = relay.pump();
        while (now == status::blocked_on_sink) {
            EXPECT_FALSE(relay.sink_done());
            taken += sink.take();
            now = relay.pump();
        }
        taken += sink.take();
        EXPECT_EQ(now, status::finished);
        EXPECT_TRUE(relay.sink_done());
        EXPECT_EQ(taken, chunk ? "HEAD40000\r\n" + body + "\r\n0\r\n\r\n" : "HEAD" + body);
    }
}

TEST(body_pump_test, the_rest_of_a_body_that_was_too_long_is_dropped_to_its_end) {
    narrow_sink source;
    narrow_sink sink;
    read_buffer buffer;
    body_pump relay;
    relay.start(&source.near(), buffer, sink.near(), "HEAD",
                {.in = {.framing = body_framing::chunked, .max_trailers = 100, .max_body = 4}, .out = {.chunk = true}});
    ASSERT_EQ(source.feed("6\r\nabcdef\r\n"), 11U);
    source.settle();
    ASSERT_EQ(relay.pump(), status::body_too_large);
    relay.drop_rest(100);
    EXPECT_EQ(relay.pump(), status::blocked_on_source);
    ASSERT_EQ(source.feed("3\r\nxyz\r\n0\r\n\r\n"), 13U);
    source.settle();
    EXPECT_EQ(relay.pump(), status::finished);
}

TEST(body_pump_test, a_body_whose_end_is_in_the_pipe_has_ended_when_the_rest_is_dropped) {
    constexpr std::size_t length = 384 * 1024;
    narrow_sink source;
    narrow_sink sink;
    pipe_pool pipes;
    read_buffer buffer;
    body_pump relay;
    relay.start(&source.near(), buffer, sink.near(), "HEAD",
                {.in = {.framing = body_framing::content_length, .content_length = length}, .pipes = &pipes});
    constexpr std::size_t last = 1000;
    for (std::size_t fed = 0; relay.body_bytes() != length - last;) {
        fed += source.feed(std::string(std::min(length - last - fed, std::size_t{4096}), 'b'));
        source.settle();
        const auto now = relay.pump();
        ASSERT_TRUE(now == status::blocked_on_source || now == status::blocked_on_sink || now == status::again);
        static_cast<void>(sink.take());
    }
    while (relay.pump() == status::blocked_on_sink) {
        static_cast<void>(sink.take());
    }
    sink.jam();
    ASSERT_EQ(source.feed(std::string(last, 'b')), last);
    source.settle();
    ASSERT_EQ(relay.pump(), status::blocked_on_sink);
    ASSERT_EQ(relay.body_bytes(), length);
    ASSERT_FALSE(relay.source_done()) << "the last of it is in the pipe";
    relay.drop_rest();
    EXPECT_TRUE(relay.source_done());
    EXPECT_EQ(relay.pump(), status::finished);
}

} // namespace
} // namespace bearward::proxy::http
