#include "proxy/admin/configuration_status.hpp"

#include "policies/date_text.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>

namespace bearward::proxy {
namespace {

namespace json = boost::json;

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char byte : bytes) {
        out += digits[static_cast<unsigned char>(byte) >> 4U];
        out += digits[static_cast<unsigned char>(byte) & 0xFU];
    }
    return out;
}

/// One hash for all that was read, the names included.
std::string hash_of(const config::sources& read) {
    std::string all;
    for (const config::source_file& each : read.files) {
        all.append(each.path).append(1, '\0').append(each.fingerprint);
    }
    return to_hex(config::fingerprint_of(all));
}

bool is_current(const config::sources& read) {
    const auto same_file = [](const config::source_file& each) { return config::fingerprint_of(each.read(each.path)) == each.fingerprint; };
    const auto same_matches = [](const config::source_pattern& each) { return config::find_matches(each.pattern) == each.found; };
    return std::ranges::all_of(read.files, same_file) && std::ranges::all_of(read.patterns, same_matches);
}

std::string time_text(configuration_status::time_point time) {
    return policies::to_rfc3339(std::chrono::floor<std::chrono::milliseconds>(time));
}

} // namespace

void configuration_status::took_over(config::sources read, time_point now) {
    const std::lock_guard lock(mutex_);
    read_ = std::move(read);
    loaded_ = now;
}

void configuration_status::reloaded(reload_outcome outcome, time_point now) {
    const std::lock_guard lock(mutex_);
    last_ = last_reload{std::move(outcome), now};
}

std::optional<configuration_status::time_point> configuration_status::loaded() const {
    const std::lock_guard lock(mutex_);
    return loaded_;
}

void configuration_status::describe(json::object& out) const {
    std::unique_lock lock(mutex_);
    const auto read = read_;
    const auto loaded = loaded_;
    const auto last = last_;
    lock.unlock(); // whoever notes a reload does not wait for files
    out["configuration"] = nullptr;
    if (loaded) {
        out["configuration"] = json::object{{"hash", hash_of(read)}, {"loaded", time_text(*loaded)}, {"current", is_current(read)}};
    }
    out["last_reload"] = nullptr;
    if (last) {
        out["last_reload"] = json::object{{"result", last->outcome.success ? "success" : "failure"},
                                          {"time", time_text(last->time)},
                                          {"errors", json::array(last->outcome.errors.begin(), last->outcome.errors.end())}};
    }
}

} // namespace bearward::proxy
