#include "tests/simulation/withdrawals.hpp"

#include "policies/tokens/shared_revocations.hpp"

#include <chrono>

namespace bearward::simulation {

using policies::tokens::revocation_kind;

withdrawals::~withdrawals() {
    for (const auto& each : served_) {
        each->local = nullptr;
    }
}

void withdrawals::serve(const policies::snapshot& rules) {
    for (const auto& each : rules.providers) {
        each.revoked_elsewhere->local = store_;
        served_.push_back(each.revoked_elsewhere);
    }
}

void withdrawals::withdraw_id(const std::string& id) {
    keep(revocation_kind::jti, id);
    book_.withdraw_id(id);
}

void withdrawals::withdraw_user(const std::string& user) {
    keep(revocation_kind::user, user);
    book_.withdraw_user(user);
}

void withdrawals::keep(revocation_kind kind, const std::string& id) {
    const auto long_after = policies::time_point(std::chrono::seconds(kernel::started_at) + std::chrono::years(1));
    kernel_.trace("  revokes ", policies::tokens::to_string(kind), " ", id);
    if (!store_->extend({.what = {.kind = kind, .id = id}, .provider = ""}, long_after)) {
        kernel_.fault("nothing more can be revoked");
    }
}

} // namespace bearward::simulation
