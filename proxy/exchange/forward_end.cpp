#include "proxy/exchange/forward_end.hpp"

#include "policies/invariant.hpp"
#include "proxy/exchange/answer.hpp"
#include "proxy/exchange/client_stream.hpp"

namespace bearward::proxy {
namespace {

using policies::reason;

/// What the client gets when its request got no whole answer.
awaitable<> answer_end(client_stream& client, exchange& x, relay_end end) {
    const bool body_done = x.upload.source_done();
    switch (end) {
    case relay_end::dead:
    case relay_end::bad_response:
    case relay_end::upgraded: // nobody asked for it
        co_await answer_failure(client, x, 502, reason::upstream_error, body_done);
        break;
    case relay_end::timed_out:
        co_await answer_failure(client, x, 504, reason::upstream_timeout, body_done);
        break;
    case relay_end::client_malformed:
        co_await answer_failure(client, x, 400, reason::bad_request, false);
        break;
    case relay_end::trailers_too_large:
        co_await answer_failure(client, x, 431, reason::limit_exceeded, false);
        break;
    case relay_end::body_too_large:
        co_await answer_too_large(client, x, false);
        break;
    case relay_end::client_timed_out:
        co_await answer_failure(client, x, 408, reason::limit_exceeded, false);
        break;
    case relay_end::complete:
    case relay_end::client_gone:
    case relay_end::broken:
    case relay_end::lapsed: // finish_lapsed
    case relay_end::ended_early:
    case relay_end::cut_off:
        break;
    }
}

/// What the log says of an exchange that ended so after its answer had begun.
reason reason_of(relay_end end, reason permitted) {
    switch (end) {
    case relay_end::complete:
    case relay_end::client_gone:
        return permitted;
    case relay_end::client_malformed:
        return reason::bad_request;
    case relay_end::trailers_too_large:
    case relay_end::body_too_large:
    case relay_end::client_timed_out:
        return reason::limit_exceeded;
    default:
        return reason::upstream_error;
    }
}

/// After the head of an answer, or without a client: no words left, only an end.
void break_off(client_stream& client, access_record& record, relay_end end) {
    if (end == relay_end::client_gone && record.status == 0) {
        record.status = 499; // nginx's "client closed request": no answer was sent
    }
    if (const auto why = reason_of(end, record.why); why != record.why) {
        record.why = why;
        record.observed = reason::ok; // what became of it matters more
    }
    // A reset, so that nobody takes the part for the whole.
    client.abort();
}

} // namespace

awaitable<> answer_too_large(client_stream& client, exchange& x, bool may_go_on) {
    x.account.decision = {.why = reason::limit_exceeded};
    co_await answer_failure(client, x, 413, reason::limit_exceeded, may_go_on);
}

awaitable<> finish_lapsed(client_stream& client, exchange& x, const policies::permit& leave, relay_end end) {
    policies::invariant(x.guard != nullptr && x.guard->asked(), "an answer ends early because its guard says so");
    const stream_end why = *x.guard->asked();
    if (end == relay_end::lapsed) {
        co_await answer_lapsed(client, x, leave.route(), why == stream_end::token_revoked ? reason::token_revoked : reason::token_expired);
        co_return;
    }
    x.account.record.ended = policies::word_of(stream_end_table, why);
    x.account.record.cause = x.guard->cause();
    x.account.counts->stream_ended(why);
    if (end == relay_end::ended_early) {
        x.answered = answered_by::upstream;
    } else {
        client.abort();
    }
}

awaitable<> finish_failure(client_stream& client, exchange& x, relay_end end) {
    if (x.response_started || end == relay_end::client_gone) {
        break_off(client, x.account.record, end);
    } else {
        co_await answer_end(client, x, end);
    }
}

} // namespace bearward::proxy
