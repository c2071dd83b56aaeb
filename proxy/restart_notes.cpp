#include "proxy/restart_notes.hpp"

namespace bearward::proxy {

std::vector<std::string> restart_notes(const config::configuration& before, const config::configuration& after) {
    std::vector<std::string> notes;
    const auto note = [&](const std::string& key) { notes.push_back(key + ": a change takes effect at the next start"); };
    if (before.threads != after.threads) {
        note("threads");
    }
    if (before.user != after.user) {
        note("user");
    }
    if (before.admin != after.admin) {
        note("admin");
    }
    if (before.log != after.log) {
        note("log");
    }
    return notes;
}

} // namespace bearward::proxy
