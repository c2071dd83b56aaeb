#include "config/configuration.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/control/log.hpp"
#include "proxy/control/signals.hpp"
#include "proxy/server.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <iostream>
#include <utility>

namespace bearward::proxy::commands {
namespace {

signal_actions actions_for(server& proxy) {
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
        .reload = [] { spdlog::warn("reload is not supported yet; restart to use a changed configuration"); },
    };
}

void log_addresses(const server& proxy) {
    for (const auto& listener : proxy.listeners()) {
        spdlog::info("listening on {} ({})", listener.address, listener.name);
    }
    if (const std::string admin = proxy.admin_address(); !admin.empty()) {
        spdlog::info("admin on {}", admin);
    }
}

int serve(config::configuration settings) {
    server proxy(std::move(settings));
    proxy.start();
    const signal_watch signals(actions_for(proxy));
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
        spdlog::info("bearward {} with {}", BEARWARD_VERSION, configuration_file);
        return serve(*std::move(result.loaded));
    } catch (const std::exception& failure) {
        std::cerr << "bearward: " << failure.what() << '\n';
        return 1;
    }
}

} // namespace bearward::proxy::commands
