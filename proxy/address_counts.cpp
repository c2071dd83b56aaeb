#include "proxy/address_counts.hpp"

#include "policies/invariant.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace bearward::proxy {

std::string make_address_key(std::string_view address) {
    std::string text(address);
    in_addr v4{};
    if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) {
        return text;
    }
    in6_addr v6{};
    // A link-local address has its interface behind a %.
    if (::inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), &v6) != 1) {
        return {};
    }
    constexpr std::size_t prefix = 8; // bytes of a /64
    std::string key(prefix, '\0');
    for (std::size_t index = 0; index < prefix; ++index) {
        key[index] = static_cast<char>(v6.s6_addr[index]);
    }
    return key + "/64";
}

std::optional<address_counts::slot> address_counts::take(std::string_view address, std::size_t limit) {
    if (limit == 0) {
        return slot{};
    }
    std::string key = make_address_key(address);
    return key.empty() ? slot{} : take_key(std::move(key), limit);
}

std::optional<address_counts::slot> address_counts::take_key(std::string key, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    auto& entry = *counts_.try_emplace(std::move(key), 0).first;
    if (entry.second >= limit) {
        return std::nullopt;
    }
    ++entry.second;
    return slot{*this, entry};
}

std::size_t address_counts::size() const {
    const std::lock_guard lock(mutex_);
    return counts_.size();
}

void address_counts::give_back(slot::entry& counted) noexcept {
    const std::lock_guard lock(mutex_);
    policies::invariant(counted.second > 0, "an address has as many connections as slots");
    if (--counted.second == 0) {
        counts_.erase(counts_.find(counted.first));
    }
}

} // namespace bearward::proxy
