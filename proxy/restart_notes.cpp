#include "proxy/restart_notes.hpp"

#include <tuple>

namespace bearward::proxy {

std::vector<std::string> restart_notes(const config::configuration& before, const config::configuration& after) {
    std::vector<std::string> notes;
    const auto text = [](const config::admin_settings& admin) { return admin.address ? admin.address->text : std::string("off"); };
    if (before.threads != after.threads) {
        notes.emplace_back("threads: a change takes effect at the next start");
    }
    if (text(before.admin) != text(after.admin) || before.admin.hosts != after.admin.hosts) {
        notes.emplace_back("admin: a change takes effect at the next start");
    }
    const auto log_key = [](const config::log_settings& log) {
        return std::tie(log.level, log.format, log.access, log.identity, log.output);
    };
    if (log_key(before.log) != log_key(after.log)) {
        notes.emplace_back("log: a change takes effect at the next start");
    }
    return notes;
}

} // namespace bearward::proxy
