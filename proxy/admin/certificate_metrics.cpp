#include "proxy/admin/certificate_metrics.hpp"

#include <chrono>

namespace bearward::proxy {

std::vector<prometheus::MetricFamily> certificate_metrics::Collect() const {
    prometheus::MetricFamily family;
    family.name = "bearward_certificate_expiry_seconds";
    family.help = "Seconds until the first of a listener's certificates expires; negative: it has.";
    family.type = prometheus::MetricType::Gauge;
    const auto rules = rules_();
    const auto now = std::chrono::system_clock::now();
    for (std::size_t index = 0; index < rules->settings.listeners.size(); ++index) {
        if (const auto& tls = rules->listener_contexts[index]) {
            prometheus::ClientMetric sample;
            sample.label = {{"listener", rules->settings.listeners[index].name}};
            sample.gauge.value = std::chrono::duration<double>(tls->expires() - now).count();
            family.metric.push_back(std::move(sample));
        }
    }
    return family.metric.empty() ? std::vector<prometheus::MetricFamily>{} : std::vector{std::move(family)};
}

} // namespace bearward::proxy
