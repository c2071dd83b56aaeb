// What the admin endpoints answer from.
#pragma once

#include "proxy/admin/open_guarded.hpp"
#include "proxy/admin/reload_outcome.hpp"
#include "proxy/admin_page/page_facts.hpp"
#include "proxy/admin_page/question.hpp"
#include "proxy/event/owned_descriptor.hpp"
#include "proxy/providers/revocation_order.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy {

/// What the admin endpoints ask the rest of the program. Called on its thread.
struct admin_source {
    /// Nothing when ready, else why not (one sentence).
    std::function<std::optional<std::string>()> why_not_ready;
    /// The body of /status.
    std::function<boost::json::object()> status;
    /// The body of /metrics (metrics_page).
    std::function<std::string()> metrics;
    /// The body of /config: every setting as it counts, secrets masked.
    std::function<boost::json::object()> config;
    /// The body of /jwks.json: the public keys of assertions, as a JWK set.
    std::function<boost::json::object()> assertion_keys;
    /// What POST /reload asks; its answer comes on another thread. Empty: there is no such path.
    reload_request reload;
    /// What POST /revoke asks; its answer comes on the same thread. Empty: there is no such path.
    providers::revocation_request revoke{};
    /// Who goes on with the connection of POST /takeover, by the process that is to replace this one. Empty: there is no such path.
    std::function<void(owned_descriptor)> hand_over{};
    /// What GET /sockets asks; its answer comes on the same thread. Empty: there is no such path.
    guarded_request open_guarded{};
    /// The routes in force with what was decided on them, for the page. Empty: there is no such path.
    std::function<std::vector<admin_page::route_facts>()> routes{};
    /// What the page's form asks. Empty: it has none.
    admin_page::explain_function explain{};
};

} // namespace bearward::proxy
