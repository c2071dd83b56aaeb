// Who gets what decisions need from outside, and keeps what issuers revoke, while requests wait for it.
#pragma once

#include "policies/need.hpp"
#include "policies/tokens/revocation_entry.hpp"
#include "proxy/event/ready_loop.hpp"

#include <chrono>
#include <functional>
#include <vector>

namespace bearward::proxy {

/// Thread-safe.
class supplier {
public:
    virtual ~supplier() = default;

    /// Begins a round for what is needed, or joins the one that is under way for the same.
    /// How long a request waits for it at most; 0: nothing can be had, and `over` is not
    /// called. `what` and its provider are not kept beyond the call. `over` is called once
    /// the round is over, whatever came of it, later and on the thread of `on`, which
    /// outlives this; what was got is then where decisions find it (key_ring).
    [[nodiscard]] virtual std::chrono::milliseconds begin(const policies::need& what, ready_loop& on, std::function<void()> over) = 0;

    /// Has orders kept, wherever each is to count. How long a request waits for that at most; 0:
    /// nothing can be kept, and `done` is not called. `done` is called once, later and on the thread of
    /// `on`, which outlives this: false: not all are kept.
    // NOLINTBEGIN(performance-unnecessary-value-param): who overrides it takes them over
    [[nodiscard]] virtual std::chrono::milliseconds keep(std::vector<policies::tokens::revocation_order> /*orders*/, ready_loop& /*on*/,
                                                         std::function<void(bool)> /*done*/) {
        return std::chrono::milliseconds::zero();
    }
    // NOLINTEND(performance-unnecessary-value-param)
};

} // namespace bearward::proxy
