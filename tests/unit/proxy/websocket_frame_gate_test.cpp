#include "proxy/websocket/frame_gate.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using bearward::policies::rules::rate_limit;
using bearward::proxy::websocket::frame_breach;
using bearward::proxy::websocket::frame_gate;
using bearward::proxy::websocket::frame_limits;
using namespace std::chrono_literals;

enum class opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, ping = 9 };

std::string make_frame(opcode kind, std::string_view payload, bool final, bool masked) {
    std::string frame(1, static_cast<char>((final ? 0x80U : 0U) | static_cast<unsigned>(kind)));
    const unsigned mask = masked ? 0x80U : 0U;
    if (payload.size() < 126) {
        frame.push_back(static_cast<char>(mask | payload.size()));
    } else {
        frame.push_back(static_cast<char>(mask | 127U));
        for (int byte = 7; byte >= 0; --byte) {
            frame.push_back(static_cast<char>((payload.size() >> (8U * static_cast<unsigned>(byte))) & 0xFFU));
        }
    }
    if (masked) {
        frame.append(4, '\0');
    }
    return frame.append(payload);
}
std::string client_frame(opcode kind, std::string_view payload, bool final = true) {
    return make_frame(kind, payload, final, true);
}
std::string server_frame(opcode kind, std::string_view payload) {
    return make_frame(kind, payload, true, false);
}

/// What passes of a stream that comes in pieces of a size, and what it breaks.
struct outcome {
    std::string passed;
    std::optional<frame_breach> broken;
};

outcome run(frame_gate& gate, std::string_view stream, std::size_t piece) {
    outcome made;
    std::string held;
    while (!stream.empty() && !made.broken) {
        held += stream.substr(0, piece);
        stream.remove_prefix(std::min(piece, stream.size()));
        const auto judged = gate.look(held, 0);
        made.passed += held.substr(0, judged.pass);
        held.erase(0, judged.pass);
        made.broken = judged.broken;
        EXPECT_TRUE(made.broken || held.size() < 14U) << "no more than a header is held back";
    }
    return made;
}

outcome run(const frame_limits& limits, std::string_view stream, std::size_t piece) {
    frame_gate gate(limits);
    return run(gate, stream, piece);
}

TEST(frame_gate, a_message_up_to_the_size_passes_whole) {
    const std::string stream = client_frame(opcode::binary, std::string(100, 'x')) + server_frame(opcode::text, std::string(100, 'y')) +
                               client_frame(opcode::binary, "");
    for (std::size_t piece = 1; piece < stream.size(); ++piece) {
        const auto made = run({.max_message = 100}, stream, piece);
        EXPECT_EQ(made.passed, stream) << piece;
        EXPECT_FALSE(made.broken);
    }
}

TEST(frame_gate, of_a_longer_one_not_a_byte_passes) {
    const std::string good = client_frame(opcode::text, "good");
    const std::string stream = good + client_frame(opcode::binary, std::string(101, 'x'));
    for (std::size_t piece = 1; piece < stream.size(); ++piece) {
        const auto made = run({.max_message = 100}, stream, piece);
        EXPECT_EQ(made.passed, good) << piece;
        EXPECT_EQ(made.broken, frame_breach::message_too_big);
    }
}

TEST(frame_gate, fragments_count_together_whatever_control_frames_lie_between) {
    const std::string head = client_frame(opcode::text, std::string(60, 'x'), false) + client_frame(opcode::ping, std::string(50, 'p')) +
                             client_frame(opcode::continuation, std::string(40, 'y'), false);
    EXPECT_EQ(run({.max_message = 100}, head + client_frame(opcode::continuation, "") + head, 7).broken, std::nullopt);
    const auto made = run({.max_message = 100}, head + client_frame(opcode::continuation, "z"), 7);
    EXPECT_EQ(made.passed, head);
    EXPECT_EQ(made.broken, frame_breach::message_too_big);
}

TEST(frame_gate, a_new_message_within_another_is_no_way_around) {
    const std::string first = client_frame(opcode::text, std::string(60, 'x'), false);
    EXPECT_EQ(run({.max_message = 100}, first + first, 1000).broken, frame_breach::message_too_big);
}

TEST(frame_gate, a_control_frame_of_any_claimed_size_is_no_way_around) {
    const std::string ping = std::string("\x89\x7f", 2) + std::string("\x00\x00\x00\x00\x00\x01\x00\x00", 8);
    EXPECT_EQ(run({.max_message = 100}, ping, 3).broken, frame_breach::message_too_big);
}

TEST(frame_gate, the_longest_claims_do_not_overflow) {
    for (const std::string_view length : {"\xff\xff\xff\xff\xff\xff\xff\xff", "\x7f\xff\xff\xff\xff\xff\xff\xff"}) {
        const std::string claim = std::string("\x82\x7f", 2) + std::string(length);
        const auto made = run({.max_message = ~std::uint64_t{0} - 1}, client_frame(opcode::text, "x", false) + claim + claim, 5);
        EXPECT_EQ(made.passed.substr(0, 7), client_frame(opcode::text, "x", false));
        EXPECT_EQ(run({.max_message = 1000}, claim, 5).broken, frame_breach::message_too_big);
    }
}

TEST(frame_gate, frames_are_counted_and_come_back_with_time) {
    frame_gate gate({.rate = rate_limit{.count = 10, .period = 1000ms, .burst = 10}});
    const std::string ping = client_frame(opcode::ping, "p");
    const auto at = [](std::chrono::milliseconds time) { return std::chrono::nanoseconds(time + 1h).count(); };
    for (int count = 0; count < 10; ++count) {
        EXPECT_FALSE(gate.look(ping, at(0ms)).broken) << count;
    }
    const auto judged = gate.look(ping, at(0ms));
    EXPECT_EQ(judged.broken, frame_breach::too_many_frames);
    EXPECT_EQ(judged.pass, 0U);
    EXPECT_FALSE(gate.look(ping, at(100ms)).broken);
    EXPECT_TRUE(gate.look(ping, at(100ms)).broken);
}

TEST(frame_gate, a_frame_that_comes_in_parts_counts_once) {
    frame_gate gate({.rate = rate_limit{.count = 1, .period = 1000ms, .burst = 1}});
    const auto made = run(gate, client_frame(opcode::binary, std::string(70'000, 'x')), 3);
    EXPECT_FALSE(made.broken);
}

} // namespace
