// Codecs of the configuration's own kinds of values: addresses, paths, secrets,
// claim paths and the like.
#pragma once

#include "config/codec.hpp"
#include "config/section.hpp"
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
/// An http or https URL; http to another machine warns.
[[nodiscard]] codec<located<url>> fetched_url();
/// Likewise, of what is sent there.
[[nodiscard]] codec<located<url>> told_url();
/// A number from 0 to 1.
[[nodiscard]] codec<double> fraction();
/// A file, resolved against the document's folder.
[[nodiscard]] codec<std::string> file_path();
/// {file: PATH} | {env: NAME} | {value: TEXT}. Reads it unless offline.
[[nodiscard]] codec<secret_settings> secret();
/// A JWK set or PEM keys in the configuration itself, as text for their parsers.
[[nodiscard]] codec<std::string> inline_jwk_set();
[[nodiscard]] codec<std::string> inline_pem();
/// A field name (RFC 9110 section 5.1).
[[nodiscard]] codec<std::string> header_name();
/// A field value (RFC 9110 section 5.5) of printable ASCII.
[[nodiscard]] codec<std::string> field_value();
/// A method (RFC 9110 section 9.1).
[[nodiscard]] codec<std::string> method();
/// Likewise, with an error for what stands for any method elsewhere.
[[nodiscard]] codec<std::string> route_method();
[[nodiscard]] codec<std::string> host_pattern();
/// scheme://host[:port] or null, as browsers write it.
[[nodiscard]] codec<std::string> origin();
/// A route's path with captures. compile_routes complains of a fault, once it is known
/// whether the path is literal.
[[nodiscard]] codec<route_path_settings> route_path();
[[nodiscard]] codec<policies::requests::ambiguous_paths> allow_or_reject();
/// A route's rate limit.
[[nodiscard]] codec<std::optional<rate_limit_settings>> rate_limit();
/// So many in a second, a minute or an hour.
[[nodiscard]] codec<rate> a_rate();
/// The code of a Close, or a map of codes by what they are for.
[[nodiscard]] codec<policies::close_codes> close_codes();
/// `off` as false, `on` as true.
[[nodiscard]] codec<bool> on_or_off();
/// A claim source or a list of them.
[[nodiscard]] codec<policies::tokens::mapped_claim> claim_sources();
[[nodiscard]] codec<identity_source> identity_value();
/// Text in which names in braces stand for values of the request, or {equals: TEXT}.
[[nodiscard]] codec<std::optional<policies::rules::operand>> operand();
/// Text of a rule in which nothing stands for something else: braces and `*` are
/// errors but in {equals: TEXT}.
[[nodiscard]] codec<std::string> rule_text(std::string expected);
/// What a claim must be: a value, a list of values, {present: true} or {matches: GLOB};
/// with `operands` also text that takes values from the request.
[[nodiscard]] codec<std::vector<claim_settings>> claim_requirements(bool operands);
/// Text, a number, true or false, as JSON.
[[nodiscard]] codec<boost::json::value> claim_value();
/// The name of a cookie (RFC 6265 section 4.1.1).
[[nodiscard]] codec<std::string> cookie_name();
/// An origin as browsers write it; `null` is none.
[[nodiscard]] codec<std::string> cookie_origin();
/// A list of places where a token is accepted.
[[nodiscard]] codec<policies::requests::token_places> token_places(bool with_subprotocol);

/// Text that has to be taken as it is: {equals: TEXT}.
struct literal_settings {
    std::string equals;
};
[[nodiscard]] const section<literal_settings>& literal_fields();

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
