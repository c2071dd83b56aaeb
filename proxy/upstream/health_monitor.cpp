#include "proxy/upstream/health_monitor.hpp"

#include "proxy/telemetry/report_failure.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>

namespace bearward::proxy::upstream {
namespace {

void report(const std::exception_ptr& failure) {
    report_failure("a health check", failure);
}

} // namespace

void health_monitor::watch(std::vector<config::upstream_settings> upstreams, contexts tls) {
    asio::post(context_, [this, upstreams = std::move(upstreams), tls = std::move(tls)] { adopt(upstreams, tls); });
}

void health_monitor::adopt(const std::vector<config::upstream_settings>& upstreams, const contexts& tls) {
    auto before = std::exchange(checkers_, {});
    std::vector<std::shared_ptr<health_checker>> added;
    for (std::size_t place = 0; place < upstreams.size(); ++place) {
        const auto& upstream = upstreams[place];
        for (const auto& server : upstream.servers) {
            const auto wanted = make_check_settings(upstream, server);
            if (!wanted) {
                continue;
            }
            const auto same = std::ranges::find_if(before, [&](const auto& each) { return each->settings() == *wanted; });
            if (same != before.end()) {
                checkers_.push_back(std::move(*same));
                before.erase(same);
            } else {
                added.push_back(
                    std::make_shared<health_checker>(context_, wheel_, known_, *wanted, place < tls.size() ? tls[place] : nullptr));
            }
        }
    }
    // The old ones first: each leaves its server healthy.
    for (const auto& each : before) {
        each->stop();
    }
    for (auto& each : added) {
        asio::co_spawn(context_, health_checker::run(each), report);
        checkers_.push_back(std::move(each));
    }
}

void health_monitor::stop() {
    adopt({}, {});
    wheel_.close();
}

} // namespace bearward::proxy::upstream
