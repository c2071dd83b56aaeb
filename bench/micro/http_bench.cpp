// Nanoseconds of the head's way: parse and gate, canonical path, route, rewrite.
#include "bench/micro/fixtures.hpp"
#include "proxy/http/head_gate.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/write_head.hpp"

#include <benchmark/benchmark.h>

#include <stdexcept>

namespace bearward::bench {
namespace {

namespace http = proxy::http;

void head_parse(benchmark::State& state) {
    http::request_head head;
    for ([[maybe_unused]] auto each : state) {
        if (http::parse_request_head(request_text, {}, head).state != http::head_state::complete) {
            throw std::logic_error("the benchmark's head is refused");
        }
    }
}
BENCHMARK(head_parse);

/// The gate's part of head_parse.
void gate(benchmark::State& state) {
    http::request_head head;
    (void)http::parse_request_head(request_text, {}, head);
    for ([[maybe_unused]] auto each : state) {
        http::gate_notes notes;
        for (const auto& field : head.fields) {
            http::note_field(field, notes);
        }
        benchmark::DoNotOptimize(http::check_request(notes, {}, head));
    }
}
BENCHMARK(gate);

void canonical_path(benchmark::State& state, std::string_view raw) {
    policies::requests::path_scratch scratch;
    for ([[maybe_unused]] auto each : state) {
        benchmark::DoNotOptimize(policies::requests::parse_path(raw, {.ambiguous = policies::requests::ambiguous_paths::reject}, scratch));
    }
}
BENCHMARK_CAPTURE(canonical_path, canonical, "/tenants/t-1/widgets/0b9c8a6e-4a53-4ad2-a1c6");
BENCHMARK_CAPTURE(canonical_path, escapes_and_dots, "/tenants/./t%2D1//widgets/../widgets/%C3%A9");

void route_match(benchmark::State& state) {
    std::vector<policies::rules::route> routes;
    for (std::int64_t index = 0; index < state.range(0); ++index) {
        const std::string number = std::to_string(index);
        routes.push_back(make_route("/service-" + number + "/v1/tenants/{id}/items"));
    }
    const policies::rules::route_table table(std::move(routes));
    const std::string path = "/service-" + std::to_string(state.range(0) / 2) + "/v1/tenants/t-1/items/5";
    for ([[maybe_unused]] auto each : state) {
        if (table.find(path, "api.example.com", "GET", 0).matched == nullptr) {
            throw std::logic_error("the benchmark's path has no route");
        }
    }
}
BENCHMARK(route_match)->Arg(10)->Arg(1'000)->Arg(10'000);

void rewrite_request(benchmark::State& state) {
    scene at(algorithm::hs256);
    policies::direct_outside source(now);
    const std::string text = std::string(request_text.substr(0, request_text.size() - 2)) + "Authorization: " + at.token + "\r\n\r\n";
    http::request_head head;
    (void)http::parse_request_head(text, {}, head);
    const auto decided = policies::decide(at.request, at.rules, source, policies::on_need::tell, at.scratch);
    const auto& leave = std::get<policies::permit>(decided);
    const http::rewrite_rules rules{.stripped_names = {"X-User-Id", "X-Tenant-Id", "X-User-Roles", "X-User-Scopes"},
                                    .identity_headers = &at.rules.identity_headers};
    const http::forward_context context{
        .peer_address = "192.0.2.7", .request_id = "0123456789abcdef0123456789abcdef", .path = at.request.path.path};
    http::outgoing_request made;
    std::string out;
    for ([[maybe_unused]] auto each : state) {
        http::make_upstream_head(head, leave, rules, context, false, made);
        out.clear();
        http::write_head(made, out);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(rewrite_request);

void rewrite_response(benchmark::State& state) {
    constexpr std::string_view text = "HTTP/1.1 200 OK\r\ndate: Sat, 01 Jan 2028 00:00:00 GMT\r\nserver: uvicorn\r\n"
                                      "content-length: 100\r\ncontent-type: application/json\r\n\r\n";
    http::response_head head;
    const http::head_limits limits{64 * 1024, 64 * 1024, 1'000};
    const http::response_context context{.request_id = "0123456789abcdef0123456789abcdef", .date = "Sat, 01 Jan 2028 00:00:00 GMT"};
    http::outgoing_response made;
    std::string out;
    for ([[maybe_unused]] auto each : state) {
        (void)http::parse_response_head(text, limits, "GET", head);
        http::make_downstream_head(head, context, made);
        out.clear();
        http::write_head(made, out);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(rewrite_response);

} // namespace
} // namespace bearward::bench
