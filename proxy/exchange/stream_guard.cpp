#include "proxy/exchange/stream_guard.hpp"

#include "policies/requests/request_view.hpp"
#include "proxy/worker_context.hpp"

#include <algorithm>
#include <utility>

namespace bearward::proxy {
namespace {

using policies::requests::equal_names;
using policies::rules::ended_streams;

/// How long an event may take to end.
constexpr std::chrono::milliseconds boundary_grace{5000};
/// The wheel's deadlines are re-armed for later ones.
constexpr std::chrono::milliseconds longest_wait = std::chrono::hours{24};

bool ends(ended_streams which, stream_kind kind) noexcept {
    return which == ended_streams::all || (which == ended_streams::automatic && kind != stream_kind::other);
}

} // namespace

stream_kind kind_of_stream(std::string_view content_type) noexcept {
    std::string_view type = content_type.substr(0, content_type.find_first_of("; \t"));
    if (equal_names(type, "text/event-stream")) {
        return stream_kind::events;
    }
    constexpr std::string_view grpc = "application/grpc";
    const bool begins = equal_names(type.substr(0, grpc.size()), grpc);
    type.remove_prefix(std::min(type.size(), grpc.size()));
    return begins && (type.empty() || type.front() == '+') ? stream_kind::grpc : stream_kind::other;
}

stream_ends ends_of(const policies::rules::stream_rules& rules, stream_kind kind) noexcept {
    return {.on_expiry = ends(rules.end_on_expiry, kind), .on_revocation = ends(rules.end_on_revocation, kind)};
}

stream_guard::stream_guard(worker_context& owner, waiter& wake, const policies::permit& leave)
    : guarded({.kind = guarded_kind::stream, .tokens = leave.tokens(), .who = leave.share_identity(), .since = owner.outside_now().now()}),
      wake_(wake), route_(leave.route().name), limit_(owner.wheel(), *this), expires_(leave.expires()) {
    owner.guards().add(*this);
}

void stream_guard::watch(const stream_ends& ends) {
    ends_ = ends;
    if (ends.on_expiry) {
        set_until(expires_);
        arm_expiry();
    }
}

void stream_guard::arm_expiry() {
    if (!expires_ || asked_) {
        return;
    }
    const auto left = *expires_ - std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    if (left.count() <= 0) {
        ask_end(stream_end::token_expired);
    } else {
        limit_.arm(std::min<std::chrono::milliseconds>(left, longest_wait));
    }
}

void stream_guard::on_deadline() {
    if (awaits_boundary_) {
        wake_.notify();
    } else {
        arm_expiry();
    }
}

void stream_guard::ask_end(stream_end why, std::string cause) {
    if (asked_) {
        return;
    }
    asked_ = why;
    cause_ = std::move(cause);
    limit_.disarm();
    wake_.notify();
}

void stream_guard::await_boundary() {
    if (!std::exchange(awaits_boundary_, true)) {
        limit_.arm(boundary_grace);
    }
}

void stream_guard::on_revoked(const policies::refusal& why) {
    if (ends_.on_revocation) {
        ask_end(stream_end::token_revoked, why.cause);
    }
}

void stream_guard::watch_drain(bool draining) {
    is_events_ = true;
    if (draining) {
        on_drain();
    }
}

void stream_guard::on_drain() {
    if (is_events_) {
        ask_end(stream_end::shutdown);
    }
}

} // namespace bearward::proxy
