// How often one request is judged: who runs it serves the first need and asks again,
// and a second need is refused.
#pragma once

#include "policies/decide.hpp"

#include <utility>

namespace bearward::policies {

/// The asks of one request: at most two. A DPoP proof is used up by the first that gets so far.
///
///     auto made = asks.ask(...);
///     while (const auto* lacking = std::get_if<need>(&made)) {
///         // get it, or find that it can't be had
///         made = asks.ask(...);
///     }
class inquiry {
public:
    /// `can_get`: needs are served. Else the first ask is the last.
    explicit inquiry(bool can_get = true) noexcept : can_get_(can_get) {}

    /// Asks decide(), the last time without needs. An observer sees each ask: who asks
    /// again brings a fresh one.
    [[nodiscard]] decision ask(const requests::request_view& request, const snapshot& rules, outside& around,
                               requests::credential_scratch& scratch, explanation* observer = nullptr) {
        return decide(request, rules, around, next(), scratch, observer, &proof_);
    }

    /// Likewise by decide_on().
    [[nodiscard]] decision ask_on(const rules::route& on, const requests::request_view& request, const snapshot& rules, outside& around,
                                  requests::credential_scratch& scratch) {
        return decide_on(on, request, rules, around, next(), scratch, proof_);
    }

private:
    [[nodiscard]] on_need next() noexcept {
        const bool again = std::exchange(asked_, true);
        return again ? on_need::refuse_again : can_get_ ? on_need::tell : on_need::refuse;
    }

    bool can_get_;
    bool asked_ = false;
    proof_once proof_;
};

} // namespace bearward::policies
