#include "proxy/control/log_addresses.hpp"

#include <spdlog/spdlog.h>

namespace bearward::proxy {

void log_addresses(const service& proxy) {
    for (const auto& listener : proxy.listeners()) {
        spdlog::info("listening on {} ({})", listener.address, listener.name);
    }
    if (const std::string admin = proxy.admin_address(); !admin.empty()) {
        spdlog::info("admin on {}", admin);
    }
    if (const std::string probes = proxy.probes_address(); !probes.empty()) {
        spdlog::info("probes on {}", probes);
    }
}

} // namespace bearward::proxy
