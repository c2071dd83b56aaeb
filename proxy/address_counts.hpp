// How many connections each client address has open (max_connections_per_address), and
// each user WebSockets (max_websockets_per_user).
// Not on the path of a request: taken when a connection opens, given back when it
// ends.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace bearward::proxy {

/// Whose connections count together: an IPv4 address, the /64 of an IPv6 address
/// (one client may use all of it). Empty: not an address, not counted.
[[nodiscard]] std::string make_address_key(std::string_view address);

/// Shared by the workers of a server. Thread-safe. Outlives its slots.
class address_counts {
public:
    /// One connection of an address, while it lives.
    class slot {
    public:
        slot() = default;
        slot(slot&& other) noexcept : in_(std::exchange(other.in_, nullptr)), entry_(other.entry_) {}
        slot& operator=(slot&& other) noexcept {
            std::swap(in_, other.in_);
            std::swap(entry_, other.entry_);
            return *this;
        }
        ~slot() {
            if (in_ != nullptr) {
                in_->give_back(*entry_);
            }
        }

    private:
        friend class address_counts;
        using entry = std::pair<const std::string, std::size_t>;
        slot(address_counts& in, entry& counted) noexcept : in_(&in), entry_(&counted) {}

        address_counts* in_ = nullptr;
        entry* entry_ = nullptr;
    };

    /// Nothing: the address has `limit` connections already. 0: no limit.
    [[nodiscard]] std::optional<slot> take(std::string_view address, std::size_t limit);
    /// Likewise of whoever the key stands for.
    [[nodiscard]] std::optional<slot> take_key(std::string key, std::size_t limit);
    /// Keys that have connections.
    [[nodiscard]] std::size_t size() const;

private:
    void give_back(slot::entry& counted) noexcept;

    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::size_t> counts_; ///< its entries don't move
};

} // namespace bearward::proxy
