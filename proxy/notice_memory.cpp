#include "proxy/notice_memory.hpp"

#include "policies/requests/network.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace bearward::proxy {
namespace {

constexpr std::chrono::seconds window_length{1};

/// Of IPv6 the /64, which one sender has for itself; empty: a unix socket's.
std::string key_of(std::string_view address) {
    const auto ip = policies::requests::parse_ip_address(address);
    if (!ip) {
        return {};
    }
    constexpr std::array<std::uint8_t, 12> mapped_ipv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    const std::span all(ip->bytes);
    const bool ipv4 = std::ranges::equal(mapped_ipv4, all.first<mapped_ipv4.size()>());
    const auto kept = all.first(ipv4 ? all.size() : all.size() / 2);
    return {kept.begin(), kept.end()};
}

} // namespace

bool refusal_counts::is_over(std::string_view address, clock::time_point now) const {
    const std::string key = key_of(address);
    const std::lock_guard lock(mutex_);
    const auto found = windows_.find(key);
    return found != windows_.end() && found->second.count >= most && now - found->second.begun < window_length;
}

void refusal_counts::count(std::string_view address, clock::time_point now) {
    std::string key = key_of(address);
    const std::lock_guard lock(mutex_);
    if (windows_.size() >= most_addresses && !windows_.contains(key)) {
        std::erase_if(windows_, [now](const auto& each) { return now - each.second.begun >= window_length; });
        if (windows_.size() >= most_addresses) {
            windows_.clear();
        }
    }
    window& mine = windows_[std::move(key)];
    if (now - mine.begun >= window_length) {
        mine = {.begun = now, .count = 0};
    }
    ++mine.count;
}

std::size_t refusal_counts::size() const {
    const std::lock_guard lock(mutex_);
    return windows_.size();
}

policies::tokens::proof_memory& used_logouts::of(const std::string& provider) {
    const std::lock_guard lock(mutex_);
    return by_provider_[provider];
}

void notice_counts::count(const std::string& provider, std::string_view kind, notice_result what) {
    const std::lock_guard lock(mutex_);
    ++counts_[{provider, kind}][static_cast<std::size_t>(what)];
}

std::map<std::pair<std::string, std::string_view>, notice_counts::by_result> notice_counts::totals() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

} // namespace bearward::proxy
