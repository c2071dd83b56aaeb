#include "policies/need.hpp"

#include "policies/snapshot.hpp"
#include "policies/text.hpp"

namespace bearward::policies {
namespace {

reason reason_of(need::kind what) noexcept {
    switch (what) {
    case need::kind::keys:
        break;
    }
    return reason::keys_unavailable;
}

} // namespace

refusal refuse_unmet(const need& lacking) {
    std::string cause = "provider " + in_quotes(lacking.of->rules.provider) + " has no keys";
    if (!lacking.detail.empty()) {
        cause += "; the token's kid is " + in_quotes(lacking.detail);
    }
    bound_cause(cause);
    return {reason_of(lacking.what), std::move(cause)};
}

} // namespace bearward::policies
