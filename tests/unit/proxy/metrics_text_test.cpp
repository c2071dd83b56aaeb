#include "proxy/telemetry/metrics_text.hpp"

#include <prometheus/text_serializer.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace bearward::proxy {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string of_the_library(const std::vector<MetricFamily>& families) {
    return prometheus::TextSerializer{}.Serialize(families);
}

MetricFamily gauge_of(double value) {
    MetricFamily family{"g", "A gauge.", MetricType::Gauge, {}};
    family.metric.emplace_back().gauge.value = value;
    return family;
}

TEST(metrics_text, has_numbers_as_the_library_writes_them) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    for (const double value : {0.0,
                               -0.0,
                               1.0,
                               -1.0,
                               0.1,
                               0.001,
                               0.0001,
                               1e-5,
                               1e-7,
                               2.5,
                               1.0 / 3,
                               100000.0,
                               1e6,
                               123456789.0,
                               999999999999999.0,
                               1e15,
                               1e16,
                               123456789012345678.0,
                               9007199254740993.0,
                               1e22,
                               1.7976931348623157e308,
                               5e-324,
                               1795877584.37,
                               2591996.132811535,
                               -0.5,
                               infinite,
                               -infinite}) {
        const std::vector<MetricFamily> families{gauge_of(value)};
        EXPECT_EQ(metrics_text(families), of_the_library(families)) << value;
    }
}

TEST(metrics_text, escapes_labels_as_the_library_does) {
    for (const char* value : {"", "a", "\"", "\\", "\n", "a\"b\\c\nd", "\n\n", "\"\"\"", "ä"}) {
        MetricFamily family = gauge_of(1);
        family.metric[0].label = {{"first", value}, {"second", "x"}};
        const std::vector<MetricFamily> families{family};
        EXPECT_EQ(metrics_text(families), of_the_library(families)) << value;
    }
}

TEST(metrics_text, of_random_families_is_the_librarys) {
    std::mt19937 random(1); // NOLINT(cert-msc51-cpp): the same ones each time
    const auto pick = [&random](unsigned below) { return std::uniform_int_distribution<unsigned>(0, below - 1)(random); };
    for (int round = 0; round < 500; ++round) {
        std::vector<MetricFamily> families;
        for (unsigned left = pick(4); left > 0; --left) {
            MetricFamily family{"name_" + std::to_string(left),
                                "What it is.",
                                std::array{MetricType::Counter, MetricType::Gauge, MetricType::Histogram}[pick(3)],
                                {}};
            for (unsigned samples = pick(4); samples > 0; --samples) {
                ClientMetric& sample = family.metric.emplace_back();
                for (unsigned labels = pick(3); labels > 0; --labels) {
                    sample.label.push_back({"l" + std::to_string(labels), std::string(pick(3), "a\"\\\n"[pick(4)])});
                }
                const double value = std::ldexp(static_cast<double>(pick(1'000'000)), static_cast<int>(pick(40)) - 20);
                sample.counter.value = sample.gauge.value = sample.histogram.sample_sum = value;
                sample.histogram.sample_count = pick(1'000'000);
                for (unsigned buckets = 0; buckets < pick(5); ++buckets) {
                    sample.histogram.bucket.push_back({pick(1000), 0.001 * buckets});
                }
            }
            families.push_back(std::move(family));
        }
        ASSERT_EQ(metrics_text(families), of_the_library(families)) << "round " << round;
    }
}

} // namespace
} // namespace bearward::proxy
