// One request and its answer: what is known of it on its way (run_exchange), part by part. A step
// takes the parts that it touches.
#pragma once

#include "policies/decision.hpp"
#include "policies/rules/rate_limit.hpp"
#include "proxy/address_counts.hpp"
#include "proxy/event/read_buffer.hpp"
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/received_request.hpp"
#include "proxy/exchange/rules_generation.hpp"
#include "proxy/exchange/stream_guard.hpp"
#include "proxy/exchange/upstream_attempt.hpp"
#include "proxy/exchange/waits.hpp"
#include "proxy/http/body_pump.hpp"
#include "proxy/http/cors_fields.hpp"
#include "proxy/http/outgoing_head.hpp"
#include "proxy/socket_registry.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace bearward::proxy {

class client_stream;

/// Whose answer is with the client as a whole, so that its connection may go on or end orderly.
enum class answered_by : std::uint8_t {
    nobody, ///< the client is gone, or its connection is reset, closed, or a tunnel's
    upstream,
    bearward, ///< more of the request's body may come
};

/// The buffers and the state of one request at a time; pooled by the worker, so
/// that a request allocates nothing of its own.
struct exchange final : waits {
    static constexpr std::size_t buffer_size = std::size_t{16} * 1024;

    explicit exchange(worker_context& of);

    /// Forgets the last request but not the memory, nor the bytes already read.
    void begin();
    /// Serves with the rules that are in force now.
    void take_rules(const client_stream& client);
    /// Its answers say what the rules of its route (null: none) say to pages of other origins. While
    /// the views into its head hold.
    void take_cors(const policies::rules::route* route);
    /// Lets go of what an idle exchange should not hold.
    void rest();

    rules_generation generation; ///< by which it is judged
    received_request reading;    ///< for who reads its head
    const received_request& received = reading;
    request_memory memory;
    upstream_attempt attempt;
    request_account account;
    /// What was decided. Here and not in a coroutine's frame: Asio keeps only small ones for the next request.
    std::optional<policies::decision> decision;
    policies::rules::rate_report rate; ///< of its route's limit
    address_counts::slot user_slot;    ///< of a handshake: its user has one more WebSocket
    socket_registry::slot socket_slot; ///< of a handshake whose token can be renewed

    std::unique_ptr<stream_guard> guard; ///< of an answer that may have to end early; null: it may not

    read_buffer from_client;
    http::body_pump upload;
    http::body_pump download;
    http::cors_answer cors;              ///< what the client's answers say to pages of other origins
    http::outgoing_response answer_head; ///< what the client gets: of the upstream's response, or of an answer of our own
    std::string own_body;                ///< of an answer of our own
    std::string out;                     ///< what is written to the client: heads and local answers
    answered_by answered = answered_by::nobody;
    bool body_begun = false;       ///< `upload` has the request's body, or it was read (body_read)
    bool body_read = false;        ///< it was read whole, not by `upload`
    bool response_started = false; ///< the client has bytes of a final answer
};

} // namespace bearward::proxy
