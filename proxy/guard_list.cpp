#include "proxy/guard_list.hpp"

#include <utility>

namespace bearward::proxy {
namespace {

guarded_facts facts_of(const guarded& open) {
    const standing& by = open.by();
    guarded_facts made{.kind = by.kind, .route = open.route_name(), .since = by.since, .until = by.until};
    if (by.who != nullptr) {
        made.provider = by.who->provider;
        made.user = by.who->user;
        made.tenant = by.who->tenant;
    }
    return made;
}

} // namespace

guarded& guard_list::take_next() noexcept {
    guarded& next = to_ask_.front();
    to_ask_.pop_front();
    asked_.push_back(next);
    return next;
}

void guard_list::begin_recheck(bool new_rules) noexcept {
    new_rules_ = new_rules || (new_rules_ && !to_ask_.empty());
    to_ask_.splice(to_ask_.end(), asked_);
}

bool guard_list::recheck_next(const policies::snapshot& rules, const policies::outside& around) {
    if (to_ask_.empty()) {
        return false;
    }
    guarded& next = take_next();
    if (const auto revoked = find_revocation(next.by().tokens, rules, around)) {
        next.on_revoked(*revoked);
    } else if (new_rules_) {
        next.on_new_rules();
    }
    return !to_ask_.empty();
}

void guard_list::begin_drain() {
    begin_recheck();
    for (auto left = to_ask_.size(); left != 0 && !to_ask_.empty(); --left) {
        take_next().on_drain();
    }
}

std::size_t guard_list::describe(const std::optional<std::string>& user, std::size_t most, std::vector<guarded_facts>& out) const {
    std::size_t total = 0;
    for (const list* part : {&to_ask_, &asked_}) {
        for (const guarded& each : *part) {
            if (user && (each.by().who == nullptr || each.by().who->user != *user)) {
                continue;
            }
            if (++total <= most) {
                out.push_back(facts_of(each));
            }
        }
    }
    return total;
}

} // namespace bearward::proxy
