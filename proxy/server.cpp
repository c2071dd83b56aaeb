#include "proxy/server.hpp"

#include "proxy/adoption.hpp"
#include "proxy/control/access_log.hpp"
#include "proxy/control/admin_listeners.hpp"
#include "proxy/control/become_user.hpp"
#include "proxy/control/certificate_metrics.hpp"
#include "proxy/control/counter_registry.hpp"
#include "proxy/control/metrics_page.hpp"
#include "proxy/control/process_metrics.hpp"
#include "proxy/control/reload_metrics.hpp"
#include "proxy/control/request_metrics.hpp"
#include "proxy/listener_plan.hpp"
#include "proxy/restart_notes.hpp"
#include "proxy/serving.hpp"
#include "proxy/thread_count.hpp"
#include "proxy/upstream/health_monitor.hpp"
#include "proxy/worker.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace bearward::proxy {

struct server::state {
    state(config::configuration settings, upstream::lookup_function look_up)
        : counters(settings.threads == 0 ? usable_cpus() : settings.threads),
          rules(std::make_shared<const serving>(std::move(settings), counters)), log(rules->settings.log), known(std::move(look_up)) {
        metrics.add(std::make_shared<request_metrics>(counters));
        metrics.add(reloads);
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
    metrics_page metrics;
    reload_request ask_for_reload;
    serving_ptr rules;
    access_log log;
    shared_counts shared;
    std::vector<bound_listener> bound;
    std::vector<std::unique_ptr<worker>> workers;
    asio::io_context control;
    mutable upstream::directory known; ///< after the workers and `control`, which get its answers
    std::vector<std::jthread> threads;
    std::chrono::system_clock::time_point started{};

    upstream::health_monitor health{control, known};
    std::unique_ptr<admin_listeners> admin;
    std::thread control_thread;

    mutable std::mutex mutex; ///< guards rules, bound, running
    std::condition_variable changed;
    std::atomic<bool> draining{false};
    std::atomic<bool> stopped{false};
    std::chrono::steady_clock::time_point drain_end{};
    unsigned running = 0; ///< worker threads
};

void server::state::open_listeners() {
    auto plan = plan_listeners({}, {}, rules->settings.listeners, workers.size());
    for (std::size_t index = 0; index < workers.size(); ++index) {
        for (const auto& [descriptor, listener] : plan.changes[index].opened) {
            workers[index]->add_listener(descriptor, listener);
        }
    }
    bound = std::move(plan.bound);
}

void server::state::start_admin() {
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

void server::state::start_threads() {
    running = static_cast<unsigned>(workers.size());
    for (const auto& each : workers) {
        threads.emplace_back([this, &one = *each] {
            one.run();
            const std::lock_guard lock(mutex);
            --running;
            changed.notify_all();
        });
    }
    control_thread = std::thread([this] {
        const auto keep = asio::make_work_guard(control);
        control.run();
    });
}

std::optional<std::string> server::state::why_not_ready() const {
    if (draining.load(std::memory_order_relaxed)) {
        return "shutting down";
    }
    return std::nullopt;
}

connection_counts server::state::counts() const {
    connection_counts sum{shared.connections.load(std::memory_order_relaxed), 0, shared.websockets.load(std::memory_order_relaxed)};
    for (const auto& each : workers) {
        sum.exchanges += each->active_exchanges();
    }
    return sum;
}

boost::json::object server::state::status() const {
    boost::json::object body;
    body["version"] = BEARWARD_VERSION;
    const std::lock_guard lock(mutex);
    body["started"] = std::chrono::duration_cast<std::chrono::seconds>(started.time_since_epoch()).count();
    auto& listeners = body["listeners"].emplace_array();
    for (const auto& each : bound) {
        listeners.push_back({{"name", each.name}, {"address", each.address}});
    }
    body["admin"] = admin->address();
    body["probes"] = admin->probes_address();
    body["workers"] = workers.size();
    const auto now = counts();
    body["connections"] = {{"open", now.connections}, {"exchanges", now.exchanges}, {"websockets", now.websockets}};
    body["upstreams"] = upstream::describe_upstreams(rules->settings.upstreams, known.statuses);
    auto& providers = body["providers"].emplace_array();
    for (const auto& each : rules->rules().providers) {
        providers.push_back({{"name", each.rules.provider}, {"keys", each.keys.keys.size()}});
    }
    return body;
}

void server::state::join() {
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

server::server(config::configuration settings, upstream::lookup_function look_up)
    : state_(std::make_unique<state>(std::move(settings), std::move(look_up))) {}

server::~server() {
    stop();
    state_->join();
}

void server::accept_reloads(reload_request how) {
    state_->ask_for_reload = std::move(how);
}

void server::start() {
    auto& s = *state_;
    for (std::size_t index = 0; index < s.counters.workers(); ++index) {
        s.workers.push_back(std::make_unique<worker>(s.rules, s.log, s.shared, s.known, index));
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

std::vector<bound_listener> server::listeners() const {
    const std::lock_guard lock(state_->mutex);
    return state_->bound;
}

std::string server::admin_address() const {
    return state_->admin->address();
}

std::string server::probes_address() const {
    return state_->admin->probes_address();
}

connection_counts server::counts() const {
    return state_->counts();
}

std::vector<std::string> server::reload(config::configuration settings) {
    auto& s = *state_;
    std::unique_lock lock(s.mutex);
    if (s.draining.load()) {
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
    s.bound = std::move(plan.bound);
    s.rules = std::move(fresh);
    s.health.watch(s.rules->settings.upstreams, s.rules->upstream_contexts);
    lock.unlock();
    if (!all.wait(std::chrono::seconds{5})) {
        notes.emplace_back("a worker is so busy that it still judges by the old configuration");
    }
    return notes;
}

void server::count_reload(bool success) noexcept {
    state_->reloads->count(success);
}

void server::drain() {
    auto& s = *state_;
    const std::lock_guard lock(s.mutex);
    if (s.draining.exchange(true)) {
        return;
    }
    s.drain_end = std::chrono::steady_clock::now() + s.rules->settings.limits.drain_timeout;
    for (const auto& each : s.workers) {
        each->drain();
    }
    s.changed.notify_all();
}

void server::stop() {
    auto& s = *state_;
    const std::lock_guard lock(s.mutex);
    s.draining.store(true);
    if (s.stopped.exchange(true)) {
        return;
    }
    for (const auto& each : s.workers) {
        each->stop();
    }
    s.changed.notify_all();
}

void server::wait() {
    auto& s = *state_;
    std::unique_lock lock(s.mutex);
    while (s.running != 0) {
        if (s.draining.load() && !s.stopped.load()) {
            if (s.changed.wait_until(lock, s.drain_end) == std::cv_status::timeout && s.running != 0) {
                lock.unlock();
                stop();
                lock.lock();
            }
        } else {
            s.changed.wait(lock);
        }
    }
    lock.unlock();
    s.join();
}

void server::reopen_logs() {
    state_->log.reopen();
}

} // namespace bearward::proxy
