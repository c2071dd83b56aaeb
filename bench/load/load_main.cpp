// usage: bench_load requests|echo|hold --port N [options]; prints one JSON object.
#include "bench/load/load.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>

namespace {

using bearward::bench::load_options;
using bearward::bench::load_result;

std::uint32_t percentile(std::vector<std::uint32_t>& values, double part) {
    if (values.empty()) {
        return 0;
    }
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::ranges::nth_element(values, place);
    return *place;
}

void print(load_result result) {
    const double seconds = std::chrono::duration<double>(result.took).count();
    std::cout << "{\"done\": " << result.done << ", \"failed\": " << result.failed << ", \"unsuccessful\": " << result.unsuccessful
              << ", \"seconds\": " << seconds << ", \"p50\": " << percentile(result.latencies, 0.5)
              << ", \"p99\": " << percentile(result.latencies, 0.99) << "}" << std::endl;
}

} // namespace

int main(int count, char** arguments) {
    load_options options;
    std::string token_file;
    double seconds = 1;
    CLI::App app{"A load generator for one core"};
    app.add_option("kind", options.kind)->required()->check(CLI::IsMember({"requests", "echo", "hold"}));
    app.add_option("--port", options.port)->required();
    app.add_option("--path", options.path);
    app.add_option("--header", options.header, "A field that each request has besides");
    app.add_option("--tokens", token_file, "A file with a token a line, used in turn");
    app.add_option("--connections", options.connections);
    app.add_option("--seconds", seconds);
    app.add_option("--count", options.count);
    app.add_option("--rate", options.rate);
    app.add_flag("--fresh", options.fresh, "A connection for each request");
    app.add_option("--upload", options.upload);
    app.add_option("--message", options.message);
    app.add_flag("--websocket", options.websocket);
    app.add_option("--steps", options.steps)->delimiter(',');
    CLI11_PARSE(app, count, arguments);
    options.duration = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    std::ifstream file(token_file);
    for (std::string line; !token_file.empty() && std::getline(file, line);) {
        options.tokens.push_back(line);
    }
    const auto run = options.kind == "requests" ? bearward::bench::run_requests
                     : options.kind == "echo"   ? bearward::bench::run_echo
                                                : bearward::bench::run_hold;
    print(run(options));
    return 0;
}
