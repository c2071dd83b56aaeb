// Of several refusals the first counts.
#pragma once

#include "policies/reason.hpp"
#include "policies/text.hpp"

#include <string>

namespace bearward::policies::tokens {

class first_refusal {
public:
    void keep(reason verdict) noexcept { kept_ = kept_ == reason::ok ? verdict : kept_; }
    /// With its cause, which is made for the one that counts only.
    template <class Describe>
    void keep(reason verdict, std::string& cause, const Describe& describe) {
        if (kept_ == reason::ok && verdict != reason::ok) {
            cause = describe();
            bound_cause(cause);
        }
        keep(verdict);
    }
    [[nodiscard]] reason kept() const noexcept { return kept_; }

private:
    reason kept_ = reason::ok;
};

} // namespace bearward::policies::tokens
