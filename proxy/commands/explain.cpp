#include "proxy/commands/explain.hpp"

#include "policies/text.hpp"
#include "proxy/commands/input.hpp"
#include "proxy/telemetry/counter_registry.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>

namespace bearward::proxy::commands {
namespace {

constexpr int wrong_usage = 2;
constexpr int denied = 3;

int fail(int code, std::string_view problem) {
    std::cerr << "bearward explain: " << problem << '\n';
    return code;
}

} // namespace

int explain(const std::string& configuration_file, const explain_options& options) {
    std::optional<std::string> token;
    if (options.token) {
        auto read = read_token(*options.token);
        if (!read) {
            return fail(wrong_usage, read.error());
        }
        token = std::move(*read);
    }
    const auto head = make_request_head(options, token);
    if (!head) {
        return fail(wrong_usage, head.error());
    }
    const auto now = options.at ? parse_time(*options.at) : std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    if (!now) {
        return fail(wrong_usage, "--at is no time such as 2026-01-31T12:00:00Z, or seconds of Unix time");
    }
    auto configuration = load_or_complain(configuration_file);
    if (!configuration) {
        return 1;
    }
    counter_registry counted_nowhere(1);
    const serving rules(std::move(*configuration), counted_nowhere, purpose::judge);
    const auto& listeners = rules.settings.listeners;
    const auto listener =
        options.listener ? std::ranges::find(listeners, *options.listener, &config::listener_settings::name) : listeners.begin();
    if (listener == listeners.end()) {
        return fail(wrong_usage, "--listener is none of " + policies::listed(listeners, &config::listener_settings::name));
    }
    const explained what = explain_request(rules, *head, static_cast<std::uint32_t>(listener - listeners.begin()), *now);
    std::cout << (options.json ? to_json_text(what) : to_text(what)) << std::flush;
    if (!std::cout) {
        return 1;
    }
    return what.permitted ? 0 : denied;
}

} // namespace bearward::proxy::commands
