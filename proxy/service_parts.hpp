// What a service owns, in the order in which it is made; and how its parts are put together.
// Internal to service.
#pragma once

#include "proxy/admin/admin_listeners.hpp"
#include "proxy/admin/configuration_status.hpp"
#include "proxy/admin/reload_metrics.hpp"
#include "proxy/bound_listener.hpp"
#include "proxy/connection_counts.hpp"
#include "proxy/event/inherited_sockets.hpp"
#include "proxy/providers/key_sources.hpp"
#include "proxy/providers/provider_supplier.hpp"
#include "proxy/providers/revocations.hpp"
#include "proxy/serving.hpp"
#include "proxy/stop_sequence.hpp"
#include "proxy/telemetry/access_log.hpp"
#include "proxy/telemetry/counter_registry.hpp"
#include "proxy/telemetry/metrics_page.hpp"
#include "proxy/tracing/span_exporter.hpp"
#include "proxy/upstream/health_monitor.hpp"
#include "proxy/worker.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace bearward::proxy {

/// How long a reload, or a process that replaces another, waits for the first keys of a new source.
inline constexpr std::chrono::seconds longest_first_fetch{10};

struct service_parts { // NOLINT(clang-analyzer-optin.performance.Padding): in the order in which they are made
    service_parts(config::configuration settings, upstream::lookup_function look_up, std::unique_ptr<supplier> gets);

    void open_listeners(inherited_sockets& inherited);
    void start_admin(inherited_sockets& inherited);
    void start_control();
    void start_workers();
    /// Keys and revocations, as who it runs as. `now`: before anything is served; throws std::runtime_error without keys.
    void begin_supplies(bool now);
    void join();
    [[nodiscard]] std::optional<std::string> why_not_ready() const;
    [[nodiscard]] boost::json::object status() const;
    [[nodiscard]] connection_counts counts() const;
    /// The rules in force. Thread-safe.
    [[nodiscard]] serving_ptr rules_now() const;
    /// More may be revoked than before: what is open asks again.
    void recheck_guarded();
    /// On the control thread; says `done` there.
    void describe_guarded(const guarded_question& asked, guarded_answer done);

    counter_registry counters;
    std::shared_ptr<reload_metrics> reloads = std::make_shared<reload_metrics>();
    std::shared_ptr<configuration_status> configuration = std::make_shared<configuration_status>();
    metrics_page metrics;
    reload_request ask_for_reload;
    std::function<void(owned_descriptor)> hand_over;
    std::function<admin_page::answered(const serving&, const config::test_settings&)> answer_question;
    serving_ptr rules;
    access_log log;
    shared_counts shared;
    std::vector<bound_listener> bound;
    std::vector<std::unique_ptr<worker>> workers;
    asio::io_context control;
    mutable upstream::directory known;           ///< after the workers and `control`, which get its answers
    providers::key_sources keys{control, known}; ///< after the workers, which wait for it
    providers::introspection_client answers{control, known};
    providers::provider_supplier needed{keys, answers, revoked};
    std::unique_ptr<supplier> supplies; ///< in its place; null: none
    providers::revocations revoked{control, known, counters.workers()};
    tracing::span_exporter spans{control, known, shared.spans};
    std::vector<std::jthread> threads;
    std::chrono::system_clock::time_point started{};

    upstream::health_monitor health{control, known};
    std::unique_ptr<admin_listeners> admin;
    std::thread control_thread;

    std::mutex reloading;     ///< of whoever opens listeners and changes what `mutex` guards
    mutable std::mutex mutex; ///< guards rules, bound; held for no longer than a copy takes
    stop_sequence stops{workers};
};

} // namespace bearward::proxy
