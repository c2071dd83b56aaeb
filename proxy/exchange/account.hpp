// What the access log and the metrics say of a request: step 10 of run_exchange.
#pragma once

#include "policies/identity.hpp"
#include "policies/reason.hpp"
#include "policies/rules/route.hpp"
#include "proxy/exchange/received_request.hpp"
#include "proxy/exchange/rules_generation.hpp"
#include "proxy/telemetry/access_log.hpp"
#include "proxy/telemetry/request_counters.hpp"
#include "proxy/telemetry/span_record.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace bearward::proxy {

class worker_context;
class client_stream;

/// The decision as it stands: what comes before its answer may still overrule it.
struct decision_note {
    policies::reason why = policies::reason::ok;
    decision_mode mode = decision_mode::enforce;
    bool counted = false; ///< each request's is counted once
};

struct request_account {
    access_record record; ///< with the cause
    std::string request_id;
    decision_note decision;                       ///< from begin_record on
    route_counters* counts = nullptr;             ///< of the request's route, from begin_record on
    upstream_counters* upstream_counts = nullptr; ///< null: no upstream was asked
    std::chrono::steady_clock::time_point started;
    request_span span;       ///< its place in a trace, from begin_record on
    bool navigation = false; ///< it gets a page where Bearward answers (http::is_navigation), from begin_record on

    /// A request begins; nothing is known of it.
    void begin();
    /// How long it has taken so far.
    [[nodiscard]] std::chrono::microseconds age() const;
};

/// The client's id where `trusts_head` and it is a good one, else a fresh one. Once chosen it stays.
void choose_request_id(request_account& of, const received_request& received, worker_context& owner, bool trusts_head);

/// Fills what the access record says of the request; before its views can go stale. From here on
/// the account knows where it is counted.
void begin_record(request_account& of, const client_stream& client, const received_request& received, const rules_generation& generation,
                  worker_context& owner, const policies::rules::route* route, const policies::identity* who);
/// Counts the decision, once: it is final when an answer begins.
void count_decision(request_account& of);
/// Counts the answered request with its decision; the record says how it went.
void count_request(request_account& of, std::chrono::microseconds took);
/// The request is counted, and its span and its record written, unless that was done before.
void finish_record(request_account& of, worker_context& owner);

} // namespace bearward::proxy
