#include "config/endpoint.hpp"

#include "config/scalars.hpp"
#include "policies/ascii.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>

namespace bearward::config {

namespace {

constexpr std::size_t longest_name = 253; // RFC 1035 section 2.3.4

bool is_address(int family, const std::string& text) {
    in6_addr out{}; // large enough for both
    return inet_pton(family, text.c_str(), &out) == 1;
}

bool looks_like_ipv4(std::string_view host) {
    return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// Labels of letters, digits, `-` and `_` (RFC 1123 section 2.1, and what is used).
bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > longest_name) {
        return false;
    }
    std::size_t label = 0;
    for (const char letter : host) {
        if (letter == '.') {
            if (label == 0) {
                return false;
            }
            label = 0;
            continue;
        }
        if (!policies::is_base64url(letter) || ++label > 63) {
            return false;
        }
    }
    return label > 0;
}

/// An IPv6 address in brackets, in the one spelling that clients use (RFC 5952): hosts
/// are compared as text.
std::expected<std::string, std::string> parse_host_address(const std::string& host) {
    in6_addr address{};
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) != 1) {
        return std::unexpected("not an IPv6 address");
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    const std::string usual = std::string("[") + inet_ntop(AF_INET6, &address, text.data(), text.size()) + ']';
    return usual == host ? std::expected<std::string, std::string>(host) : std::unexpected("write it as " + usual);
}

/// What of a URL stands around or behind a host, as a message; empty: nothing.
std::string find_url_part(std::string_view host) {
    if (host.contains("://")) {
        return "a host has no scheme";
    }
    if (host.contains('/')) {
        return "a host has no path; that goes into prefix or exact";
    }
    if (host.contains('@')) {
        return "a host has no user";
    }
    if (host.find(':') != host.rfind(':')) {
        return "an IPv6 address stands in brackets";
    }
    if (host.contains(':')) {
        return "hosts are compared without port";
    }
    return {};
}

std::expected<std::uint16_t, std::string> parse_port(std::string_view text) {
    const auto port = text.find_first_not_of("0123456789") == std::string_view::npos ? parse_integer(text) : std::nullopt;
    if (!port || *port > 65535) {
        return std::unexpected("the port must be between 0 and 65535");
    }
    return static_cast<std::uint16_t>(*port);
}

std::expected<endpoint, std::string> parse_unix(std::string_view text) {
    endpoint made;
    made.text = text;
    made.unix_path = text.substr(std::string_view("unix:").size());
    if (!made.unix_path.starts_with('/')) {
        return std::unexpected("the path of a unix socket starts with /");
    }
    if (made.unix_path.size() >= sizeof(sockaddr_un::sun_path)) {
        return std::unexpected("the path of a unix socket is at most " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes long");
    }
    return made;
}

/// What of a URL stands around host and port, as a message; empty: nothing.
std::string find_url_around(std::string_view text) {
    const std::size_t scheme = text.find("://");
    const std::string_view rest = scheme == std::string_view::npos ? text : text.substr(scheme + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    std::string fault;
    if (scheme != std::string_view::npos) {
        fault = "an address has no scheme";
    } else if (authority.size() != rest.size()) {
        fault = "an address has no path";
    } else if (authority.contains('@')) {
        return "an address has no user";
    }
    // What isn't an address yet is left to the next message.
    if (const std::size_t end = authority.rfind(':'); !fault.empty() && !authority.empty() && !authority.contains('@')) {
        const bool port = end != std::string_view::npos && authority.find(']', end) == std::string_view::npos;
        fault += "; write " + std::string(authority) + (port ? "" : text.starts_with("https:") ? ":443" : ":80");
    }
    return fault;
}

} // namespace

std::expected<endpoint, std::string> parse_endpoint(std::string_view text) {
    if (text.starts_with("unix:") && !text.starts_with("unix://")) {
        return parse_unix(text);
    }
    if (text.starts_with("unix://")) {
        return std::unexpected("write unix:" + std::string(text.substr(std::string_view("unix://").size())) + ", without //");
    }
    if (std::string fault = find_url_around(text); !fault.empty()) {
        return std::unexpected(std::move(fault));
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == text.size() || text.substr(colon).find(']') != std::string_view::npos) {
        return std::unexpected("the port is missing");
    }
    endpoint made;
    made.text = text;
    made.host = text.substr(0, colon);
    if (made.host.starts_with('[')) {
        if (!made.host.ends_with(']')) {
            return std::unexpected("the bracket isn't closed");
        }
        made.host = made.host.substr(1, made.host.size() - 2);
        if (!is_address(AF_INET6, made.host)) {
            return std::unexpected("not an IPv6 address");
        }
    } else if (made.host.find(':') != std::string::npos) {
        return std::unexpected("an IPv6 address stands in brackets");
    } else if (made.host.empty() || made.host == "*") {
        return std::unexpected("the host is missing; every address is 0.0.0.0 or [::]");
    } else if (looks_like_ipv4(made.host) ? !is_address(AF_INET, made.host) : !is_host_name(made.host)) {
        return std::unexpected("not a host name or address");
    }
    auto port = parse_port(text.substr(colon + 1));
    if (!port) {
        return std::unexpected(std::move(port.error()));
    }
    made.port = *port;
    return made;
}

bool is_local(const endpoint& address) {
    if (!address.unix_path.empty()) {
        return true;
    }
    return address.host == "localhost" || address.host == "::1" || (looks_like_ipv4(address.host) && address.host.starts_with("127."));
}

std::expected<std::string, std::string> parse_host_pattern(std::string_view text) {
    std::string host = policies::lowered(text);
    if (host == "*") {
        return std::unexpected("for any host leave `hosts` out");
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        return parse_host_address(host);
    }
    if (auto fault = find_url_part(host); !fault.empty()) {
        return std::unexpected(std::move(fault));
    }
    if (host.ends_with('.')) {
        host.pop_back();
    }
    const std::string_view name = host.starts_with("*.") ? std::string_view(host).substr(2) : std::string_view(host);
    if (name.contains('*')) {
        return std::unexpected("a wildcard is the whole first label: *.example.com");
    }
    if (name.starts_with('.') && is_host_name(name.substr(1))) {
        return std::unexpected("for all hosts below it write *" + std::string(name));
    }
    if (name.find_first_of("{}()[]^$|\\~?<>+") != std::string_view::npos) {
        return std::unexpected("the only pattern of a host is a whole first label, *.example.com");
    }
    if (std::ranges::any_of(name, [](char letter) { return static_cast<unsigned char>(letter) >= 0x80; })) {
        return std::unexpected("letters outside ASCII are written as they are sent, xn--...");
    }
    if (name.size() != host.size() && looks_like_ipv4(name)) {
        return std::unexpected("an address has no hosts below it; write " + std::string(name));
    }
    if (!is_host_name(name) || (looks_like_ipv4(name) && !is_address(AF_INET, std::string(name)))) {
        return std::unexpected("not a host name");
    }
    return host;
}

} // namespace bearward::config
