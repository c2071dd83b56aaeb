#include "policies/need.hpp"

#include "policies/snapshot.hpp"
#include "policies/text.hpp"

namespace bearward::policies {
namespace {

reason reason_of(need::kind what) noexcept {
    switch (what) {
    case need::kind::answer:
        return reason::introspection_unavailable;
    case need::kind::keys:
    case need::kind::other_keys:
        break;
    }
    return reason::keys_unavailable;
}

/// The issuer's endpoint said nothing of the token.
std::string describe_silence(const provider& by) {
    const auto* const asked = std::get_if<introspection_provider>(&by.how);
    const std::string why = asked == nullptr ? std::string{} : asked->answers->last_failure();
    return why.empty() ? " has no answer about the token" : ": " + why;
}

} // namespace

refusal refuse_unmet(const need& lacking) {
    std::string cause = "provider " + in_quotes(lacking.of->rules.provider);
    if (lacking.what == need::kind::other_keys) {
        cause += ": newer keys can't be had; " + lacking.detail;
    } else if (lacking.what == need::kind::answer) {
        cause += describe_silence(*lacking.of);
    } else {
        cause += " has no keys";
        cause += lacking.detail.empty() ? std::string{} : "; the token's kid is " + in_quotes(lacking.detail);
    }
    bound_cause(cause);
    return {reason_of(lacking.what), std::move(cause)};
}

} // namespace bearward::policies
