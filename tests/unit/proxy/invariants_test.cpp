// Mistakes of ours that would harm end the process: one way to make each that can be made from outside.
#include "policies/invariant.hpp"
#include "proxy/event/read_buffer.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/http/body_pump.hpp"
#include "proxy/telemetry/counters.hpp"
#include "proxy/telemetry/record_ring.hpp"
#include "proxy/tls/session.hpp"
#include "proxy/upstream/pool.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <functional>
#include <memory>
#include <string>

#include <sys/socket.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

/// Whether it ends the process, and says so in these words.
void expect_end(const std::function<void()>& mistake, const char* words) {
    EXPECT_EXIT(mistake(), ::testing::KilledBySignal(SIGABRT), words);
}

TEST(invariants_death_test, a_buffer_keeps_its_bounds) {
    read_buffer buffer;
    const auto room = buffer.make_space(8);
    expect_end([&] { buffer.commit(room.size() + 1); }, "no more bytes are read than there is room for");
    buffer.commit(4);
    expect_end([&] { buffer.consume(5); }, "no more bytes are done with than were read");
    buffer.consume(2);
    expect_end([&] { buffer.rewind(3); }, "only what was consumed is taken back");
    buffer.rewind(0);
    EXPECT_EQ(buffer.size(), 4U);
}

TEST(invariants_death_test, a_gauge_does_not_go_below_zero) {
    gauge open;
    {
        const counted one(open);
    }
    expect_end([&] { open.subtract(); }, "a gauge is not taken below zero");
}

TEST(invariants_death_test, a_rings_slots_are_found_by_a_mask) {
    expect_end([] { record_ring<int> ring(12); }, "a ring's capacity is a power of two");
}

TEST(invariants_death_test, a_connection_is_given_back_once) {
    expect_end([] { upstream::lease{}.give_back({}); }, "a connection is given back once");
}

TEST(invariants_death_test, one_coroutine_sleeps_at_a_waiter) {
    waiter wake;
    wake.wait()([] {});
    expect_end([&] { wake.wait()([] {}); }, "one coroutine sleeps at a waiter");
}

struct stream_death_test : ::testing::Test {
    stream_death_test() {
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        near = stream_ptr(new stream(context, ends[0]));
    }
    ~stream_death_test() override { ::close(ends[1]); }

    asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    ready_loop& loop = ready_loop::make(context);
    std::array<int, 2> ends{};
    stream_ptr near;
};

TEST_F(stream_death_test, a_descriptor_joins_its_loop_once) {
    expect_end([&] { const stream again(context, ends[0]); }, "an open descriptor joins a loop once");
}

TEST_F(stream_death_test, nobody_waits_for_a_stream_that_is_closed) {
    ASSERT_FALSE(near->readable());
    near->close();
    expect_end([&] { near->want_read(); }, "nobody waits for a stream that is closed");
}

TEST_F(stream_death_test, a_closed_stream_becomes_no_tls_one) {
    near->close();
    expect_end([&] { near->secure(nullptr); }, "an open stream becomes a TLS one once");
}

} // namespace
} // namespace bearward::proxy
