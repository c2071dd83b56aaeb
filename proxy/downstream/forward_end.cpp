#include "proxy/downstream/forward_end.hpp"

#include "proxy/downstream/answer.hpp"
#include "proxy/downstream/client_stream.hpp"
#include "proxy/downstream/write.hpp"

namespace bearward::proxy::downstream {
namespace {

using policies::reason;

/// Whether the client sends no more (RFC 9112 section 9.6), so that a close at once is no
/// reset. Some send a line end after a body: they are heard out.
bool has_said_its_last(client_stream& client, const exchange& x) {
    return !x.request.keep_alive && x.request.framing == http::body_framing::none && x.from_client.empty() && !client.peer().readable();
}

/// What the client gets when its request got no whole answer.
awaitable<> answer_end(client_stream& client, exchange& x, relay_end end) {
    const bool body_done = x.upload.source_done();
    if (body_done) {
        x.request.framing = http::body_framing::none; // nothing is left to drop
    }
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
void break_off(client_stream& client, exchange& x, relay_end end) {
    x.keep_alive = false;
    if (end == relay_end::client_gone && x.record.status == 0) {
        x.record.status = 499; // nginx's "client closed request": no answer was sent
    }
    if (const auto why = reason_of(end, x.record.why); why != x.record.why) {
        x.record.why = why;
        x.record.observed = reason::ok; // what became of it matters more
    }
    // A reset, so that nobody takes the part for the whole.
    client.peer().reset();
}

} // namespace

awaitable<> answer_too_large(client_stream& client, exchange& x, bool may_go_on) {
    x.decision = {.why = reason::limit_exceeded};
    co_await answer_failure(client, x, 413, reason::limit_exceeded, may_go_on);
}

awaitable<> finish_answer(client_stream& client, exchange& x) {
    if (x.keep_alive) {
        co_return;
    }
    // The record waits neither for a body that is dropped nor for the room that an end takes.
    const bool silent = has_said_its_last(client, x);
    finish_record(client, x);
    x.record.clear();
    if (silent) {
        // The answer's last bytes wait for the end (MSG_MORE); a close with something unread would drop them.
        (void)co_await end_writing(client, x);
    } else {
        co_await drop_and_linger(client, x, after_upstreams_answer);
    }
}

awaitable<> finish_failure(client_stream& client, exchange& x, relay_end end) {
    if (x.response_started || end == relay_end::client_gone) {
        break_off(client, x, end);
    } else {
        co_await answer_end(client, x, end);
    }
}

} // namespace bearward::proxy::downstream
