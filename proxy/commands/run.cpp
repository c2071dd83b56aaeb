#include "config/configuration.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/commands/failed_tests.hpp"
#include "proxy/control/log_addresses.hpp"
#include "proxy/control/reloader.hpp"
#include "proxy/control/service_manager.hpp"
#include "proxy/control/signals.hpp"
#include "proxy/control/watchdog.hpp"
#include "proxy/file_limit.hpp"
#include "proxy/service.hpp"
#include "proxy/telemetry/log.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <utility>

namespace bearward::proxy::commands {
namespace {

/// What the end takes beside the drain.
constexpr std::chrono::seconds time_to_end{10};

signal_actions actions_for(service& proxy, reloader& reloads, const service_manager& manager) {
    return {
        .end =
            [&proxy, &manager] {
                spdlog::info("draining; a second signal ends at once");
                manager.report_stopping(proxy.drain() + time_to_end);
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
        .reload = [&reloads] { reloads.request("SIGHUP"); },
    };
}

int serve(config::configuration settings, const std::string& configuration_file, config::sources read, inherited_sockets inherited) {
    std::optional<signal_hold> hold(std::in_place);
    config::revocations_in_force revoked{settings.rules, settings.revocation_files};
    const service_manager manager = service_manager::from_environment();
    service proxy(std::move(settings));
    proxy.note_configuration(read);
    reloader reloads(proxy, manager, find_failed_tests, configuration_file, std::move(read), std::move(revoked));
    proxy.accept_reloads([&reloads](reload_answer done) { reloads.request("POST /reload", std::move(done)); });
    proxy.start(std::move(inherited));
    reloads.start();
    const signal_watch signals(actions_for(proxy, reloads, manager));
    hold.reset();
    log_addresses(proxy);
    manager.report_ready("serving");
    const watchdog signs_of_life(manager, [&proxy](std::chrono::milliseconds within) { return proxy.responds(within); });
    proxy.wait();
    spdlog::info("ended");
    return 0;
}

} // namespace

int run(const std::string& configuration_file) {
    std::signal(SIGHUP, SIG_IGN); // what changes while it loads is noticed all the same
    config::load_result result = config::load_file(configuration_file);
    // What a start says stands on stderr whatever the output is, in the log's format.
    const config::log_settings log = result.log;
    set_up_start_log(log.format);
    for (const auto& problem : result.diagnostics) {
        log_diagnostic(problem);
    }
    if (!result.loaded) {
        return 1;
    }
    const auto failures = find_failed_tests(*result.loaded);
    for (const auto& failed : failures) {
        log_diagnostic(failed);
    }
    if (!failures.empty()) {
        return 1;
    }
    try {
        set_up_log(log);
        raise_file_limit();
        spdlog::info("bearward {} with {}", BEARWARD_VERSION, configuration_file);
        return serve(*std::move(result.loaded), configuration_file, std::move(result.read), inherited_sockets::from_environment());
    } catch (const std::exception& failure) {
        set_up_start_log(log.format);
        spdlog::error("{}", failure.what());
        return 1;
    }
}

} // namespace bearward::proxy::commands
