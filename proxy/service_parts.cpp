#include "proxy/service_parts.hpp"

#include "proxy/admin/assertion_key_set.hpp"
#include "proxy/admin/certificate_metrics.hpp"
#include "proxy/admin/provider_status.hpp"
#include "proxy/admin/route_status.hpp"
#include "proxy/admin/status_page.hpp"
#include "proxy/listener_plan.hpp"
#include "proxy/providers/key_metrics.hpp"
#include "proxy/providers/notice_metrics.hpp"
#include "proxy/providers/revocation_metrics.hpp"
#include "proxy/telemetry/log_losses.hpp"
#include "proxy/telemetry/process_metrics.hpp"
#include "proxy/telemetry/request_metrics.hpp"
#include "proxy/thread_count.hpp"
#include "proxy/tracing/span_metrics.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace bearward::proxy {

namespace {

/// At the end, for a collector that takes no spans: an orchestrator waits for the process.
constexpr std::chrono::milliseconds last_patience{500};

} // namespace

service_parts::service_parts(config::configuration settings, upstream::lookup_function look_up, std::unique_ptr<supplier> gets)
    : counters(settings.threads == 0 ? usable_cpus() : settings.threads),
      rules(std::make_shared<const serving>(std::move(settings), counters)), log(rules->settings.log), known(std::move(look_up)),
      supplies(std::move(gets)) {
    metrics.add(std::make_shared<request_metrics>(counters));
    metrics.add(std::make_shared<providers::key_metrics>(keys));
    metrics.add(std::make_shared<providers::revocation_metrics>(revoked));
    metrics.add(std::make_shared<providers::notice_metrics>(shared.notices));
    metrics.add(std::make_shared<tracing::span_metrics>(spans));
    metrics.add(reloads);
    metrics.add(std::make_shared<log_loss_metrics>());
    metrics.add(std::make_shared<process_metrics>());
    metrics.add(std::make_shared<certificate_metrics>([this] { return rules_now(); }));
}

void service_parts::open_listeners(inherited_sockets& inherited) {
    auto plan = plan_listeners({}, {}, rules->settings.listeners, workers.size(), inherited);
    for (std::size_t index = 0; index < workers.size(); ++index) {
        for (auto& [socket, listener] : plan.changes[index].opened) {
            workers[index]->add_listener(socket.release(), listener);
        }
    }
    bound = std::move(plan.bound);
}

void service_parts::start_admin(inherited_sockets& inherited) {
    admin_source source{
        .why_not_ready = [this] { return why_not_ready(); },
        .status = [this] { return status(); },
        .metrics = [this] { return metrics.text(); },
        .config = [this] { return rules_now()->settings.effective; },
        .assertion_keys = [this] { return describe_assertion_keys(rules_now()->rules()); },
        .reload = ask_for_reload,
        .revoke = revoked.request(),
        .hand_over = rules->settings.admin.address && !rules->settings.admin.address->unix_path.empty() ? hand_over : nullptr,
        .open_guarded = [this](const guarded_question& asked, guarded_answer done) { describe_guarded(asked, std::move(done)); },
        .routes = [this] { return describe_routes(rules_now()->settings, sum_decisions(counters)); },
        .explain = {}};
    if (answer_question) {
        source.explain = [this](const config::test_settings& asked) { return answer_question(*rules_now(), asked); };
    }
    admin = std::make_unique<admin_listeners>(control, rules->settings.admin, source, inherited);
}

void service_parts::begin_supplies(bool now) {
    auto sources = keys.prepare(rules->settings);
    if (now) {
        start_control();
        if (std::string why = keys.wait_for_keys(sources, longest_first_fetch); !why.empty()) {
            throw std::runtime_error(why);
        }
    }
    keys.adopt(std::move(sources));
    revoked.on_change([this] { recheck_guarded(); });
    auto lists = revoked.prepare(rules->settings);
    if (now) {
        providers::revocations::wait(lists);
    }
    revoked.adopt(std::move(lists));
    answers.prepare(rules->settings);
    if (!now) {
        revoked.run_until_read();
        start_control();
    }
}

void service_parts::start_workers() {
    for (const auto& each : workers) {
        stops.began_one();
        threads.emplace_back([this, &one = *each] {
            one.run();
            stops.ended_one();
        });
    }
}

void service_parts::start_control() {
    control_thread = std::thread([this] {
        const auto keep = asio::make_work_guard(control);
        control.run();
    });
}

serving_ptr service_parts::rules_now() const {
    const std::lock_guard lock(mutex);
    return rules;
}

std::optional<std::string> service_parts::why_not_ready() const {
    if (stops.asked()) {
        return "shutting down";
    }
    return keys.find_missing();
}

connection_counts service_parts::counts() const {
    connection_counts sum{shared.connections.load(std::memory_order_relaxed), 0, shared.websockets.load(std::memory_order_relaxed)};
    for (const auto& each : workers) {
        sum.exchanges += each->active_exchanges();
    }
    return sum;
}

void service_parts::recheck_guarded() {
    for (const auto& each : workers) {
        each->recheck_guarded();
    }
}

void service_parts::describe_guarded(const guarded_question& asked, guarded_answer done) {
    struct gathering {
        guarded_summary sum{};
        std::size_t left;
        guarded_answer done;
    };
    const auto open = std::make_shared<gathering>(guarded_summary{}, workers.size(), std::move(done));
    for (const auto& each : workers) {
        each->describe_guarded(asked.user, asked.most, [this, open, most = asked.most](std::vector<guarded_facts> some, std::size_t total) {
            asio::post(control, [open, most, some = std::move(some), total]() mutable {
                const auto fits = std::min(some.size(), most - open->sum.some.size());
                std::move(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(fits), std::back_inserter(open->sum.some));
                open->sum.total += total;
                if (--open->left == 0) {
                    open->done(std::move(open->sum));
                }
            });
        });
    }
}

boost::json::object service_parts::status() const {
    boost::json::object body;
    configuration->describe(body); // reads files: not under the lock
    const auto age = std::chrono::system_clock::now() - configuration->loaded().value_or(started);
    body["revocation"] = revoked.describe();
    const std::lock_guard lock(mutex);
    body["upstreams"] = upstream::describe_upstreams(rules->settings.upstreams, known.statuses);
    body["providers"] = describe_providers(rules->rules().providers, age, keys);
    for (auto& each : describe_process({bound, admin->address(), admin->probes_address(), workers.size(), counts(), started})) {
        body[each.key()] = std::move(each.value());
    }
    return body;
}

void service_parts::join() {
    threads.clear(); // joins
    if (control_thread.joinable()) {
        spans.finish(last_patience);
        asio::post(control, [this] {
            admin->close();
            health.stop();
            keys.stop();
            revoked.stop();
            answers.stop();
            spans.stop();
            control.stop();
        });
        control_thread.join();
    }
    for (auto& each : bound) {
        each.file.remove();
    }
}

} // namespace bearward::proxy
