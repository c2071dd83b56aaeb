#include "proxy/service.hpp"

#include "proxy/become_user.hpp"
#include "proxy/event/adoption.hpp"
#include "proxy/listener_plan.hpp"
#include "proxy/restart_notes.hpp"
#include "proxy/service_parts.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace bearward::proxy {

namespace {

/// How long a reload waits for the first keys of a new source.
constexpr std::chrono::seconds longest_first_fetch{10};

} // namespace

struct service::state : service_parts {
    using service_parts::service_parts;
};

service::service(config::configuration settings, upstream::lookup_function look_up, std::unique_ptr<supplier> supplies)
    : state_(std::make_unique<state>(std::move(settings), std::move(look_up), std::move(supplies))) {}

service::~service() {
    stop();
    state_->join();
}

void service::accept_reloads(reload_request how) {
    state_->ask_for_reload = std::move(how);
}

void service::start(inherited_sockets inherited) {
    auto& s = *state_;
    supplier* const supplies = s.supplies ? s.supplies.get() : &s.needed;
    for (std::size_t index = 0; index < s.counters.workers(); ++index) {
        s.workers.push_back(std::make_unique<worker>(s.rules, s.log, s.shared, s.known, supplies, index));
    }
    s.open_listeners(inherited);
    s.start_admin(inherited);
    inherited.refuse_rest();
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
    s.keys.adopt(s.keys.prepare(s.rules->settings)); // as who they run as
    s.revoked.on_change([&s] { s.recheck_guarded(); });
    s.revoked.adopt(s.revoked.prepare(s.rules->settings));
    s.revoked.run_until_read();
    s.answers.prepare(s.rules->settings);
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
    auto sources = s.keys.prepare(fresh->settings);
    if (std::string why = s.keys.wait_for_keys(sources, longest_first_fetch); !why.empty()) {
        throw std::runtime_error(why);
    }
    auto revoked = s.revoked.prepare(fresh->settings);
    providers::revocations::wait(revoked);
    s.answers.prepare(fresh->settings);
    inherited_sockets none;
    auto plan = plan_listeners(s.rules->settings.listeners, s.bound, fresh->settings.listeners, s.workers.size(), none);
    std::ranges::for_each(plan.abandoned, [](auto& file) { file.remove(); });
    s.keys.adopt(std::move(sources));
    s.revoked.adopt(std::move(revoked));
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

bool service::responds(std::chrono::milliseconds within) {
    adoption all;
    for (const auto& each : state_->workers) {
        if (!each->finished()) {
            each->answer(all.ticket());
        }
    }
    asio::post(state_->control, all.ticket());
    return all.wait(within);
}

std::chrono::milliseconds service::drain() {
    std::unique_lock lock(state_->mutex);
    const auto limits = state_->rules->settings.limits;
    lock.unlock();
    state_->stops.drain(limits.drain_delay, limits.drain_timeout);
    return limits.drain_delay + limits.drain_timeout;
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
