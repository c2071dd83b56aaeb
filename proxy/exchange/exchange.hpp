// One request and its answer: what is known of it on its way (run_exchange), part by part. A step
// takes the parts that it touches.
#pragma once

#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/read_buffer.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/received_request.hpp"
#include "proxy/exchange/rules_generation.hpp"
#include "proxy/exchange/upstream_attempt.hpp"
#include "proxy/http/body_pump.hpp"
#include "proxy/http/outgoing_head.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace bearward::proxy {

class worker_context;
class client_stream;

/// Of a body that nobody wants: what is longer ends the connection instead.
inline constexpr std::uint64_t longest_dropped_body = std::uint64_t{1024} * 1024;

/// Whose answer is with the client as a whole, so that its connection may go on or end orderly.
enum class answered_by : std::uint8_t {
    nobody, ///< the client is gone, or its connection is reset, closed, or a tunnel's
    upstream,
    bearward,          ///< more of the request's body may come
    bearward_in_doubt, ///< and where the request ends is unknown, or its body does not come
};

/// The buffers and the state of one request at a time; pooled by the worker, so
/// that a request allocates nothing of its own.
struct exchange final : deadline_listener {
    static constexpr std::size_t buffer_size = std::size_t{16} * 1024;

    explicit exchange(worker_context& of);

    /// Forgets the last request but not the memory, nor the bytes already read.
    void begin();
    /// Serves with the rules that are in force now.
    void take_rules(const client_stream& client);
    /// Ends all waits.
    void disarm() noexcept;
    /// Lets go of what an idle exchange should not hold.
    void rest();
    void on_deadline() override { wake.notify(); }

    worker_context& owner;
    waiter wake;                ///< the coroutine sleeps here, whatever it waits for
    deadline read_deadline;     ///< the client sends nothing
    deadline write_deadline;    ///< the client takes nothing
    deadline response_deadline; ///< the upstream answers or takes nothing
    deadline end_deadline;      ///< the client has ended its side

    rules_generation generation; ///< by which it is judged
    received_request received;
    upstream_attempt attempt;
    request_account account;

    read_buffer from_client;
    http::body_pump upload;
    http::body_pump download;
    http::outgoing_response answer_head; ///< what the client gets: of the upstream's response, or of an answer of our own
    std::string own_body;                ///< of an answer of our own
    std::string out;                     ///< what is written to the client: heads and local answers
    answered_by answered = answered_by::nobody;
    bool body_begun = false;       ///< `upload` has the request's body
    bool keep_alive = false;       ///< the client's connection may go on
    bool response_started = false; ///< the client has bytes of a final answer
};

} // namespace bearward::proxy
