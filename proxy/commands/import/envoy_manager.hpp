// One HTTP connection manager of Envoy: its filters, and its hosts with their routes.
#pragma once

#include "proxy/commands/import/envoy.hpp"
#include "proxy/commands/import/plan_routes.hpp"

#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy::commands::importing {

/// A route of Envoy: the first that fits counts.
struct envoy_route {
    envoy_match where;
    action does;
    std::optional<access> own; ///< its own rule of jwt_authn
};

class envoy_manager {
public:
    envoy_manager(const config::node& of, const envoy_clusters& clusters, imported& out);

    /// Its hosts, on that listener. The manager must outlive them.
    [[nodiscard]] std::vector<site> sites(const std::string& listener);
    /// Where something before it may refuse connections.
    void close() { closed_ = true; }

private:
    struct host {
        bool any = false;
        std::vector<std::string> names; ///< besides
        std::vector<envoy_route> routes;
    };

    void read_filter(const config::node& of);
    void unknown_of_routes(const config::node& key);
    void read_host(const config::node& of);
    /// The names of a host that no earlier one has; false: it is left out.
    bool read_domains(const config::node& of, host& into);
    void read_route(const config::node& of, host& into);
    [[nodiscard]] action read_target(const config::node& of, const config::node& route);
    void read_own_rules(const config::node& own, envoy_route& into);
    /// The access and the target are found apart, by the first rule and the first route that fit.
    [[nodiscard]] judgement judge(const host& of, const slice& paths, const std::string& method) const;
    void complete(action& does) const;

    const envoy_clusters& clusters_;
    imported& out_;
    envoy_jwt jwt_;
    envoy_rbac rbac_;
    std::vector<host> hosts_;
    bool closed_ = false;
};

} // namespace bearward::proxy::commands::importing
