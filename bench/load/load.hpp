// The load generator: one thread, closed loop or a fixed rate. Each kind of load
// is a function that runs to its end and says what it saw.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bearward::bench {

struct load_options {
    std::string kind; ///< requests | echo | hold
    std::uint16_t port = 0;
    std::string path = "/";
    std::vector<std::string> tokens; ///< taken in turn, over all connections; empty: none
    std::string header;              ///< a field that each request has besides, "Name: value"; empty: none
    std::size_t connections = 64;
    std::chrono::milliseconds duration{1000};
    std::uint64_t count = 0;        ///< not 0: so many requests instead of a duration
    double rate = 0;                ///< requests a second; 0: as fast as answers come
    bool fresh = false;             ///< a connection for each request
    std::uint64_t upload = 0;       ///< bytes of each request's body
    std::size_t message = 32;       ///< bytes of a WebSocket message
    bool websocket = false;         ///< hold: WebSockets
    std::vector<std::size_t> steps; ///< hold: how many are open at each step
};

struct load_result {
    std::uint64_t done = 0;
    std::uint64_t failed = 0;             ///< broken or refused connections
    std::uint64_t unsuccessful = 0;       ///< answers other than 2xx
    std::vector<std::uint32_t> latencies; ///< microseconds
    std::chrono::nanoseconds took{0};
};

/// GET, or PUT with a body, over and over.
[[nodiscard]] load_result run_requests(const load_options& options);
/// WebSocket messages, each sent when the last one came back.
[[nodiscard]] load_result run_echo(const load_options& options);
/// Opens connections in steps and keeps them open; after each step it prints their
/// number and waits for a line.
[[nodiscard]] load_result run_hold(const load_options& options);

/// Text of an opening handshake.
[[nodiscard]] std::string make_handshake(const std::string& path, const std::string& token);

} // namespace bearward::bench
