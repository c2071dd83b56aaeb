// What both ends of WebSockets say. Each numbers its messages, so that one that is missing, changed
// or out of place shows.
#pragma once

#include "tests/simulation/frames.hpp"
#include "tests/simulation/world.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::simulation {

inline constexpr std::string_view socket_key = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view socket_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // RFC 6455 section 1.3
/// From the expiry to the Close (a tick of the worker's wheel), to the end of a frame that
/// does not end (5 s), to the end of a client that does not answer (2 s).
inline constexpr nanoseconds close_in_time = 9s;
inline constexpr std::uint64_t of_app = 5'000'000; ///< its messages' bodies are others than the client's

/// One direction of one socket: who sends numbers, who receives checks.
struct numbered {
    std::uint64_t of = 0;
    std::uint64_t next = 0;

    [[nodiscard]] std::string make(choices& random);
    /// Whether it is the one that comes next.
    [[nodiscard]] bool check(std::string_view payload);
};

/// Sends messages until the connection ends.
[[nodiscard]] task<> talk(world& in, std::shared_ptr<peer> line, numbered mine, bool masked, choices random, std::shared_ptr<bool> over);

/// `socket`: the ID by which its token is renewed; empty: it can't be.
[[nodiscard]] std::string make_handshake(const asked& what, bool as_entry, const std::string& socket);

/// That a Close which speaks of the token has a cause in one of the credentials by which the socket may be open.
void check_close(ledger& book, const asked& what, const std::vector<const credential*>& by, const frame& close, nanoseconds now);

} // namespace bearward::simulation
