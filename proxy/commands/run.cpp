#include "config/configuration.hpp"
#include "proxy/commands/answer_question.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/commands/failed_tests.hpp"
#include "proxy/control/handover.hpp"
#include "proxy/control/log_addresses.hpp"
#include "proxy/control/reloader.hpp"
#include "proxy/control/service_manager.hpp"
#include "proxy/control/signals.hpp"
#include "proxy/control/takeover.hpp"
#include "proxy/control/watchdog.hpp"
#include "proxy/file_limit.hpp"
#include "proxy/service.hpp"
#include "proxy/telemetry/log.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <stdexcept>
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

/// A signal that is held back: nobody should be replaced by a process that ends at once.
bool is_to_end() {
    sigset_t pending{};
    return ::sigpending(&pending) == 0 && (::sigismember(&pending, SIGTERM) == 1 || ::sigismember(&pending, SIGINT) == 1);
}

/// Starts it, in the place of the process that is to be replaced if there is one. Throws std::runtime_error.
void start(service& proxy, takeover* replaced) {
    if (replaced == nullptr) {
        proxy.start(inherited_sockets::from_environment());
        return;
    }
    proxy.start_in_place_of_another(replaced->take_sockets(), [&proxy, replaced] {
        if (is_to_end()) {
            throw std::runtime_error("a signal came before this process has taken over; the running one goes on");
        }
        if (const auto finished = replaced->finish(proxy.inherited_files()); !finished) {
            throw std::runtime_error("the running one does not hand over: " + finished.error());
        }
    });
}

/// What answers on other threads ends before what it answers from, however serve() is left.
class stopped_at_the_end {
public:
    explicit stopped_at_the_end(service& proxy) : proxy_(proxy) {}
    ~stopped_at_the_end() {
        proxy_.stop();
        proxy_.wait();
    }
    stopped_at_the_end(const stopped_at_the_end&) = delete;
    stopped_at_the_end& operator=(const stopped_at_the_end&) = delete;

private:
    service& proxy_;
};

std::optional<takeover> ask_the_running_one(const config::admin_settings& settings) {
    if (!settings.address || settings.address->unix_path.empty()) {
        throw std::runtime_error("--replace asks the running one at admin.address, which has to be a unix socket for that");
    }
    auto asked = takeover::ask(*settings.address);
    if (!asked) {
        throw std::runtime_error("the running one can't be asked at " + settings.address->text + ": " + asked.error());
    }
    return *std::move(asked);
}

int serve(config::configuration settings, const run_options& options, config::sources read, policy_check& tests) {
    std::optional<signal_hold> hold(std::in_place);
    std::optional<takeover> replaced = options.replace ? ask_the_running_one(settings.admin) : std::nullopt;
    config::revocations_in_force revoked{settings.rules, settings.revocation_files};
    const service_manager manager = service_manager::from_environment();
    service proxy(std::move(settings));
    proxy.note_configuration(read);
    reloader reloads(
        proxy, manager, [&tests](const config::configuration& fresh) { return tests.find_failures(fresh); }, options.configuration_file,
        std::move(read), std::move(revoked));
    proxy.accept_reloads([&reloads](reload_answer done) { reloads.request("POST /reload", std::move(done)); });
    proxy.accept_questions(answer_question);
    handover replacing(
        proxy, [&proxy, &manager] { manager.report_stopping(proxy.drain_at_once() + time_to_end); },
        [&reloads] { reloads.request("a process that was to replace this one has failed"); });
    proxy.accept_takeovers([&replacing](owned_descriptor connection) { replacing.take(std::move(connection)); });
    const stopped_at_the_end stopped(proxy);
    start(proxy, replaced ? &*replaced : nullptr);
    replaced.reset();
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

int run(const run_options& options) {
    const std::string& configuration_file = options.configuration_file;
    std::signal(SIGPIPE, SIG_IGN);
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
    try {
        policy_check tests;
        const auto failures = tests.find_failures(*result.loaded);
        for (const auto& failed : failures) {
            log_diagnostic(failed);
        }
        if (!failures.empty()) {
            return 1;
        }
        set_up_log(log);
        raise_file_limit();
        spdlog::info("bearward {} with {}", BEARWARD_VERSION, configuration_file);
        return serve(*std::move(result.loaded), options, std::move(result.read), tests);
    } catch (const std::exception& failure) {
        set_up_start_log(log.format);
        spdlog::error("{}", failure.what());
        return 1;
    }
}

} // namespace bearward::proxy::commands
