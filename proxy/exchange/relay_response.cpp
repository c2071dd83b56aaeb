// The half of a relay that the response takes.
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/relay_causes.hpp"
#include "proxy/exchange/relay_steps.hpp"
#include "proxy/exchange/route_fields.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/worker_context.hpp"

#include <algorithm>

namespace bearward::proxy {
namespace {

/// Reads and 1xx responses in a row before other connections get their turn.
constexpr int turn_length = 16;

/// What a head of `used` bytes leaves to the trailers, which count too.
constexpr std::size_t rest_of(std::size_t limit, std::size_t used) noexcept {
    return limit - std::min(limit, used);
}

} // namespace

bool relay::read_head(std::optional<relay_end>& end) {
    if (!server_.readable()) {
        server_.want_read();
        return false;
    }
    const auto got = server_.read_some(x_.attempt.from_upstream.make_space(exchange::buffer_size));
    if (got.done()) {
        x_.attempt.from_upstream.commit(got.bytes);
    } else if (!got.would_block()) {
        const bool nothing = x_.attempt.from_upstream.empty() && !interim_seen_;
        end = fail(nothing ? relay_end::dead : relay_end::bad_response, describe_early_end(nothing, got.error));
    }
    return true;
}

bool relay::take_head(std::optional<relay_end>& end) {
    x_.attempt.from_upstream.consume(x_.attempt.response.size);
    head_scanned_ = 0;
    if (x_.attempt.response.status == 101) {
        end = relay_end::upgraded;
        return false;
    }
    if (x_.attempt.response.status < 200) {
        start_interim();
        return true;
    }
    end = guard_response();
    if (!end) {
        start_download();
        drop_upload();
    }
    return false;
}

std::optional<relay_end> relay::step_head() {
    std::optional<relay_end> end;
    for (int turn = 0; turn < turn_length; ++turn) {
        if (!flush_interim()) {
            return fail(relay_end::client_gone, "the client left");
        }
        if (!interim_.empty()) {
            return {};
        }
        http::head_outcome parsed;
        if (!x_.attempt.from_upstream.empty()) {
            parsed = http::parse_response_head(x_.attempt.from_upstream.data(), x_.generation.rules->response_limits,
                                               x_.account.record.method, x_.attempt.response, &head_scanned_);
        }
        if (parsed.state == http::head_state::refused) {
            return fail(relay_end::bad_response, describe_head_fault(parsed.detail, x_.generation.rules->response_limits));
        }
        const bool more = parsed.state == http::head_state::complete ? take_head(end) : read_head(end);
        if (end || !more) {
            return end;
        }
    }
    more_at_once_ = true;
    return {};
}

void relay::start_interim() {
    interim_seen_ = true;
    if (client_stream::takes_interim(x_.received.head)) {
        http::make_downstream_head(x_.attempt.response, {.request_id = x_.account.request_id, .cors = &x_.cors}, x_.answer_head);
        client_stream::put_interim(x_.answer_head, x_.out);
        interim_ = x_.out;
    }
}

bool relay::flush_interim() {
    while (!interim_.empty()) {
        const auto sent = client_.write_some(interim_);
        if (sent.would_block()) {
            client_.want_write();
            x_.response_deadline.disarm(); // what the app sends is not read meanwhile
            if (!x_.write_deadline.armed()) {
                x_.write_deadline.arm(limits_.write_timeout);
            }
            return true;
        }
        if (!sent.done()) {
            return false;
        }
        interim_.remove_prefix(sent.bytes);
        if (interim_.empty() && !uploading_ && !x_.response_deadline.armed()) {
            x_.response_deadline.arm(allowed_.response_timeout);
        }
        x_.account.record.bytes_out += sent.bytes;
        x_.write_deadline.disarm();
        watch_.moved();
    }
    return true;
}

void relay::start_download() {
    head_done_ = true;
    x_.response_deadline.disarm();
    const auto& response = x_.attempt.response;
    const http::response_context context{
        .request_id = x_.account.request_id,
        .date = x_.owner.http_date(),
        .trailers = x_.received.head.accepts_trailers,
        .changes = x_.attempt.response_changes,
        .cors = &x_.cors,
    };
    http::make_downstream_head(response, context, x_.answer_head);
    add_route_fields(x_.rate, x_.answer_head);
    count_decision(x_.account);
    x_.account.record.status = response.status;
    x_.response_started = true;
    const http::request_rest rest{.certain = true,
                                  .begun = x_.body_begun,
                                  .read = !uploading_ && !upload_broken_ && !allowed_.drops_body,
                                  .unread_here = !x_.from_client.empty()};
    const response_body body{.from = server_,
                             .read = x_.attempt.from_upstream,
                             .how = {.framing = response.framing,
                                     .content_length = response.content_length,
                                     .from = http::chunk_decoder::sender::server,
                                     .max_trailers = rest_of(limits_.max_response_head, response.size)},
                             .has_events = has_events_};
    client_.start_download(x_.download, x_.received.head, rest, watch_, x_.answer_head, body, x_.out);
}

std::optional<relay_end> relay::step_download() {
    const auto before = x_.download.taken();
    const auto result = x_.download.pump();
    const bool moved = x_.download.taken() != before;
    if (moved) {
        x_.response_deadline.disarm(); // an upstream that answers is not stuck, though it reads nothing
        watch_.moved();
    }
    switch (result) {
    case status::finished:
        return x_.download.ended_early() ? relay_end::ended_early : relay_end::complete;
    case status::blocked_on_source:
        x_.write_deadline.disarm();
        return {};
    case status::blocked_on_sink:
        if (moved || !x_.write_deadline.armed()) {
            x_.write_deadline.arm(limits_.write_timeout);
        }
        return {};
    case status::again:
        more_at_once_ = true;
        return {};
    case status::sink_failed:
        return fail(relay_end::client_gone, "the client left within the answer");
    default:
        return refuse_body(result);
    }
}

relay_end relay::refuse_body(status fault) {
    const auto cause = describe_body_fault(fault, x_.download.source_error());
    if (x_.download.wrote() || client_.write_pending()) {
        return fail(relay_end::broken, cause);
    }
    x_.response_started = false;
    x_.account.record.status = 0;
    return fail(relay_end::bad_response, cause);
}

} // namespace bearward::proxy
