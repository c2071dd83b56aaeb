#include "proxy/control/reloader.hpp"

#include "policies/text.hpp"
#include "proxy/control/log_addresses.hpp"
#include "proxy/telemetry/log.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <functional>
#include <iterator>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bearward::proxy {
namespace {

using clock = file_watcher::clock;

struct asked_reload {
    std::string cause;
    reload_answer done;
};

/// "SIGHUP, /etc/bearward/secret changed".
std::string describe_cause(const std::vector<asked_reload>& asked, const std::vector<std::string>& changed) {
    constexpr std::size_t most = 3;
    std::vector<std::string> causes;
    for (const asked_reload& each : asked) {
        if (std::ranges::find(causes, each.cause) == causes.end()) {
            causes.push_back(each.cause);
        }
    }
    for (std::size_t i = 0; i < std::min(changed.size(), most); ++i) {
        causes.push_back(changed[i] + " changed");
    }
    if (changed.size() > most) {
        causes.push_back("and " + std::to_string(changed.size() - most) + " more");
    }
    return policies::listed(causes);
}

int milliseconds_until(clock::time_point time, clock::time_point now) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - now).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

} // namespace

struct reloader::state {
    state(service& what, const service_manager& to, configuration_check checks, std::string path, config::sources read,
          config::revocations_in_force lists, watch_pace how)
        : proxy(what), manager(to), find_failures(std::move(checks)), file(std::move(path)), in_force(std::move(read)),
          revoked(std::move(lists)), pace(how), wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (wake < 0) {
            throw std::system_error(errno, std::generic_category(), "eventfd");
        }
    }
    ~state() { ::close(wake); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    void start_watching();
    void guard_watching(const std::function<void()>& step);
    std::vector<std::string> find_changes();
    void run();
    void wait() const;
    void plan_second_reading();
    void wake_up() const { (void)::eventfd_write(wake, 1); }
    reload_outcome reload(const std::string& cause);
    reload_outcome take_over(config::load_result&& result, const std::string& cause);

    service& proxy;
    const service_manager& manager;
    const configuration_check find_failures;
    const std::string file;
    const config::sources in_force;       ///< at the start
    config::revocations_in_force revoked; ///< of the thread
    const watch_pace pace;
    const int wake;
    std::optional<file_watcher> watcher;             ///< of the thread
    std::optional<clock::time_point> second_reading; ///< of revocation files that lost entries; of the thread

    std::mutex mutex; ///< guards asked, ending
    std::vector<asked_reload> asked;
    bool ending = false;
    std::thread thread;
};

void reloader::state::start_watching() {
    std::error_code error;
    if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error)) {
        spdlog::warn("{} is not a regular file: it can't be read again, so changes are not watched", file);
        return;
    }
    watcher.emplace(pace);
    watcher->watch(in_force, true, clock::now());
    for (const std::string& path : watcher->forgive_unreadable()) {
        spdlog::warn("{} can't be read as this user: reloads will be refused", path);
    }
}

/// Without memory for watching there are still the signal and the request.
void reloader::state::guard_watching(const std::function<void()>& step) {
    try {
        step();
    } catch (const std::exception& failure) {
        spdlog::error("changes of files are not watched any more: {}", failure.what());
        watcher.reset();
    }
}

std::vector<std::string> reloader::state::find_changes() {
    std::vector<std::string> changed;
    if (watcher) {
        guard_watching([&] { changed = watcher->changes(clock::now()); });
    }
    return changed;
}

void reloader::state::run() {
    guard_watching([this] { start_watching(); });
    while (true) {
        std::vector<asked_reload> now_asked;
        {
            const std::lock_guard lock(mutex);
            if (ending) {
                return;
            }
            now_asked.swap(asked);
        }
        if (second_reading && *second_reading <= clock::now()) {
            second_reading.reset();
            now_asked.push_back({"entries of a revocation file are gone", {}});
        }
        const auto changed = find_changes();
        if (now_asked.empty() && changed.empty()) {
            wait();
            continue;
        }
        manager.report_reloading();
        const auto outcome = reload(describe_cause(now_asked, changed));
        manager.report_ready(outcome.success ? "serving; reloaded" : "serving with the old configuration: a reload was refused");
        for (const asked_reload& each : now_asked) {
            if (each.done) {
                each.done(outcome);
            }
        }
    }
}

void reloader::state::wait() const {
    const auto now = clock::now();
    std::array<pollfd, 2> waiting{{{wake, POLLIN, 0}, {watcher ? watcher->descriptor(now) : -1, POLLIN, 0}}};
    int timeout = watcher ? milliseconds_until(watcher->wake_time(now), now) : -1;
    if (second_reading) {
        const int left = milliseconds_until(*second_reading, now);
        timeout = timeout < 0 ? left : std::min(timeout, left);
    }
    ::poll(waiting.data(), waiting.size(), timeout);
    eventfd_t count = 0;
    (void)::eventfd_read(wake, &count);
}

/// A bad configuration is refused as a whole, and the old one stays.
reload_outcome reloader::state::reload(const std::string& cause) {
    reload_outcome outcome;
    try {
        config::load_options again;
        again.regular_only = true;
        again.in_force = revoked;
        config::load_result result = config::load_file(file, again);
        const config::sources read = std::move(result.read);
        outcome = take_over(std::move(result), cause);
        if (outcome.success) {
            proxy.note_configuration(read);
        }
        if (watcher) {
            watcher->watch(read, outcome.success, clock::now());
        }
    } catch (const std::exception& failure) {
        spdlog::error("reload refused ({}): {}; the old configuration stays", cause, failure.what());
        outcome = {.success = false, .refused_lines = 0, .errors = {failure.what()}};
    }
    proxy.note_reload(outcome);
    return outcome;
}

/// What is gone from a revocation file counts until a second reading, a second later.
void reloader::state::plan_second_reading() {
    const auto departed = [](const policies::provider& each) { return each.rules.revoked.departed() != 0; };
    second_reading.reset();
    if (std::ranges::any_of(revoked.rules->providers, departed)) {
        second_reading = clock::now() + std::chrono::milliseconds{1'000};
    }
}

reload_outcome reloader::state::take_over(config::load_result&& result, const std::string& cause) {
    reload_outcome outcome;
    if (result.loaded) {
        auto failures = find_failures(*result.loaded);
        if (!failures.empty()) {
            result.loaded.reset();
        }
        std::ranges::move(failures, std::back_inserter(result.diagnostics));
    }
    for (const auto& problem : result.diagnostics) {
        log_diagnostic(problem);
        if (problem.severity == config::diagnostic::kind::error) {
            outcome.errors.push_back(to_string(problem));
        }
    }
    if (!result.loaded) {
        spdlog::error("reload refused ({}): {} is not valid; the old configuration stays", cause, file);
        return outcome;
    }
    for (const std::string& line : result.loaded->refused_revocation_lines) {
        spdlog::error("{}; the line is left out", line);
    }
    outcome.refused_lines = result.loaded->refused_revocation_lines.size();
    config::revocations_in_force lists{result.loaded->rules, result.loaded->revocation_files};
    try {
        for (const auto& note : proxy.reload(*std::move(result.loaded))) {
            spdlog::warn("{}", note);
        }
        outcome.success = true;
        revoked = std::move(lists);
        plan_second_reading();
        spdlog::info("reloaded {} ({})", file, cause);
        log_addresses(proxy);
    } catch (const std::exception& failure) {
        spdlog::error("reload refused ({}): {}; the old configuration stays", cause, failure.what());
        outcome.errors.emplace_back(failure.what());
    }
    return outcome;
}

reloader::reloader(service& proxy, const service_manager& manager, configuration_check find_failures, std::string file,
                   config::sources in_force, config::revocations_in_force revoked, watch_pace pace)
    : state_(std::make_unique<state>(proxy, manager, std::move(find_failures), std::move(file), std::move(in_force), std::move(revoked),
                                     pace)) {}

reloader::~reloader() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->ending = true;
    }
    state_->wake_up();
    if (state_->thread.joinable()) {
        state_->thread.join();
    }
}

void reloader::start() {
    state_->thread = std::thread([this] { state_->run(); });
}

void reloader::request(std::string cause, reload_answer done) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->asked.push_back({std::move(cause), std::move(done)});
    }
    state_->wake_up();
}

} // namespace bearward::proxy
