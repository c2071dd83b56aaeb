// IP addresses and networks as values: who counts as a trusted proxy. No look-ups.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::requests {

/// An IPv4 address is kept as its IPv4-mapped IPv6 form (RFC 4291 section 2.5.5.2),
/// so that both spellings of it are the same address.
struct ip_address {
    std::array<std::uint8_t, 16> bytes{};

    bool operator==(const ip_address&) const = default;
};

/// "192.0.2.1", "2001:db8::1"; an interface behind a `%` is dropped. Nothing: not
/// an address.
[[nodiscard]] std::optional<ip_address> parse_ip_address(std::string_view text);
/// As it is usually written; an IPv4-mapped address as IPv4 (RFC 5952).
[[nodiscard]] std::string to_string(const ip_address& address);

struct network {
    ip_address prefix;
    unsigned length = 128; ///< bits, of the 128

    [[nodiscard]] bool contains(const ip_address& address) const noexcept;
    bool operator==(const network&) const = default;
};

/// "10.0.0.0/8", "2001:db8::/32", or one address. Error: a sentence; bits that are
/// set beyond the prefix are one, since it is not clear what was meant.
[[nodiscard]] std::expected<network, std::string> parse_network(std::string_view text);

/// As parse_network reads it.
[[nodiscard]] std::string to_string(const network& net);

/// The peers whose word about the client is believed.
struct trusted_peers {
    std::vector<network> networks;
    bool unix_sockets = false;

    [[nodiscard]] bool empty() const noexcept { return networks.empty() && !unix_sockets; }
    /// `address`: without port; empty: a unix socket.
    [[nodiscard]] bool contains(std::string_view address) const;
};

} // namespace bearward::policies::requests
