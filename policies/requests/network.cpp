#include "policies/requests/network.hpp"

#include "policies/ascii.hpp"
#include "policies/invariant.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace bearward::policies::requests {
namespace {

constexpr unsigned mapped_bits = 96;
constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t longest_address = INET6_ADDRSTRLEN;

bool is_mapped(const ip_address& address) {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
}

bool has_bits_beyond(const network& net) {
    for (unsigned bit = net.length; bit < 128; ++bit) {
        if ((net.prefix.bytes[bit / 8] & (0x80U >> (bit % 8))) != 0) {
            return true;
        }
    }
    return false;
}

} // namespace

std::optional<ip_address> parse_ip_address(std::string_view text) {
    text = text.substr(0, text.find('%'));
    if (text.empty() || text.size() >= longest_address || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    std::array<char, longest_address> terminated{};
    std::ranges::copy(text, terminated.begin());
    ip_address address;
    if (::inet_pton(AF_INET6, terminated.data(), address.bytes.data()) == 1) {
        return address;
    }
    if (::inet_pton(AF_INET, terminated.data(), address.bytes.data() + mapped_prefix.size()) != 1) {
        return std::nullopt;
    }
    std::ranges::copy(mapped_prefix, address.bytes.begin());
    return address;
}

std::string to_string(const ip_address& address) {
    std::array<char, longest_address> text{};
    const bool v4 = is_mapped(address);
    const char* const made = v4 ? ::inet_ntop(AF_INET, address.bytes.data() + mapped_prefix.size(), text.data(), text.size())
                                : ::inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
    return made == nullptr ? std::string{} : std::string(made);
}

bool network::contains(const ip_address& address) const noexcept {
    invariant(length <= 128, "a network's prefix is as long as an address at most");
    const std::size_t whole = length / 8;
    if (!std::equal(prefix.bytes.begin(), prefix.bytes.begin() + static_cast<std::ptrdiff_t>(whole), address.bytes.begin())) {
        return false;
    }
    const unsigned rest = length % 8;
    return rest == 0 || ((prefix.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

std::expected<network, std::string> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto written = text.substr(0, slash);
    const auto address = parse_ip_address(written);
    if (!address || written.find('%') != std::string_view::npos) {
        return std::unexpected("not an IP address");
    }
    network made{*address, 128};
    if (slash == std::string_view::npos) {
        return made;
    }
    const auto digits = text.substr(slash + 1);
    const bool v4 = written.find(':') == std::string_view::npos;
    const auto bits = parse_decimal<unsigned>(digits);
    const bool canonical = digits.size() == 1 || !digits.starts_with('0');
    if (!bits || !canonical || *bits > (v4 ? 32U : 128U)) {
        return std::unexpected(v4 ? "the prefix's length must be between 0 and 32" : "the prefix's length must be between 0 and 128");
    }
    made.length = *bits + (v4 ? mapped_bits : 0);
    if (has_bits_beyond(made)) {
        return std::unexpected("the address has bits set beyond the prefix's " + std::string(digits));
    }
    return made;
}

std::string to_string(const network& net) {
    const unsigned width = is_mapped(net.prefix) && net.length >= mapped_bits ? mapped_bits : 0;
    return to_string(net.prefix) + (net.length == 128 ? "" : '/' + std::to_string(net.length - width));
}

bool trusted_peers::contains(std::string_view address) const {
    if (address.empty()) {
        return unix_sockets;
    }
    const auto parsed = parse_ip_address(address);
    return parsed && std::ranges::any_of(networks, [&](const network& each) { return each.contains(*parsed); });
}

} // namespace bearward::policies::requests
