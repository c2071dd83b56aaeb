// Codecs of the configuration's own kinds of values: addresses, paths, secrets,
// claim paths and the like.
#pragma once

#include "config/codec.hpp"
#include "config/settings.hpp"

#include <algorithm>

namespace bearward::config {

/// An address to connect to (its port isn't 0).
[[nodiscard]] codec<endpoint> server_address();
/// An address to listen on.
[[nodiscard]] codec<endpoint> listen_address();
/// Addresses and networks, and `unix:`.
[[nodiscard]] codec<policies::requests::trusted_peers> trusted_proxies();
/// A host name or an IP address, as a certificate may have it.
[[nodiscard]] codec<std::string> server_name();
/// A file, resolved against the document's folder.
[[nodiscard]] codec<std::string> file_path();
/// {file: PATH} | {env: NAME} | {value: TEXT}. Reads it unless offline.
[[nodiscard]] codec<secret_settings> secret();
/// A field name (RFC 9110 section 5.1).
[[nodiscard]] codec<std::string> header_name();
/// A field value (RFC 9110 section 5.5) of printable ASCII.
[[nodiscard]] codec<std::string> field_value();
/// A method (RFC 9110 section 9.1).
[[nodiscard]] codec<std::string> method();
[[nodiscard]] codec<std::string> host_pattern();
/// scheme://host[:port] or null, as browsers write it.
[[nodiscard]] codec<std::string> origin();
/// A route's path with captures.
[[nodiscard]] codec<std::string> route_path();
/// `off` as false, `on` as true.
[[nodiscard]] codec<bool> on_or_off();
/// One dotted path or a list of them.
[[nodiscard]] codec<std::vector<policies::tokens::claim_path>> claim_paths();
[[nodiscard]] codec<identity_source> identity_value();
/// Literal text, or "{capture}".
[[nodiscard]] codec<std::optional<policies::rules::operand>> operand();
/// What a claim must be: a value, a list of values, {present: true}; with
/// `captures` also "{capture}".
[[nodiscard]] codec<std::vector<claim_settings>> claim_requirements(bool captures);
/// Text, a number, true or false, as JSON.
[[nodiscard]] codec<boost::json::value> claim_value();
/// A list of places where a token is accepted.
[[nodiscard]] codec<policies::requests::token_places> token_places(bool with_subprotocol);

/// "a.b" split at dots; a name with "://" in it is one claim.
[[nodiscard]] std::expected<policies::tokens::claim_path, std::string> parse_claim_path(std::string_view text);

[[nodiscard]] std::string join_claim_path(const policies::tokens::claim_path& path);

/// Whether it is a token (RFC 9110 section 5.6.2).
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// A map from names to what they name; the name is kept in `name`.
template <class T>
[[nodiscard]] codec<std::vector<T>> by_name(const codec<T>& element, const std::string& what, std::size_t least = 0) {
    return keyed<T>(
        element, "the name of " + what, least,
        [](reading& state, const cursor& at, std::string_view key, T& out) {
            out.name = key;
            const bool printable =
                !key.empty() && key.size() <= 128 && key.find_first_not_of(' ') == 0 && key.back() != ' ' &&
                std::ranges::none_of(key, [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; });
            return printable || state.error(at, "a name has 1 to 128 bytes, no control characters and no spaces around it");
        },
        [](const T& value) { return value.name; });
}

} // namespace bearward::config
