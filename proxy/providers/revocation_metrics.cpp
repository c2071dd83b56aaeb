#include "proxy/providers/revocation_metrics.hpp"

#include <string>
#include <utility>

namespace bearward::proxy::providers {
namespace {

prometheus::MetricFamily make_family(std::string name, std::string help, prometheus::MetricType type) {
    return {std::move(name), std::move(help), type, {}};
}

void add_gauge(prometheus::MetricFamily& to, const std::string& label, const std::string& value, double number) {
    prometheus::ClientMetric& sample = to.metric.emplace_back();
    sample.label = {{label, value}};
    sample.gauge.value = number;
}

} // namespace

std::vector<prometheus::MetricFamily> revocation_metrics::Collect() const {
    using enum prometheus::MetricType;
    auto entries = make_family("bearward_revocations",
                               "Revocations that are known besides those of files, by source: local (POST /revoke), or a Redis.", Gauge);
    auto current = make_family("bearward_revocation_source_current", "Whether a Redis' revocations are up to date.", Gauge);
    auto refused =
        make_family("bearward_revocation_members_refused_total", "Malformed members and changes of a Redis that were left out.", Counter);
    add_gauge(entries, "source", "local", static_cast<double>(from_.local_size()));
    for (const redis_feed_status& each : from_.statuses()) {
        add_gauge(entries, "source", each.address, static_cast<double>(each.entries));
        add_gauge(current, "source", each.address, each.current ? 1 : 0);
        prometheus::ClientMetric& sample = refused.metric.emplace_back();
        sample.label = {{"source", each.address}};
        sample.counter.value = static_cast<double>(each.refused);
    }
    std::vector<prometheus::MetricFamily> all{std::move(entries)};
    for (auto* family : {&current, &refused}) {
        if (!family->metric.empty()) {
            all.push_back(std::move(*family));
        }
    }
    return all;
}

} // namespace bearward::proxy::providers
