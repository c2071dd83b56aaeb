#include "proxy/admin/status_page.hpp"

#include <boost/json/array.hpp>

namespace bearward::proxy {

boost::json::object describe_process(const process_facts& facts) {
    boost::json::object body;
    body["version"] = BEARWARD_VERSION;
    body["started"] = std::chrono::duration_cast<std::chrono::seconds>(facts.started.time_since_epoch()).count();
    auto& listeners = body["listeners"].emplace_array();
    for (const auto& each : facts.listeners) {
        listeners.push_back({{"name", each.name}, {"address", each.address}});
    }
    body["admin"] = facts.admin;
    body["probes"] = facts.probes;
    body["workers"] = facts.workers;
    body["connections"] = facts.counts.connections;
    body["exchanges"] = facts.counts.exchanges;
    body["sockets"] = facts.counts.websockets;
    return body;
}

} // namespace bearward::proxy
