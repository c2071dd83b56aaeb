#include "proxy/commands/import_peer.hpp"

#include "config/configuration.hpp"
#include "config/encoding.hpp"
#include "proxy/commands/import/import_configuration.hpp"
#include "proxy/commands/import/write_configuration.hpp"
#include "proxy/commands/new_file.hpp"
#include "proxy/commands/policy_tests.hpp"
#include "proxy/telemetry/counter_registry.hpp"

#include <cerrno>
#include <expected>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

namespace bearward::proxy::commands {
namespace {

constexpr int failed = 1;
constexpr int wrong_usage = 2;
constexpr std::size_t most_bytes = std::size_t{5} * 1024 * 1024; // more than any peer's configuration may have

std::expected<std::string, std::string> read_peer_file(const std::string& path) {
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem)) {
        return std::unexpected(problem ? problem.message() : "not a regular file");
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(most_bytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || !file.is_open()) {
        return std::unexpected(std::system_category().message(errno));
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

/// Whether `check --offline` would take it; if not, why.
bool passes_check(const std::string& text, std::ostream& messages) {
    config::load_result result = config::load_text(text, "the result", {.offline = true});
    for (const config::diagnostic& each : result.diagnostics) {
        if (each.severity != config::diagnostic::kind::note) {
            messages << "bearward import: " << to_string(each) << '\n';
        }
    }
    if (!result.loaded) {
        return false;
    }
    counter_registry counted_nowhere(1);
    const serving rules(std::move(*result.loaded), counted_nowhere, purpose::judge);
    bool good = true;
    for (const test_outcome& each : run_policy_tests(rules)) {
        if (!each.differences.empty()) {
            messages << "bearward import: " << to_text(each) << '\n';
            good = false;
        }
    }
    return good;
}

void say_what_is_left(const importing::import_result& result, const import_options& options, std::ostream& messages) {
    for (const importing::note& each : result.notes) {
        messages << config::escape_for_message(options.file, 200) << ": " << importing::to_text(each) << '\n';
    }
    if (!result.text) {
        return;
    }
    for (const std::string& each : result.placeholders) {
        messages << "bearward import: fill in " << each << '\n';
    }
    if (result.opens()) {
        messages << "bearward import: what is marked with OPENS is refused there and could not be translated: look at each before this "
                    "protects anything\n";
    }
}

} // namespace

int import_peer(const import_options& options, const import_streams& streams) {
    const auto peer = importing::find_peer(options.peer);
    if (!peer) {
        streams.messages << "bearward import: not a known peer; accepted: " << importing::peer_words() << '\n';
        return wrong_usage;
    }
    if (options.output != "-" && is_there(options.output)) {
        streams.messages << "bearward import: " << options.output << " is there already, and is left as it is; -o FILE names another\n";
        return failed;
    }
    const auto text = read_peer_file(options.file);
    if (!text) {
        streams.messages << "bearward import: can't read " << options.file << ": " << text.error() << '\n';
        return failed;
    }
    const importing::import_result result = importing::import_configuration(*peer, *text, options.file);
    say_what_is_left(result, options, streams.messages);
    if (!result.text) {
        streams.messages << "bearward import: nothing is written\n";
        return failed;
    }
    const bool good = passes_check(*result.text, streams.messages);
    if (options.output == "-") {
        streams.out << *result.text << std::flush;
        if (!streams.out) {
            return failed;
        }
    } else if (const auto written = write_new_file(options.output, *result.text); !written) {
        streams.messages << "bearward import: can't write " << options.output << ": " << written.error() << '\n';
        return failed;
    }
    return good && !result.opens() ? 0 : failed;
}

int import_peer(const import_options& options) {
    return import_peer(options, {.out = std::cout, .messages = std::cerr});
}

} // namespace bearward::proxy::commands
