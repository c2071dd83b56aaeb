// One request and its answer: what is known of it on its way (run_exchange).
#pragma once

#include "policies/decide.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/read_buffer.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/exchange/form_refusal.hpp"
#include "proxy/http/body_pump.hpp"
#include "proxy/http/head.hpp"
#include "proxy/http/outgoing_head.hpp"
#include "proxy/serving.hpp"
#include "proxy/telemetry/access_log.hpp"
#include "proxy/telemetry/request_counters.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace bearward::proxy {

class worker_context;
class client_stream;
namespace upstream {
class group;
}

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

    /// The decision as it stands: what comes before its answer may still overrule it.
    struct decision_note {
        policies::reason why = policies::reason::ok;
        decision_mode mode = decision_mode::enforce;
        bool counted = false; ///< each request's is counted once
    };

    explicit exchange(worker_context& of);

    /// Forgets the last request but not the memory, nor the bytes already read.
    void begin();
    /// Serves with the rules that are in force now.
    void take_rules(const client_stream& client);
    /// Ends all waits.
    void disarm() noexcept;
    /// Drops what `request` says of a head, views and all.
    void forget_request();
    /// Lets go of what an idle exchange should not hold.
    void rest();
    void on_deadline() override { wake.notify(); }

    worker_context& owner;
    waiter wake;                ///< the coroutine sleeps here, whatever it waits for
    deadline read_deadline;     ///< the client sends nothing
    deadline write_deadline;    ///< the client takes nothing
    deadline response_deadline; ///< the upstream answers or takes nothing
    deadline end_deadline;      ///< the client has ended its side

    serving_ptr rules;                                                              ///< one generation for the whole request
    std::shared_ptr<const std::vector<std::shared_ptr<upstream::group>>> upstreams; ///< of the same generation
    std::uint32_t listener = 0;                                                     ///< the client's, by the numbers of `rules`
    read_buffer from_client;
    read_buffer from_upstream;
    http::request_head request;
    http::response_head response;
    policies::requests::path_scratch path_memory;
    policies::requests::canonical_path path;
    policies::requests::credential_scratch credential_memory;
    http::body_pump upload;
    http::body_pump download;
    http::outgoing_request forwarded_head; ///< what `request` becomes for the upstream
    http::outgoing_response answer_head;   ///< what the client gets: of the upstream's response, or of an answer of our own
    std::string own_body;                  ///< of an answer of our own
    std::string out;                       ///< what is written to the client: heads and local answers
    std::string upstream_head;
    std::string request_id;

    bool trusted_peer = false; ///< what the peer says of the client is believed
    bool websocket = false;    ///< a valid opening handshake
    form_refusal refused;      ///< in place of a request that can be judged
    answered_by answered = answered_by::nobody;
    bool body_begun = false;       ///< `upload` has the request's body
    bool keep_alive = false;       ///< the client's connection may go on
    bool response_started = false; ///< the client has bytes of a final answer
    access_record record;
    const policies::rules::header_changes* response_changes = nullptr; ///< of the request's route; null: none
    decision_note decision;                                            ///< from begin_record on
    route_counters* counts = nullptr;                                  ///< of the request's route, from begin_record on
    upstream_counters* upstream_counts = nullptr;                      ///< null: no upstream was asked
    std::chrono::steady_clock::time_point started;
};

} // namespace bearward::proxy
