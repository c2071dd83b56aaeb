#include "proxy/commands/import/strictness.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

using kind = access::kind;

std::vector<std::string> in_both(const std::vector<std::string>& one, const std::vector<std::string>& other) {
    std::vector<std::string> found;
    std::ranges::copy_if(one, std::back_inserter(found), [&](const std::string& each) { return is_in(other, each); });
    return found;
}

} // namespace

access strictest(const access& one, const access& other) {
    if (one == other || other.who == kind::open) {
        return one;
    }
    if (one.who == kind::open) {
        return other;
    }
    access both{.who = kind::token, .providers = in_both(one.providers, other.providers), .needs = one.needs};
    if (one.who == kind::closed || other.who == kind::closed || both.providers.empty()) {
        return {};
    }
    if (one.who == kind::optional && other.who == kind::optional) {
        both.who = kind::optional;
    }
    for (const requirement& each : other.needs) {
        if (!is_in(both.needs, each)) {
            both.needs.push_back(each);
        }
    }
    return both;
}

action strictest(const action& one, const action& other) {
    action both = one;
    both.who = strictest(one.who, other.who);
    return both;
}

bool as_strict_as(const access& one, const access& other) {
    const access both = strictest(one, other);
    // The same needs may stand in another order.
    return both.who == one.who && both.providers == one.providers && both.needs.size() == one.needs.size();
}

action refused() {
    return {};
}

} // namespace bearward::proxy::commands::importing
