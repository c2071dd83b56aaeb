#include "proxy/telemetry/metrics_text.hpp"

#include "policies/invariant.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace bearward::proxy {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

template <class... Format>
void add_formatted(std::string& to, Format... value) {
    std::array<char, 32> text; // NOLINT(cppcoreguidelines-pro-type-member-init): written below
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value...).ptr;
    to.append(text.data(), end);
}

void add_number(std::string& to, double value) {
    constexpr double exact = 1e15; // whole numbers below have at most as many digits as others get
    if (std::isnan(value)) {
        to += "Nan";
    } else if (std::isinf(value)) {
        to += value < 0 ? "-Inf" : "+Inf";
    } else if (std::abs(value) < exact && value == std::trunc(value) && !(value == 0 && std::signbit(value))) {
        add_formatted(to, static_cast<long long>(value));
    } else {
        add_formatted(to, value, std::chars_format::general, std::numeric_limits<double>::max_digits10 - 1);
    }
}

void add_escaped(std::string& to, std::string_view value) {
    for (std::size_t special = 0; (special = value.find_first_of("\n\\\"")) != std::string_view::npos; value.remove_prefix(special + 1)) {
        to += value.substr(0, special);
        to += '\\';
        to += value[special] == '\n' ? 'n' : value[special];
    }
    to += value;
}

/// `bound`: of a bucket; null: none.
void add_series(std::string& to, const MetricFamily& family, std::string_view suffix, const ClientMetric& sample,
                const double* bound = nullptr) {
    to.append(family.name).append(suffix);
    char separator = '{';
    for (const ClientMetric::Label& each : sample.label) {
        to += separator;
        to.append(each.name).append("=\"");
        add_escaped(to, each.value);
        to += '"';
        separator = ',';
    }
    if (bound != nullptr) {
        to += separator;
        to += "le=\"";
        add_number(to, *bound);
        to += '"';
        separator = ',';
    }
    to += separator == ',' ? "} " : " ";
}

void add_value(std::string& to, const MetricFamily& family, std::string_view suffix, const ClientMetric& sample, double value,
               const double* bound = nullptr) {
    add_series(to, family, suffix, sample, bound);
    add_number(to, value);
    to += '\n';
}

void add_histogram(std::string& to, const MetricFamily& family, const ClientMetric& sample) {
    constexpr double last = std::numeric_limits<double>::infinity();
    const auto& histogram = sample.histogram;
    const auto count = static_cast<double>(histogram.sample_count);
    add_value(to, family, "_count", sample, count);
    add_value(to, family, "_sum", sample, histogram.sample_sum);
    for (const auto& bucket : histogram.bucket) {
        add_value(to, family, "_bucket", sample, static_cast<double>(bucket.cumulative_count), &bucket.upper_bound);
    }
    add_value(to, family, "_bucket", sample, count, &last);
}

std::string_view word_of(MetricType type) {
    return type == MetricType::Counter ? "counter" : type == MetricType::Gauge ? "gauge" : "histogram";
}

void add_family(std::string& to, const MetricFamily& family) {
    policies::invariant(family.type == MetricType::Counter || family.type == MetricType::Gauge || family.type == MetricType::Histogram,
                        "a metric is a counter, a gauge or a histogram");
    to.append("# HELP ").append(family.name).append(" ").append(family.help).append("\n");
    to.append("# TYPE ").append(family.name).append(" ").append(word_of(family.type)).append("\n");
    for (const ClientMetric& sample : family.metric) {
        if (family.type == MetricType::Histogram) {
            add_histogram(to, family, sample);
        } else {
            add_value(to, family, {}, sample, family.type == MetricType::Counter ? sample.counter.value : sample.gauge.value);
        }
    }
}

} // namespace

std::string metrics_text(std::span<const MetricFamily> families) {
    std::string text;
    for (const MetricFamily& each : families) {
        add_family(text, each);
    }
    return text;
}

} // namespace bearward::proxy
