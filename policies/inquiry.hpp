// How often one request is judged: who runs it serves the first need and asks again,
// and a second need is refused.
#pragma once

#include "policies/decide.hpp"

#include <utility>

namespace bearward::policies {

/// The asks of one request: at most two.
///
///     auto made = asks.ask(...);
///     while (const auto* lacking = std::get_if<need>(&made)) {
///         // get it, or find that it can't be had
///         made = asks.ask(...);
///     }
class inquiry {
public:
    /// `can_get`: needs are served. Else the first ask is the last.
    explicit inquiry(bool can_get = true) noexcept : last_(!can_get) {}

    /// Asks decide(), the last time without needs. An observer sees each ask: who asks
    /// again brings a fresh one.
    [[nodiscard]] decision ask(const requests::request_view& request, const snapshot& rules, outside& around,
                               requests::credential_scratch& scratch, explanation* observer = nullptr) {
        return decide(request, rules, around, std::exchange(last_, true) ? on_need::refuse : on_need::tell, scratch, observer);
    }

private:
    bool last_;
};

} // namespace bearward::policies
