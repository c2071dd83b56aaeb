#include "proxy/service.hpp"

#include "proxy/admin/admin_listeners.hpp"
#include "proxy/admin/certificate_metrics.hpp"
#include "proxy/admin/configuration_status.hpp"
#include "proxy/admin/provider_status.hpp"
#include "proxy/admin/reload_metrics.hpp"
#include "proxy/admin/status_page.hpp"
#include "proxy/become_user.hpp"
#include "proxy/event/adoption.hpp"
#include "proxy/listener_plan.hpp"
#include "proxy/restart_notes.hpp"
#include "proxy/serving.hpp"
#include "proxy/stop_sequence.hpp"
#include "proxy/telemetry/access_log.hpp"
#include "proxy/telemetry/counter_registry.hpp"
#include "proxy/telemetry/log_losses.hpp"
#include "proxy/telemetry/metrics_page.hpp"
#include "proxy/telemetry/process_metrics.hpp"
#include "proxy/telemetry/request_metrics.hpp"
#include "proxy/thread_count.hpp"
#include "proxy/upstream/health_monitor.hpp"
#include "proxy/worker.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace bearward::proxy {

struct service::state {
    state(config::configuration settings, upstream::lookup_function look_up, std::unique_ptr<supplier> gets)
        : counters(settings.threads == 0 ? usable_cpus() : settings.threads),
          rules(std::make_shared<const serving>(std::move(settings), counters)), log(rules->settings.log), known(std::move(look_up)),
          supplies(std::move(gets)) {
        metrics.add(std::make_shared<request_metrics>(counters));
        metrics.add(reloads);
        metrics.add(std::make_shared<log_loss_metrics>());
        metrics.add(std::make_shared<process_metrics>());
        metrics.add(std::make_shared<certificate_metrics>([this] {
            const std::lock_guard lock(mutex);
            return rules;
        }));
    }

    void open_listeners();
    void start_admin();
    void start_threads();
    void join();
    [[nodiscard]] std::optional<std::string> why_not_ready() const;
    [[nodiscard]] boost::json::object status() const;
    [[nodiscard]] connection_counts counts() const;

    counter_registry counters;
    std::shared_ptr<reload_metrics> reloads = std::make_shared<reload_metrics>();
    std::shared_ptr<configuration_status> configuration = std::make_shared<configuration_status>();
    metrics_page metrics;
    reload_request ask_for_reload;
    serving_ptr rules;
    access_log log;
    shared_counts shared;
    std::vector<bound_listener> bound;
    std::vector<std::unique_ptr<worker>> workers;
    asio::io_context control;
    mutable upstream::directory known;  ///< after the workers and `control`, which get its answers
    std::unique_ptr<supplier> supplies; ///< after the workers, which it tells
    std::vector<std::jthread> threads;
    std::chrono::system_clock::time_point started{};

    upstream::health_monitor health{control, known};
    std::unique_ptr<admin_listeners> admin;
    std::thread control_thread;

    std::mutex reloading;     ///< of whoever opens listeners and changes what `mutex` guards
    mutable std::mutex mutex; ///< guards rules, bound; held for no longer than a copy takes
    stop_sequence stops{workers};
};

void service::state::open_listeners() {
    auto plan = plan_listeners({}, {}, rules->settings.listeners, workers.size());
    for (std::size_t index = 0; index < workers.size(); ++index) {
        for (auto& [socket, listener] : plan.changes[index].opened) {
            workers[index]->add_listener(socket.release(), listener);
        }
    }
    bound = std::move(plan.bound);
}

void service::state::start_admin() {
    const admin_source source{.why_not_ready = [this] { return why_not_ready(); },
                              .status = [this] { return status(); },
                              .metrics = [this] { return metrics.text(); },
                              .config =
                                  [this] {
                                      const std::lock_guard lock(mutex);
                                      return rules->settings.effective;
                                  },
                              .reload = ask_for_reload};
    admin = std::make_unique<admin_listeners>(control, rules->settings.admin, source);
}

void service::state::start_threads() {
    for (const auto& each : workers) {
        stops.began_one();
        threads.emplace_back([this, &one = *each] {
            one.run();
            stops.ended_one();
        });
    }
    control_thread = std::thread([this] {
        const auto keep = asio::make_work_guard(control);
        control.run();
    });
}

std::optional<std::string> service::state::why_not_ready() const {
    if (stops.asked()) {
        return "shutting down";
    }
    return std::nullopt;
}

connection_counts service::state::counts() const {
    connection_counts sum{shared.connections.load(std::memory_order_relaxed), 0, shared.websockets.load(std::memory_order_relaxed)};
    for (const auto& each : workers) {
        sum.exchanges += each->active_exchanges();
    }
    return sum;
}

boost::json::object service::state::status() const {
    boost::json::object body;
    configuration->describe(body); // reads files: not under the lock
    const auto age = std::chrono::system_clock::now() - configuration->loaded().value_or(started);
    const std::lock_guard lock(mutex);
    body["upstreams"] = upstream::describe_upstreams(rules->settings.upstreams, known.statuses);
    body["providers"] = describe_providers(rules->rules().providers, age);
    for (auto& each : describe_process({bound, admin->address(), admin->probes_address(), workers.size(), counts(), started})) {
        body[each.key()] = std::move(each.value());
    }
    return body;
}

void service::state::join() {
    threads.clear(); // joins
    if (control_thread.joinable()) {
        asio::post(control, [this] {
            admin->close();
            health.stop();
            control.stop();
        });
        control_thread.join();
    }
    for (auto& each : bound) {
        each.file.remove();
    }
}

service::service(config::configuration settings, upstream::lookup_function look_up, std::unique_ptr<supplier> supplies)
    : state_(std::make_unique<state>(std::move(settings), std::move(look_up), std::move(supplies))) {}

service::~service() {
    stop();
    state_->join();
}

void service::accept_reloads(reload_request how) {
    state_->ask_for_reload = std::move(how);
}

void service::start() {
    auto& s = *state_;
    for (std::size_t index = 0; index < s.counters.workers(); ++index) {
        s.workers.push_back(std::make_unique<worker>(s.rules, s.log, s.shared, s.known, s.supplies.get(), index));
    }
    s.open_listeners();
    s.start_admin();
    s.health.watch(s.rules->settings.upstreams, s.rules->upstream_contexts);
    if (const auto& user = s.rules->settings.user; !user.empty()) {
        if (const auto note = become_user(user, s.rules->settings.log.output)) {
            spdlog::warn("{}", *note);
        }
    }
    if (const auto note = s.rules->file_limit_note()) {
        spdlog::warn("{}", *note);
    }
    s.started = std::chrono::system_clock::now();
    s.start_threads();
}

std::vector<bound_listener> service::listeners() const {
    const std::lock_guard lock(state_->mutex);
    return state_->bound;
}

std::string service::admin_address() const {
    return state_->admin->address();
}

std::string service::probes_address() const {
    return state_->admin->probes_address();
}

connection_counts service::counts() const {
    return state_->counts();
}

std::vector<std::string> service::reload(config::configuration settings) {
    auto& s = *state_;
    const std::lock_guard alone(s.reloading);
    if (s.stops.draining()) {
        throw std::runtime_error("the server is shutting down");
    }
    auto fresh = std::make_shared<const serving>(std::move(settings), s.counters);
    auto notes = restart_notes(s.rules->settings, fresh->settings);
    if (auto note = fresh->file_limit_note(); note && fresh->max_connections != s.rules->max_connections) {
        notes.push_back(*std::move(note));
    }
    auto plan = plan_listeners(s.rules->settings.listeners, s.bound, fresh->settings.listeners, s.workers.size());
    std::ranges::for_each(plan.abandoned, [](auto& file) { file.remove(); });
    adoption all;
    for (std::size_t index = 0; index < s.workers.size(); ++index) {
        s.workers[index]->replace_rules(fresh, std::move(plan.changes[index]), all.ticket());
    }
    {
        const std::lock_guard lock(s.mutex);
        s.bound = std::move(plan.bound);
        s.rules = std::move(fresh);
    }
    s.health.watch(s.rules->settings.upstreams, s.rules->upstream_contexts);
    if (!all.wait(std::chrono::seconds{5})) {
        notes.emplace_back("a worker is so busy that it still judges by the old configuration");
    }
    return notes;
}

void service::note_configuration(config::sources read) {
    state_->configuration->took_over(std::move(read), std::chrono::system_clock::now());
}

void service::note_reload(const reload_outcome& outcome) {
    state_->reloads->count(outcome.success, outcome.refused_lines);
    state_->configuration->reloaded(outcome, std::chrono::system_clock::now());
}

void service::drain() {
    std::unique_lock lock(state_->mutex);
    const auto limits = state_->rules->settings.limits;
    lock.unlock();
    state_->stops.drain(limits.drain_delay, limits.drain_timeout);
}

void service::stop() {
    state_->stops.stop();
}

void service::wait() {
    state_->stops.wait();
    state_->join();
}

void service::reopen_logs() {
    state_->log.reopen();
}

} // namespace bearward::proxy
