// The declarations of resource metadata (RFC 9728 section 2).
#include "config/fields.hpp"
#include "config/values.hpp"

#include <algorithm>

namespace bearward::config {
namespace {

codec<resource_identifier> resource() {
    return parsed<resource_identifier>("an https:// URL without query and fragment", parse_resource_identifier,
                                       [](const resource_identifier& value) -> boost::json::value {
                                           return value.text.empty() ? boost::json::value(nullptr) : boost::json::value(value.text);
                                       });
}

codec<std::string> authorization_server() {
    return parsed<std::string>("an issuer, an https:// URL without query and fragment", parse_server_identifier,
                               [](const std::string& value) -> boost::json::value { return boost::json::value(value); });
}

/// RFC 6749 section 3.3.
codec<std::string> scope_token() {
    return parsed<std::string>(
        "a scope",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            const bool good = !written.empty() && std::ranges::all_of(written, [](char byte) {
                return byte > ' ' && byte <= '~' && byte != '"' && byte != '\\';
            });
            return good ? std::expected<std::string, std::string>(written)
                        : std::unexpected(
                              "a scope is printable ASCII without blanks, quotes and backslashes; write each as an entry of its own");
        },
        [](const std::string& value) -> boost::json::value { return boost::json::value(value); });
}

const section<resource_settings>& resource_fields() {
    using owner = resource_settings;
    static const section<owner> declared =
        section<owner>("resource_metadata")
            .field("resource", &owner::resource, placed(resource()),
                   "The URL that clients know this API by. Its metadata is at /.well-known/oauth-protected-resource and its path, on its "
                   "host.",
                   presence::required)
            .field("authorization_servers", &owner::authorization_servers, absent_if_empty(list(authorization_server(), 1)),
                   "The issuers that clients may get tokens from.")
            .field("scopes_supported", &owner::scopes_supported, absent_if_empty(list(scope_token(), 1)),
                   "Scopes that clients may ask for.");
    return declared;
}

} // namespace

codec<std::optional<resource_settings>> resource_metadata() {
    return maybe(nested("resource_metadata", &resource_fields));
}

} // namespace bearward::config
