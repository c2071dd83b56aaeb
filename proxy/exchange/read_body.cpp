#include "proxy/exchange/read_body.hpp"

#include "proxy/exchange/answer.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/exchange/relay_causes.hpp"
#include "proxy/exchange/write.hpp"
#include "proxy/http/body_reader.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {
namespace {

using policies::reason;

/// The client waits with its body until it hears that it is wanted (RFC 9110 section 10.1.1).
awaitable<bool> ask_for_body(client_stream& client, exchange& x) {
    x.answer_head.clear();
    x.answer_head.status = 100;
    x.answer_head.reason_phrase = "Continue";
    client_stream::put_interim(x.answer_head, x.out);
    co_return co_await write_all(client, x, x.out, x.generation.limits().write_timeout, x.account.record.bytes_out);
}

body_end end_of(http::body_status failure) noexcept {
    return failure == http::body_status::source_malformed ? body_end::malformed : body_end::too_large;
}

} // namespace

awaitable<body_end> read_body(client_stream& client, exchange& x, std::size_t most, std::string& body) {
    const http::request_head& head = x.received.head;
    body.clear();
    if (head.framing == http::body_framing::content_length && head.content_length > most) {
        co_return body_end::too_large;
    }
    if (head.expects_continue && client_stream::takes_interim(head) && !co_await ask_for_body(client, x)) {
        co_return body_end::client_gone;
    }
    http::body_reader reader;
    client.start_body(reader, x.from_client,
                      {.framing = head.framing, .content_length = head.content_length, .max_trailers = most, .max_body = most});
    x.read_deadline.arm(x.generation.limits().request_body_timeout);
    while (!reader.done()) {
        const std::string_view piece = reader.next();
        body += piece;
        if (!piece.empty() || reader.done()) {
            continue;
        }
        if (reader.failure() != http::body_status::again) {
            co_return end_of(reader.failure());
        }
        reader.release();
        const auto read = reader.read_more();
        if (read == http::body_status::source_failed) {
            co_return body_end::client_gone;
        }
        if (read == http::body_status::again) {
            continue;
        }
        if (!x.owner.stopping()) {
            co_await x.wake.wait();
        }
        if (x.owner.stopping()) {
            co_return body_end::client_gone;
        }
        if (x.read_deadline.expired()) {
            co_return body_end::late;
        }
    }
    reader.release();
    x.read_deadline.disarm();
    x.body_begun = x.body_read = true;
    x.account.record.bytes_in = reader.bytes();
    co_return body_end::whole;
}

awaitable<> answer_body_end(client_stream& client, exchange& x, body_end end, std::size_t most) {
    const bool may_go_on = end == body_end::too_large && x.received.head.framing == http::body_framing::content_length; // nothing was read
    switch (end) {
    case body_end::whole:
        break;
    case body_end::too_large:
        x.account.record.cause = "body over " + std::to_string(most) + " bytes";
        x.account.decision = {.why = reason::limit_exceeded};
        co_await answer_failure(client, x, 413, reason::limit_exceeded, may_go_on);
        break;
    case body_end::malformed:
        x.account.record.cause = "body: malformed chunk";
        x.account.decision = {.why = reason::bad_request};
        co_await answer_failure(client, x, 400, reason::bad_request, may_go_on);
        break;
    case body_end::late:
        x.account.record.cause = describe_silent_client(x.generation.limits().request_body_timeout);
        x.account.decision = {.why = reason::limit_exceeded};
        co_await answer_failure(client, x, 408, reason::limit_exceeded, may_go_on);
        break;
    case body_end::client_gone:
        x.account.record.status = 499; // nginx's "client closed request"
        x.account.record.cause = "the client left within its body";
        x.account.decision.counted = true;
        client.abort();
        break;
    }
}

} // namespace bearward::proxy
