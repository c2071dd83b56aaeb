#include "config/configuration.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/control/log.hpp"
#include "proxy/control/signals.hpp"
#include "proxy/file_limit.hpp"
#include "proxy/server.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <iostream>
#include <utility>

namespace bearward::proxy::commands {
namespace {

void log_addresses(const server& proxy) {
    for (const auto& listener : proxy.listeners()) {
        spdlog::info("listening on {} ({})", listener.address, listener.name);
    }
    if (const std::string admin = proxy.admin_address(); !admin.empty()) {
        spdlog::info("admin on {}", admin);
    }
    if (const std::string probes = proxy.probes_address(); !probes.empty()) {
        spdlog::info("probes on {}", probes);
    }
}

/// A bad configuration is refused as a whole, and the old one stays.
void reload(server& proxy, const std::string& configuration_file) {
    config::load_result result = config::load_file(configuration_file);
    for (const auto& problem : result.diagnostics) {
        const bool error = problem.severity == config::diagnostic::kind::error;
        spdlog::log(error ? spdlog::level::err : spdlog::level::warn, "{}", to_string(problem));
    }
    if (!result.loaded) {
        proxy.count_reload(false);
        spdlog::error("reload refused: {} is not valid; the old configuration stays", configuration_file);
        return;
    }
    try {
        for (const auto& note : proxy.reload(*std::move(result.loaded))) {
            spdlog::warn("{}", note);
        }
        proxy.count_reload(true);
        spdlog::info("reloaded {}", configuration_file);
        log_addresses(proxy);
    } catch (const std::exception& failure) {
        proxy.count_reload(false);
        spdlog::error("reload refused: {}; the old configuration stays", failure.what());
    }
}

signal_actions actions_for(server& proxy, const std::string& configuration_file) {
    return {
        .end =
            [&proxy] {
                spdlog::info("draining; a second signal ends at once");
                proxy.drain();
            },
        .end_now =
            [&proxy] {
                spdlog::warn("ending at once");
                proxy.stop();
            },
        .reopen =
            [&proxy] {
                reopen_log();
                proxy.reopen_logs();
                spdlog::info("logs reopened");
            },
        .reload = [&proxy, configuration_file] { reload(proxy, configuration_file); },
    };
}

int serve(config::configuration settings, const std::string& configuration_file) {
    server proxy(std::move(settings));
    proxy.start();
    const signal_watch signals(actions_for(proxy, configuration_file));
    log_addresses(proxy);
    proxy.wait();
    spdlog::info("ended");
    return 0;
}

} // namespace

int run(const std::string& configuration_file) {
    config::load_result result = config::load_file(configuration_file);
    for (const auto& problem : result.diagnostics) {
        std::cerr << to_string(problem) << '\n';
    }
    if (!result.loaded) {
        return 1;
    }
    try {
        set_up_log(result.loaded->log);
        raise_file_limit();
        spdlog::info("bearward {} with {}", BEARWARD_VERSION, configuration_file);
        return serve(*std::move(result.loaded), configuration_file);
    } catch (const std::exception& failure) {
        std::cerr << "bearward: " << failure.what() << '\n';
        return 1;
    }
}

} // namespace bearward::proxy::commands
