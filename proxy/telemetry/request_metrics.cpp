#include "proxy/telemetry/request_metrics.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace bearward::proxy {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using label = ClientMetric::Label;
using labels = std::vector<label>;

label with(const char* name, std::string_view value) {
    return {name, std::string(value)};
}

/// The sum over the workers of what `read` reads of each block.
template <class Blocks, class Read>
std::uint64_t sum_of(const Blocks& blocks, Read read) {
    std::uint64_t sum = 0;
    for (const auto& each : blocks) {
        sum += read(*each);
    }
    return sum;
}

enum class zeros : std::uint8_t { left_out, kept };

/// Adds a counter's or a gauge's sample.
void add_value(MetricFamily& to, labels of, std::uint64_t value, zeros empty = zeros::left_out) {
    if (value == 0 && empty == zeros::left_out) {
        return;
    }
    ClientMetric sample;
    sample.label = std::move(of);
    (to.type == MetricType::Counter ? sample.counter.value : sample.gauge.value) = static_cast<double>(value);
    to.metric.push_back(std::move(sample));
}

double seconds(double microseconds) {
    return microseconds / 1e6;
}

/// Adds the sum of the histograms at `member`, if there is one observation.
template <class Blocks, class Block>
void add_histogram(MetricFamily& to, labels of, const Blocks& blocks, duration_histogram Block::* member) {
    ClientMetric sample;
    sample.label = std::move(of);
    auto& histogram = sample.histogram;
    for (std::size_t bucket = 0; bucket <= duration_histogram::bounds.size(); ++bucket) {
        histogram.sample_count += sum_of(blocks, [&](const Block& each) { return (each.*member).count(bucket); });
        if (bucket < duration_histogram::bounds.size()) {
            const auto bound = static_cast<double>(duration_histogram::bounds[bucket].count());
            histogram.bucket.push_back({histogram.sample_count, seconds(bound)});
        }
    }
    const auto sum = sum_of(blocks, [&](const Block& each) { return (each.*member).sum(); });
    histogram.sample_sum = seconds(static_cast<double>(sum));
    if (histogram.sample_count != 0) {
        to.metric.push_back(std::move(sample));
    }
}

using route_blocks = named_counters<route_counters>::blocks;

void add_requests(MetricFamily& to, const std::string& route, const route_blocks& blocks) {
    for (const auto& method : policies::requests::method_table) {
        for (unsigned hundred = status_counters::first_code; hundred <= status_counters::last_code; hundred += 100) {
            // Of most routes all but a few codes are unused: to read each of them takes longer than all the rest.
            if (std::ranges::none_of(blocks, [&](const auto& each) { return each->requests.has_hundred_of(method.value, hundred); })) {
                continue;
            }
            for (unsigned code = hundred; code < hundred + 100; ++code) {
                const auto count = sum_of(blocks, [&](const route_counters& each) { return each.requests.value(method.value, code); });
                if (count != 0) {
                    add_value(to, {with("route", route), with("method", method.word), with("code", std::to_string(code))}, count);
                }
            }
        }
    }
}

void add_decisions(MetricFamily& to, const std::string& route, const route_blocks& blocks) {
    for (const auto& mode : policies::rules::enforcement_table) {
        const auto index = static_cast<std::size_t>(mode.value);
        for (const policies::reason_row& row : policies::reason_table) {
            const auto why = static_cast<std::size_t>(row.value);
            add_value(to, {with("route", route), with("reason", row.word), with("mode", mode.word)},
                      sum_of(blocks, [&](const route_counters& each) { return each.decisions[index][why].value(); }));
        }
    }
}

/// Returns how many have ended.
std::uint64_t add_closes(MetricFamily& to, const std::string& route, const route_blocks& blocks) {
    // Both kinds of end can have the same word.
    std::map<std::string_view, std::uint64_t> by_word;
    std::uint64_t ended = 0;
    for (const tunnel_end_row& row : tunnel_end_table) {
        const auto why = static_cast<std::size_t>(row.value);
        const auto count = sum_of(blocks, [why](const route_counters& each) { return each.closes[why].value(); });
        ended += count;
        if (count != 0) {
            by_word[row.word] += count;
        }
    }
    for (const policies::reason_row& row : policies::reason_table) {
        const auto why = static_cast<std::size_t>(row.value);
        if (const auto count = sum_of(blocks, [why](const route_counters& each) { return each.refusals[why].value(); }); count != 0) {
            by_word[row.word] += count;
        }
    }
    for (const auto& [word, count] : by_word) {
        add_value(to, {with("route", route), with("reason", word)}, count);
    }
    return ended;
}

/// Of a route that has had a WebSocket.
void add_traffic(MetricFamily& bytes, MetricFamily& frames, const std::string& route, const route_blocks& blocks) {
    const labels in{with("route", route), with("direction", "in")};
    const labels out{with("route", route), with("direction", "out")};
    const auto add = [&blocks](MetricFamily& to, const labels& of, auto read) { add_value(to, of, sum_of(blocks, read), zeros::kept); };
    add(bytes, in, [](const route_counters& each) { return each.from_clients.bytes.value(); });
    add(bytes, out, [](const route_counters& each) { return each.to_clients.bytes.value(); });
    add(frames, in, [](const route_counters& each) { return each.from_clients.frames.value(); });
    add(frames, out, [](const route_counters& each) { return each.to_clients.frames.value(); });
}

MetricFamily family(const char* name, const char* help, MetricType type) {
    return {name, help, type, {}};
}

void add_routes(std::vector<MetricFamily>& to, const named_counters<route_counters>& routes) {
    auto requests = family("bearward_requests_total", "Requests that were answered.", MetricType::Counter);
    auto decisions = family("bearward_decisions_total",
                            "Decisions on requests; mode observe or observe_all: a denial that was not enforced.", MetricType::Counter);
    auto durations = family("bearward_request_duration_seconds", "From a request's first byte to the end of its answer, or to 101.",
                            MetricType::Histogram);
    auto open = family("bearward_websockets", "Open WebSockets.", MetricType::Gauge);
    auto closes = family("bearward_websocket_closes_total", "WebSockets that ended, refused ones with their reason.", MetricType::Counter);
    auto opened = family("bearward_websockets_opened_total", "WebSockets that an upstream has accepted.", MetricType::Counter);
    auto seconds_open =
        family("bearward_websocket_seconds_total", "How long the WebSockets that ended were open, together.", MetricType::Counter);
    auto bytes = family("bearward_websocket_bytes_total", "What open WebSockets have carried; in: from clients.", MetricType::Counter);
    auto frames = family("bearward_websocket_frames_total", "Likewise their frames, control frames included.", MetricType::Counter);
    auto streams = family("bearward_stream_ends_total",
                          "Answers that were ended while they were running, with their token or for the drain.", MetricType::Counter);
    for (const auto& [route, blocks] : routes.all()) {
        add_requests(requests, route, blocks);
        add_decisions(decisions, route, blocks);
        add_histogram(durations, {with("route", route)}, blocks, &route_counters::duration);
        const auto ended = add_closes(closes, route, blocks);
        for (const auto& row : stream_end_table) {
            add_value(streams, {with("route", route), with("reason", row.word)},
                      sum_of(blocks, [at = static_cast<std::size_t>(row.value)](
                                         const route_counters& each) { return each.stream_ends[at].value(); }),
                      zeros::left_out);
        }
        if (const auto count = sum_of(blocks, [](const route_counters& each) { return each.websockets_opened.value(); }); count != 0) {
            add_value(opened, {with("route", route)}, count);
            add_value(seconds_open, {with("route", route)},
                      sum_of(blocks, [](const route_counters& each) { return each.websocket_seconds.value(); }), zeros::kept);
            add_traffic(bytes, frames, route, blocks);
        }
        // A route that has had one keeps its series when the last one is closed.
        add_value(open, {with("route", route)}, sum_of(blocks, [](const route_counters& each) { return each.websockets.value(); }),
                  ended == 0 ? zeros::left_out : zeros::kept);
    }
    for (auto* each : {&requests, &decisions, &durations, &open, &closes, &opened, &seconds_open, &bytes, &frames, &streams}) {
        to.push_back(std::move(*each));
    }
}

void add_upstreams(std::vector<MetricFamily>& to, const named_counters<upstream_counters>& upstreams) {
    auto durations = family("bearward_upstream_duration_seconds",
                            "From the choice of a connection to the end of the answer, to 101, or to the failure.", MetricType::Histogram);
    auto errors = family("bearward_upstream_errors_total", "Requests without a whole answer from the upstream.", MetricType::Counter);
    auto open = family("bearward_upstream_connections", "Connections to upstreams.", MetricType::Gauge);
    for (const auto& [upstream, blocks] : upstreams.all()) {
        add_histogram(durations, {with("upstream", upstream)}, blocks, &upstream_counters::duration);
        for (std::size_t why = 0; why < upstream_failures.size(); ++why) {
            add_value(errors, {with("upstream", upstream), with("reason", policies::to_string(upstream_failures[why]))},
                      sum_of(blocks, [why](const upstream_counters& each) { return each.errors[why].value(); }), zeros::kept);
        }
        add_value(open, {with("upstream", upstream), with("state", "active")},
                  sum_of(blocks, [](const upstream_counters& each) { return each.active.value(); }), zeros::kept);
        add_value(open, {with("upstream", upstream), with("state", "idle")},
                  sum_of(blocks, [](const upstream_counters& each) { return each.idle.value(); }), zeros::kept);
    }
    for (auto* each : {&durations, &errors, &open}) {
        to.push_back(std::move(*each));
    }
}

void add_listeners(std::vector<MetricFamily>& to, const named_counters<listener_counters>& listeners) {
    auto open = family("bearward_connections", "Open client connections, WebSockets too.", MetricType::Gauge);
    for (const auto& [listener, blocks] : listeners.all()) {
        add_value(open, {with("listener", listener)},
                  sum_of(blocks, [](const listener_counters& each) { return each.connections.value(); }), zeros::kept);
    }
    to.push_back(std::move(open));
}

void add_token_caches(std::vector<MetricFamily>& to, const named_counters<token_cache_counters>& caches) {
    auto lookups = family("bearward_token_cache_total", "Tokens looked up among those verified before; negative_hit: a bad signature.",
                          MetricType::Counter);
    for (const auto& [provider, blocks] : caches.all()) {
        for (const auto& row : token_lookup_table) {
            const auto how = static_cast<std::size_t>(row.value);
            add_value(lookups, {with("provider", provider), with("result", row.word)},
                      sum_of(blocks, [how](const token_cache_counters& each) { return each.results[how].value(); }));
        }
    }
    to.push_back(std::move(lookups));
}

void add_build(std::vector<MetricFamily>& to) {
    auto build = family("bearward_build_info", "Always 1; what runs.", MetricType::Gauge);
    add_value(build, {with("version", BEARWARD_VERSION)}, 1);
    to.push_back(std::move(build));
}

} // namespace

std::vector<MetricFamily> request_metrics::Collect() const {
    std::vector<MetricFamily> families;
    counters_.read([&families](const counter_registry::kept& all) {
        add_routes(families, all.routes);
        add_upstreams(families, all.upstreams);
        add_listeners(families, all.listeners);
        add_token_caches(families, all.token_caches);
    });
    add_build(families);
    std::erase_if(families, [](const MetricFamily& each) { return each.metric.empty(); });
    return families;
}

} // namespace bearward::proxy
