// The URL that names a protected resource, and where its metadata lies (RFC 9728 sections 1.2 and 3.1).
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace bearward::config {

struct resource_identifier {
    std::string text;         ///< as written
    std::string host;         ///< as routes compare it: lower-case, without port
    std::string path;         ///< of its metadata
    std::string metadata_url; ///< the whole

    friend bool operator==(const resource_identifier&, const resource_identifier&) = default;
};

/// An https URL (http on loopback alone) without query and fragment, whose path is canonical. Error: a sentence.
[[nodiscard]] std::expected<resource_identifier, std::string> parse_resource_identifier(std::string_view written);

/// An authorization server's issuer (RFC 8414 section 2): an https URL (http on loopback alone) without
/// query and fragment. Error: a sentence.
[[nodiscard]] std::expected<std::string, std::string> parse_server_identifier(std::string_view written);

} // namespace bearward::config
