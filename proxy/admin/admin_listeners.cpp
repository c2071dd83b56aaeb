#include "proxy/admin/admin_listeners.hpp"

#include <utility>
#include <vector>

namespace bearward::proxy {

admin_listeners::admin_listeners(boost::asio::io_context& context, const config::admin_settings& settings, const admin_source& source,
                                 inherited_sockets& inherited) {
    if (settings.address) {
        admin_ = std::make_unique<admin_listener>(context, inherited.listen("admin", *settings.address, 1), settings.hosts, source);
    }
    if (settings.probes) {
        probes_ = std::make_unique<admin_listener>(context, inherited.listen("probes", *settings.probes, 1), std::vector<std::string>{},
                                                   source, admin_scope::probes);
    }
}

std::vector<inherited_socket> admin_listeners::copy_sockets() const {
    std::vector<inherited_socket> copies;
    for (const auto& [listener, name] : {std::pair(&admin_, "admin"), std::pair(&probes_, "probes")}) {
        if (*listener) {
            copies.push_back((*listener)->copy_socket());
            copies.back().name = name;
        }
    }
    return copies;
}

void admin_listeners::accept() {
    for (const auto* each : {&admin_, &probes_}) {
        if (*each) {
            (*each)->accept();
        }
    }
}

void admin_listeners::give_up(const std::vector<std::string>& files) {
    for (const auto* each : {&admin_, &probes_}) {
        if (*each) {
            (*each)->give_up(files);
        }
    }
}

void admin_listeners::adopt_files(const std::vector<std::string>& files) {
    for (const auto* each : {&admin_, &probes_}) {
        if (*each) {
            (*each)->adopt_file(files);
        }
    }
}

void admin_listeners::close() {
    for (const auto* each : {&admin_, &probes_}) {
        if (*each) {
            (*each)->close();
        }
    }
}

} // namespace bearward::proxy
