// A response that is still to come, or still running, when its credential ends.
#include "policies/presented_tokens.hpp"
#include "proxy/exchange/relay_steps.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {

void relay::guard_request() {
    const policies::rules::stream_rules& rules = leave_.route().streams;
    const bool may_end = !x_.received.websocket && (leave_.expires() || !leave_.tokens().empty()); // a handshake is judged at its 101
    if (const stream_ends ends = ends_of(rules, stream_kind::other); may_end && !ends.none()) {
        x_.guard = std::make_unique<stream_guard>(x_.owner, x_.wake, leave_);
        x_.guard->watch(ends);
    }
}

std::optional<relay_end> relay::guard_response() {
    const http::response_head& response = x_.attempt.response;
    const bool is_here =
        response.framing == http::body_framing::content_length && response.content_length <= x_.attempt.from_upstream.size();
    if (response.framing == http::body_framing::none || is_here) {
        return {}; // nothing of it is still to come
    }
    const stream_kind kind = kind_of_stream(response.find("Content-Type"));
    if (kind == stream_kind::other) {
        return {}; // guarded from the beginning, or not at all
    }
    const stream_ends ends = ends_of(leave_.route().streams, kind);
    if (x_.guard == nullptr) {
        x_.guard = std::make_unique<stream_guard>(x_.owner, x_.wake, leave_);
    }
    x_.guard->watch(ends);
    if (ends.on_revocation) {
        if (const auto revoked = policies::find_revocation(leave_.tokens(), x_.owner.rules()->rules(), x_.owner.outside_now())) {
            x_.guard->on_revoked(*revoked);
        }
    }
    if (x_.guard->asked()) {
        return fail(relay_end::lapsed, x_.guard->cause());
    }
    if (kind == stream_kind::events) {
        has_events_ = response.framing != http::body_framing::content_length && response.find("Content-Encoding").empty();
        x_.guard->watch_drain(x_.owner.draining());
    }
    return {};
}

std::optional<relay_end> relay::step_lapse() {
    const auto why = x_.guard->asked();
    if (!why) {
        return {};
    }
    if (!head_done_) {
        return fail(relay_end::lapsed, x_.guard->cause());
    }
    if (x_.guard->boundary_is_late() || !x_.download.end_at_event()) {
        return fail(relay_end::cut_off, x_.guard->cause());
    }
    x_.guard->await_boundary();
    return {};
}

} // namespace bearward::proxy
