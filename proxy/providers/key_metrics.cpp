#include "proxy/providers/key_metrics.hpp"

#include <chrono>

namespace bearward::proxy::providers {
namespace {

void add_count(prometheus::MetricFamily& to, const std::string& provider, const char* result, std::uint64_t count) {
    prometheus::ClientMetric sample;
    sample.label = {{"provider", provider}, {"result", result}};
    sample.counter.value = static_cast<double>(count);
    to.metric.push_back(std::move(sample));
}

} // namespace

std::vector<prometheus::MetricFamily> key_metrics::Collect() const {
    prometheus::MetricFamily fetches;
    fetches.name = "bearward_key_fetches_total";
    fetches.help = "Fetches of keys, by provider and result.";
    fetches.type = prometheus::MetricType::Counter;
    prometheus::MetricFamily ages;
    ages.name = "bearward_keys_age_seconds";
    ages.help = "How old a provider's fetched keys are; absent while there are none.";
    ages.type = prometheus::MetricType::Gauge;
    for (const fetch_totals& each : from_.totals()) {
        add_count(fetches, each.provider, "success", each.successes);
        add_count(fetches, each.provider, "failure", each.failures);
        if (const auto status = from_.status_of(each.provider); status && status->age) {
            prometheus::ClientMetric sample;
            sample.label = {{"provider", each.provider}};
            sample.gauge.value = std::chrono::duration<double>(*status->age).count();
            ages.metric.push_back(std::move(sample));
        }
    }
    std::vector<prometheus::MetricFamily> all;
    for (auto* family : {&fetches, &ages}) {
        if (!family->metric.empty()) {
            all.push_back(std::move(*family));
        }
    }
    return all;
}

} // namespace bearward::proxy::providers
