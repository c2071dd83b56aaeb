#include "proxy/downstream/proxy_header.hpp"

#include "policies/requests/network.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace bearward::proxy::downstream {
namespace {

using policies::requests::ip_address;
using state = proxy_header::state;

constexpr std::string_view v1_start = "PROXY ";
constexpr std::string_view v2_start{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t longest_v1 = 107; // the specification's, with CR LF
constexpr std::size_t v2_fixed = 16;

bool begins(std::string_view bytes, std::string_view start) {
    const std::size_t common = std::min(bytes.size(), start.size());
    return bytes.substr(0, common) == start.substr(0, common);
}

std::string_view take_word(std::string_view& line) {
    const std::size_t space = line.find(' ');
    const auto word = line.substr(0, space);
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
    return word;
}

bool is_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port <= 65535 && (text.size() == 1 || text.front() != '0');
}

/// The address of this family in the family's own notation.
std::optional<ip_address> parse_address(std::string_view text, bool v4) {
    if (text.find('%') != std::string_view::npos || (text.find(':') == std::string_view::npos) != v4) {
        return std::nullopt;
    }
    return policies::requests::parse_ip_address(text);
}

proxy_header parse_v1(std::string_view bytes) {
    const std::size_t end = bytes.substr(0, longest_v1).find("\r\n");
    if (end == std::string_view::npos) {
        return {.what = bytes.size() < longest_v1 ? state::incomplete : state::refused};
    }
    proxy_header header{.what = state::complete, .size = end + 2};
    auto line = bytes.substr(v1_start.size(), end - v1_start.size());
    if (line.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos) {
        return {};
    }
    const auto family = take_word(line);
    if (family == "UNKNOWN") {
        return header; // whatever follows is to be ignored
    }
    const bool v4 = family == "TCP4";
    if (!v4 && family != "TCP6") {
        return {};
    }
    const auto source = parse_address(take_word(line), v4);
    const auto target = parse_address(take_word(line), v4);
    const bool source_port = is_port(take_word(line));
    // What is left is the last word: a further space would be part of it.
    if (!source || !target || !source_port || !is_port(line)) {
        return {};
    }
    header.source = to_string(*source);
    return header;
}

std::size_t read_length(std::string_view two) {
    return static_cast<std::size_t>(static_cast<unsigned char>(two[0])) << 8U | static_cast<unsigned char>(two[1]);
}

/// Type, length and value, one after the other to the end.
bool check_extensions(std::string_view rest) {
    while (!rest.empty()) {
        if (rest.size() < 3 || rest.size() - 3 < read_length(rest.substr(1))) {
            return false;
        }
        rest.remove_prefix(3 + read_length(rest.substr(1)));
    }
    return true;
}

std::string show_source(std::string_view bytes, bool v4) {
    ip_address address;
    if (v4) {
        address = *policies::requests::parse_ip_address("0.0.0.0"); // the mapped prefix
    }
    std::ranges::copy(bytes, address.bytes.end() - static_cast<std::ptrdiff_t>(bytes.size()));
    return to_string(address);
}

/// `body`: what follows the fixed part. Whether it is sound; fills the source.
bool read_v2(unsigned command, unsigned family, std::string_view body, std::string& source) {
    enum : unsigned { unspecified = 0x00, tcp4 = 0x11, tcp6 = 0x21, unix_stream = 0x31 };
    if (command == 0) { // LOCAL: the balancer's own connection, such as a health check
        return true;
    }
    const std::size_t addresses = family == tcp4 ? 12 : family == tcp6 ? 36 : family == unix_stream ? 216 : 0;
    const bool known = family == unspecified || addresses != 0; // datagrams don't come over streams
    if (command != 1 || !known || body.size() < addresses) {
        return false;
    }
    if (family == unspecified) {
        return true; // what the addresses are is unspecified too
    }
    if (family == tcp4) {
        source = show_source(body.substr(0, 4), true);
    } else if (family == tcp6) {
        source = show_source(body.substr(0, 16), false);
    }
    return check_extensions(body.substr(addresses));
}

proxy_header parse_v2(std::string_view bytes) {
    if (bytes.size() < v2_fixed) {
        return {.what = state::incomplete};
    }
    const unsigned version_and_command = static_cast<unsigned char>(bytes[12]);
    const unsigned family = static_cast<unsigned char>(bytes[13]);
    const std::size_t size = v2_fixed + read_length(bytes.substr(14));
    if (version_and_command >> 4U != 2 || size > proxy_header::longest) {
        return {};
    }
    if (bytes.size() < size) {
        return {.what = state::incomplete};
    }
    proxy_header header{.what = state::complete, .size = size};
    if (!read_v2(version_and_command & 0x0FU, family, bytes.substr(v2_fixed, size - v2_fixed), header.source)) {
        return {};
    }
    return header;
}

} // namespace

proxy_header parse_proxy_header(std::string_view bytes, config::proxy_protocol accepted) {
    using config::proxy_protocol;
    const bool v1 = accepted == proxy_protocol::v1 || accepted == proxy_protocol::any;
    const bool v2 = accepted == proxy_protocol::v2 || accepted == proxy_protocol::any;
    if (bytes.empty() && (v1 || v2)) {
        return {.what = state::incomplete};
    }
    if (v1 && begins(bytes, v1_start)) {
        return bytes.size() < v1_start.size() ? proxy_header{.what = state::incomplete} : parse_v1(bytes);
    }
    return v2 && begins(bytes, v2_start) ? parse_v2(bytes) : proxy_header{};
}

} // namespace bearward::proxy::downstream
