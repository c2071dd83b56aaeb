#include "proxy/listener_plan.hpp"

namespace bearward::proxy {

listener_plan plan_listeners(const std::vector<config::listener_settings>& had, const std::vector<bound_listener>& bound,
                             const std::vector<config::listener_settings>& wanted, std::size_t workers, inherited_sockets& inherited) {
    listener_plan plan{std::vector<bound_listener>(wanted.size()), std::vector<listener_change>(workers), {}};
    std::vector<std::optional<std::uint32_t>> moved_to(had.size());
    std::vector<listening> opened;
    try {
        for (std::uint32_t index = 0; index < wanted.size(); ++index) {
            std::size_t old = 0;
            while (old < had.size() && (moved_to[old] || had[old].address != wanted[index].address)) {
                ++old;
            }
            if (old < had.size()) {
                moved_to[old] = index;
                plan.bound[index] = {wanted[index].name, bound[old].address, bound[old].file};
                continue;
            }
            // TCP: one socket a worker. Unix sockets have one queue, shared. More than workers may have been passed on.
            const auto& fresh = opened.emplace_back(inherited.listen(wanted[index].name, wanted[index].address, workers));
            plan.bound[index] = {wanted[index].name, fresh.address, fresh.file};
            for (std::size_t socket = 0; socket < fresh.sockets.size(); ++socket) {
                plan.changes[socket % workers].opened.emplace_back(owned_descriptor(fresh.sockets[socket]), index);
            }
        }
    } catch (...) {
        for (auto& each : opened) {
            each.file.remove(); // `plan` closes the sockets
        }
        throw;
    }
    for (std::size_t old = 0; old < had.size(); ++old) {
        if (!moved_to[old]) {
            plan.abandoned.push_back(bound[old].file);
        }
    }
    for (auto& change : plan.changes) {
        change.moved_to = moved_to;
    }
    return plan;
}

} // namespace bearward::proxy
