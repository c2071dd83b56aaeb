// The health checks of one configuration: started, kept through reloads, stopped.
#pragma once

#include "proxy/upstream/health_checker.hpp"

#include <memory>
#include <vector>

namespace bearward::proxy::upstream {

/// Runs on the thread of `context`.
class health_monitor {
public:
    health_monitor(asio::io_context& context, directory& known) : context_(context), known_(known), wheel_(context) {}
    health_monitor(const health_monitor&) = delete;
    health_monitor& operator=(const health_monitor&) = delete;

    using contexts = std::vector<std::shared_ptr<const tls::client_context>>;

    /// Checks these from now on; checks that did not change go on. Any thread.
    /// `tls`: by upstream; null, or none at all: plain.
    void watch(std::vector<config::upstream_settings> upstreams, contexts tls = {});
    /// Ends all checks.
    void stop();

private:
    void adopt(const std::vector<config::upstream_settings>& upstreams, const contexts& tls);

    asio::io_context& context_;
    directory& known_;
    deadline_wheel wheel_;
    std::vector<std::shared_ptr<health_checker>> checkers_;
};

} // namespace bearward::proxy::upstream
