#include "policies/requests/client_target.hpp"

#include "policies/ascii.hpp"
#include "policies/requests/client_scheme.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace bearward::policies::requests {
namespace {

struct place {
    std::string host; ///< lower-case, without one dot at its end
    std::uint16_t port = 0;
    friend bool operator==(const place&, const place&) = default;
};

constexpr std::uint16_t default_port(std::string_view scheme) noexcept {
    constexpr std::uint16_t http = 80;
    constexpr std::uint16_t https = 443;
    return scheme == "https" ? https : http;
}

/// RFC 3986 section 3.2, without userinfo and escapes.
std::optional<place> parse_authority(std::string_view authority, std::string_view scheme) {
    const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : std::size_t{0};
    if (bracket == std::string_view::npos || authority.find_first_of("@%\\ ") != std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t colon = std::min(authority.find(':', bracket), authority.size());
    std::string_view host = authority.substr(0, colon);
    host.remove_suffix(host.ends_with('.') ? 1 : 0);
    place made{.host = lowered(host), .port = default_port(scheme)};
    const std::string_view port = authority.substr(std::min(colon + 1, authority.size()));
    if (!port.empty()) {
        const auto read = parse_decimal<std::uint16_t>(port);
        if (!read) {
            return std::nullopt;
        }
        made.port = *read;
    }
    return made.host.empty() ? std::nullopt : std::optional(std::move(made));
}

/// Normalised but for its slashes: two paths that differ in those are two.
std::optional<std::string> normal_path(std::string_view path) {
    path_scratch scratch;
    const auto parsed = parse_path(path.empty() ? "/" : path, {.ambiguous = ambiguous_paths::allow, .merge_slashes = false}, scratch);
    return parsed ? std::optional(std::string(parsed->path)) : std::nullopt;
}

} // namespace

std::string_view believe_header(std::span<const header> headers, bool trusted_peer, std::string_view name, std::string_view seen) noexcept {
    std::string_view said;
    std::size_t count = 0;
    for (const header& field : headers) {
        if (trusted_peer && equal_names(field.name, name)) {
            said = field.value;
            ++count;
        }
    }
    return count == 1 && !said.empty() && !said.contains(',') ? said : seen;
}

client_target target_of(const request_view& request) noexcept {
    return {.scheme = client_scheme(request),
            .authority = believe_header(request.headers, request.trusted_peer, "X-Forwarded-Host", request.authority),
            .path = request.raw_path};
}

bool is_uri_of(std::string_view uri, const client_target& target) {
    uri = uri.substr(0, uri.find_first_of("?#"));
    const std::size_t scheme_end = uri.find("://");
    if (scheme_end == std::string_view::npos || !equal_ignoring_case(uri.substr(0, scheme_end), target.scheme)) {
        return false;
    }
    uri.remove_prefix(scheme_end + 3);
    const std::size_t authority_end = std::min(uri.find('/'), uri.size());
    const auto said = parse_authority(uri.substr(0, authority_end), target.scheme);
    const auto seen = parse_authority(target.authority, target.scheme);
    if (!said || said != seen) {
        return false;
    }
    const auto path = normal_path(uri.substr(authority_end));
    return path && path == normal_path(target.path);
}

} // namespace bearward::policies::requests
