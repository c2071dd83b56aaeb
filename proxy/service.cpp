#include "proxy/service.hpp"

#include "proxy/become_user.hpp"
#include "proxy/event/adoption.hpp"
#include "proxy/listener_plan.hpp"
#include "proxy/restart_notes.hpp"
#include "proxy/service_parts.hpp"
#include "proxy/takeover_sockets.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace bearward::proxy {

struct service::state : service_parts {
    using service_parts::service_parts;

    void bind(inherited_sockets& inherited);
    void begin(const std::function<void()>* take_over);

    std::vector<std::string> inherited_files;
    std::atomic<bool> handing_over{false}; ///< set and read under `reloading`, but for its end
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

void service::accept_questions(std::function<admin_page::answered(const serving&, const config::test_settings&)> how) {
    state_->answer_question = std::move(how);
}

void service::accept_takeovers(std::function<void(owned_descriptor)> how) {
    state_->hand_over = std::move(how);
}

void service::state::bind(inherited_sockets& inherited) {
    supplier* const gets = supplies ? supplies.get() : &needed;
    for (std::size_t index = 0; index < counters.workers(); ++index) {
        workers.push_back(std::make_unique<worker>(rules, log, shared, known, gets, index));
    }
    open_listeners(inherited);
    start_admin(inherited);
}

void service::state::begin(const std::function<void()>* take_over) {
    health.watch(rules->settings.upstreams, rules->upstream_contexts);
    if (const auto& user = rules->settings.user; !user.empty()) {
        if (const auto note = become_user(user, rules->settings.log.output)) {
            spdlog::warn("{}", *note);
        }
    }
    if (const auto note = rules->file_limit_note()) {
        spdlog::warn("{}", *note);
    }
    started = std::chrono::system_clock::now();
    begin_supplies(take_over != nullptr);
    spans.adopt(tracing::span_exporter::prepare(rules->settings));
    if (take_over != nullptr) {
        (*take_over)();
        adopt_socket_files(*this, inherited_files);
    }
    admin->accept();
    start_workers();
}

void service::start(inherited_sockets inherited) {
    state_->bind(inherited);
    inherited.refuse_rest();
    state_->begin(nullptr);
}

void service::start_in_place_of_another(inherited_sockets its, const std::function<void()>& take_over) {
    state_->bind(its);
    state_->inherited_files = its.files();
    state_->begin(&take_over);
}

const std::vector<std::string>& service::inherited_files() const {
    return state_->inherited_files;
}

std::vector<inherited_socket> service::copy_sockets() {
    const std::lock_guard alone(state_->reloading);
    if (state_->stops.asked()) {
        throw std::runtime_error("the running one is shutting down");
    }
    state_->handing_over = true;
    return proxy::copy_sockets(*state_);
}

void service::keep_sockets() {
    state_->handing_over = false;
}

void service::give_up_sockets(const std::vector<std::string>& files) {
    proxy::give_up_sockets(*state_, files);
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
    if (s.handing_over) {
        throw std::runtime_error("another process is taking over");
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
    auto collector = tracing::span_exporter::prepare(fresh->settings);
    inherited_sockets none;
    auto plan = plan_listeners(s.rules->settings.listeners, s.bound, fresh->settings.listeners, s.workers.size(), none);
    std::ranges::for_each(plan.abandoned, [](auto& file) { file.remove(); });
    s.keys.adopt(std::move(sources));
    s.revoked.adopt(std::move(revoked));
    s.spans.adopt(std::move(collector));
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

std::chrono::milliseconds service::drain_at_once() {
    std::unique_lock lock(state_->mutex);
    const auto longest = state_->rules->settings.limits.drain_timeout;
    lock.unlock();
    state_->stops.drain(std::chrono::milliseconds{0}, longest);
    return longest;
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
