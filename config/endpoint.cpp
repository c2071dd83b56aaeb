#include "config/endpoint.hpp"

#include "config/scalars.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

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
        const bool accepted = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
                              letter == '-' || letter == '_';
        if (!accepted || ++label > 63) {
            return false;
        }
    }
    return label > 0;
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

} // namespace

std::expected<endpoint, std::string> parse_endpoint(std::string_view text) {
    if (text.starts_with("unix:")) {
        return parse_unix(text);
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
    } else if (made.host.empty()) {
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
    std::string host;
    for (const char letter : text) {
        host += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    if (host == "*") {
        return std::unexpected("for any host leave `hosts` out");
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        return is_address(AF_INET6, host.substr(1, host.size() - 2)) ? std::expected<std::string, std::string>(host)
                                                                     : std::unexpected("not an IPv6 address");
    }
    if (host.find(':') != std::string::npos) {
        return std::unexpected("hosts are compared without port");
    }
    if (host.ends_with('.')) {
        host.pop_back();
    }
    const std::string_view name = host.starts_with("*.") ? std::string_view(host).substr(2) : std::string_view(host);
    if (name.find('*') != std::string_view::npos) {
        return std::unexpected("a wildcard is the whole first label: *.example.com");
    }
    if (!is_host_name(name)) {
        return std::unexpected("not a host name");
    }
    return host;
}

} // namespace bearward::config
