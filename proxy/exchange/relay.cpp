#include "proxy/exchange/relay.hpp"

#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/relay_causes.hpp"
#include "proxy/exchange/relay_steps.hpp"
#include "proxy/worker_context.hpp"

#include <algorithm>

namespace bearward::proxy {

awaitable<relay_outcome> relay::run() {
    guard_request();
    start_upload();
    while (true) {
        more_at_once_ = false;
        if (const auto end = step()) {
            co_return outcome(*end);
        }
        if (more_at_once_) {
            x_.owner.loop().give_up_turn(x_.wake);
        }
        if (!x_.owner.stopping()) { // after a stop nothing wakes what waits
            co_await x_.wake.wait();
        }
        if (x_.owner.stopping()) {
            co_return outcome(fail(relay_end::client_gone, "the process stops"));
        }
        if (const auto late = check_deadlines()) {
            co_return outcome(*late);
        }
    }
}

std::optional<relay_end> relay::step() {
    auto end = step_upload();
    if (!end && x_.guard != nullptr) {
        end = step_lapse();
    }
    if (!end && !head_done_) {
        end = step_head();
    }
    if (!end && head_done_) {
        end = step_download();
    }
    if (!end && !watch_.check(uploading_)) {
        end = fail(relay_end::client_gone, "the client left");
    }
    return end;
}

relay_outcome relay::outcome(relay_end end) const {
    // Within a 1xx no other message can begin.
    const bool interim_cut = !interim_.empty() && (interim_.size() != x_.out.size() || client_.write_pending());
    return {interim_cut ? relay_end::client_gone : end, interim_seen_};
}

relay_end relay::fail(relay_end end, std::string cause) {
    x_.account.record.cause = std::move(cause);
    return end;
}

void relay::start_upload() {
    const auto& request = x_.received.head;
    const http::body_reader::plan plan{.framing = allowed_.drops_body ? http::body_framing::none : request.framing,
                                       .content_length = request.content_length,
                                       // The head counts too.
                                       .max_trailers = limits_.max_request_head - std::min(limits_.max_request_head, request.size),
                                       .max_body = allowed_.max_body};
    client_.start_upload(x_.upload, x_.from_client, server_, x_.attempt.head_text, plan);
    x_.body_begun = !allowed_.drops_body; // else it is read when the answer is out
}

std::optional<relay_end> relay::step_upload() {
    if (!uploading_) {
        return {};
    }
    const auto before = x_.upload.taken() + x_.upload.body_bytes();
    const auto result = x_.upload.pump();
    const bool moved = x_.upload.taken() + x_.upload.body_bytes() != before;
    if (moved) {
        watch_.moved();
    }
    if (result == status::again) {
        more_at_once_ = true;
        return {};
    }
    if (dropping_) {
        uploading_ = result == status::blocked_on_source;
        return {};
    }
    switch (result) {
    case status::finished:
        end_upload();
        return {};
    case status::blocked_on_source:
        x_.response_deadline.disarm();
        if (moved || !x_.read_deadline.armed()) {
            x_.read_deadline.arm(limits_.request_body_timeout);
        }
        return {};
    case status::blocked_on_sink:
        x_.read_deadline.disarm();
        if (moved || !x_.response_deadline.armed()) {
            x_.response_deadline.arm(allowed_.write_timeout);
        }
        return {};
    case status::sink_failed:
        // The upstream may have answered before it hung up: read on.
        upload_broken_ = true;
        end_upload();
        drop_upload();
        return {};
    default:
        return refuse_request(result);
    }
}

relay_end relay::refuse_request(status fault) {
    switch (fault) {
    case status::source_failed:
        return fail(relay_end::client_gone, "the client left within its body");
    case status::source_malformed:
        return fail(relay_end::client_malformed, "body: malformed chunk");
    case status::trailers_too_large:
        return fail(relay_end::trailers_too_large, "body: trailers over max_request_head");
    default:
        return fail(relay_end::body_too_large, "body over " + std::to_string(allowed_.max_body) + " bytes");
    }
}

void relay::end_upload() {
    uploading_ = false;
    x_.read_deadline.disarm();
    if (head_done_) {
        x_.response_deadline.disarm(); // an answer that has begun takes its time
    } else {
        x_.response_deadline.arm(allowed_.response_timeout);
    }
}

void relay::drop_upload() {
    if (head_done_ && upload_broken_ && !x_.upload.source_done()) {
        x_.upload.drop_rest();
        uploading_ = dropping_ = more_at_once_ = true;
    }
}

std::optional<relay_end> relay::check_deadlines() {
    if (x_.response_deadline.expired()) {
        const auto cause = uploading_ ? describe_stalled_server(allowed_.write_timeout) : describe_silent_server(allowed_.response_timeout);
        return fail(head_done_ ? relay_end::broken : relay_end::timed_out, cause);
    }
    if (x_.read_deadline.expired()) {
        return fail(relay_end::client_timed_out, describe_silent_client(limits_.request_body_timeout));
    }
    if (x_.end_deadline.expired()) {
        return fail(relay_end::client_gone, "the client left");
    }
    if (x_.write_deadline.expired()) {
        return fail(relay_end::client_gone, describe_stalled_client(limits_.write_timeout));
    }
    return {};
}

awaitable<relay_outcome> run_relay(client_stream& client, exchange& x, upstream::connection& server, const relay_limits& allowed,
                                   const policies::permit& leave) {
    server.peer().listen(&x.wake);
    relay steps(client, x, server, allowed, leave);
    const auto outcome = co_await steps.run();
    x.disarm();
    x.upload.finish();
    x.download.finish();
    server.peer().listen(nullptr);
    co_return outcome;
}

} // namespace bearward::proxy
