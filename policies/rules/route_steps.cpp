#include "policies/rules/route_steps.hpp"

#include <boost/json/object.hpp>

namespace bearward::policies::rules {
namespace {

std::string_view verdict_of(const candidate_fit& fit) noexcept {
    if (fit.chosen) {
        return "chosen: the most specific that fits";
    }
    if (!fit.host) {
        return "not for this host";
    }
    if (!fit.listener) {
        return "not on this listener";
    }
    if (!fit.owner) {
        return fit.method ? "less specific" : "less specific, and not for this method";
    }
    return fit.method ? "the same path, less specific by host or method" : "not for this method";
}

} // namespace

step candidate_step(const route& candidate, const candidate_fit& fit) {
    boost::json::object asks{{candidate.exact ? "exact" : "prefix", show(candidate.pattern)}};
    if (!candidate.hosts.empty()) {
        asks["hosts"] = show(candidate.hosts);
    }
    if (!candidate.methods.empty()) {
        asks["methods"] = show(candidate.methods);
    }
    return {.stage = "route",
            .check = candidate.name,
            .expected = std::move(asks),
            .note = std::string(verdict_of(fit)),
            .outcome = fit.chosen ? step::mark::ok : step::mark::note};
}

} // namespace bearward::policies::rules
