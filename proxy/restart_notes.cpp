#include "proxy/restart_notes.hpp"

#include <optional>
#include <tuple>

namespace bearward::proxy {

std::vector<std::string> restart_notes(const config::configuration& before, const config::configuration& after) {
    std::vector<std::string> notes;
    const auto note = [&](const std::string& key) { notes.push_back(key + ": a change takes effect at the next start"); };
    const auto text = [](const std::optional<config::endpoint>& address) { return address ? address->text : std::string("off"); };
    if (before.threads != after.threads) {
        note("threads");
    }
    if (before.user != after.user) {
        note("user");
    }
    if (text(before.admin.address) != text(after.admin.address) || text(before.admin.probes) != text(after.admin.probes) ||
        before.admin.hosts != after.admin.hosts) {
        note("admin");
    }
    const auto log_key = [](const config::log_settings& log) {
        return std::tie(log.level, log.format, log.access, log.identity, log.output);
    };
    if (log_key(before.log) != log_key(after.log)) {
        note("log");
    }
    return notes;
}

} // namespace bearward::proxy
