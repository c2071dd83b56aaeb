#include "config/resource_identifier.hpp"

#include "config/encoding.hpp"
#include "config/endpoint.hpp"
#include "config/url.hpp"
#include "policies/requests/target.hpp"
#include "policies/resource_metadata.hpp"

#include <algorithm>
#include <utility>

namespace bearward::config {
namespace {

/// Something with this URL, which is never fetched here but compared and followed by clients.
std::expected<url, std::string> parse_identifier(std::string_view written) {
    auto made = parse_url(written);
    if (made && is_insecure(*made)) {
        return std::unexpected(
            "clients would be led by what others could change on the way: write https:// (http:// is for loopback alone)");
    }
    if (made && made->target.contains('?')) {
        return std::unexpected("an identifier has no query (?)");
    }
    return made;
}

/// Where host and port end.
std::string_view origin_of(std::string_view text) {
    const std::size_t scheme = text.find("://") + 3;
    return text.substr(0, std::min(text.find('/', scheme), text.size()));
}

} // namespace

std::expected<resource_identifier, std::string> parse_resource_identifier(std::string_view written) {
    const auto parsed = parse_identifier(written);
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    policies::requests::path_scratch scratch;
    const auto path = policies::requests::parse_path(parsed->target, {}, scratch);
    if (!path) {
        return std::unexpected("servers read its path differently, or refuse it");
    }
    if (path->path != parsed->target) {
        return std::unexpected("its path is compared in one form; write " + std::string(origin_of(written)) + std::string(path->path));
    }
    const std::size_t port = parsed->authority.find(':', parsed->authority.starts_with('[') ? parsed->authority.find(']') : 0);
    auto host = parse_host_pattern(parsed->authority.substr(0, port));
    if (!host || host->contains('*')) {
        return std::unexpected(host ? "a resource has one host" : std::move(host).error());
    }
    std::string place(policies::resource_metadata_path);
    place += parsed->target == "/" ? std::string_view{} : std::string_view(parsed->target);
    return resource_identifier{
        .text = std::string(written), .host = *std::move(host), .path = place, .metadata_url = std::string(origin_of(written)) + place};
}

std::expected<std::string, std::string> parse_server_identifier(std::string_view written) {
    const auto parsed = parse_identifier(written);
    return parsed ? std::expected<std::string, std::string>(parsed->text) : std::unexpected(parsed.error());
}

} // namespace bearward::config
