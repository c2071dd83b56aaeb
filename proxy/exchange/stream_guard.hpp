// Ends an answer that is still running when the credential it stands on ends, and an event stream when
// the drain begins (proxy/BEHAVIOUR.md 22).
#pragma once

#include "policies/decision.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/guard_list.hpp"
#include "proxy/telemetry/stream_end.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy {

class worker_context;

/// What an answer is, as far as it matters here: by its Content-Type.
enum class stream_kind : std::uint8_t { other, events, grpc };

[[nodiscard]] stream_kind kind_of_stream(std::string_view content_type) noexcept;

/// Which ends of its credential end an answer of a kind on a route.
struct stream_ends {
    bool on_expiry = false;
    bool on_revocation = false;

    [[nodiscard]] bool none() const noexcept { return !on_expiry && !on_revocation; }
};

[[nodiscard]] stream_ends ends_of(const policies::rules::stream_rules& rules, stream_kind kind) noexcept;

/// Of one request, from when it is known that it may have to end. Wakes who relays it.
class stream_guard final : public guarded, public deadline_listener {
public:
    stream_guard(worker_context& owner, waiter& wake, const policies::permit& leave);

    /// From now on these count.
    void watch(const stream_ends& ends);
    /// It is an event stream, which the drain ends too.
    void watch_drain(bool draining);
    /// Why it has to end; nothing: it may go on.
    [[nodiscard]] std::optional<stream_end> asked() const noexcept { return asked_; }
    /// What the log says of it.
    [[nodiscard]] const std::string& cause() const noexcept { return cause_; }
    /// It ends at the next boundary, for which there is some time.
    void await_boundary();
    /// Whether that time is over.
    [[nodiscard]] bool boundary_is_late() const noexcept { return awaits_boundary_ && limit_.expired(); }

    void ask_end(stream_end why, std::string cause = {});
    [[nodiscard]] const std::string& route_name() const noexcept override { return route_; }
    void on_revoked(const policies::refusal& why) override;
    void on_drain() override;

private:
    void on_deadline() override;
    void arm_expiry();

    waiter& wake_;
    std::string route_;
    deadline limit_; ///< expiry; then the time for a boundary
    std::optional<policies::time_point> expires_;
    stream_ends ends_;
    bool is_events_ = false;
    bool awaits_boundary_ = false;
    std::optional<stream_end> asked_;
    std::string cause_;
};

} // namespace bearward::proxy
