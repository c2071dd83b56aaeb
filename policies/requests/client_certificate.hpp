// The certificate that a client showed in its TLS handshake.
#pragma once

#include "policies/jose/certificate_names.hpp"
#include "policies/word_table.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::policies::requests {

/// Only for certificates that the listener verified; belongs to one connection, and what was
/// read of it is kept as long.
class client_certificate {
public:
    /// The SHA-256 of its DER in base64url, as `x5t#S256` has it (RFC 8705 section 3.1); empty:
    /// the connection has no verified certificate. Made once, when it is first asked for.
    [[nodiscard]] virtual std::string_view sha256() const = 0;
    /// Its names; null: the connection has no verified certificate. Read once, likewise.
    [[nodiscard]] virtual const jose::certificate_names* names() const = 0;

protected:
    client_certificate() = default;
    client_certificate(const client_certificate&) = default;
    client_certificate& operator=(const client_certificate&) = default;
    ~client_certificate() = default;
};

/// What a configuration can name of a certificate.
enum class certificate_fact : std::uint8_t { subject, dns, uri, sha256 };

inline constexpr auto certificate_fact_table = std::to_array<word_row<certificate_fact>>({
    {certificate_fact::subject, "certificate.subject"},
    {certificate_fact::dns, "certificate.dns"},
    {certificate_fact::uri, "certificate.uri"},
    {certificate_fact::sha256, "certificate.sha256"},
});
static_assert(is_word_table(certificate_fact_table));

/// The SHA-256 of its DER in lower-case hex, as people compare it; empty likewise.
[[nodiscard]] std::string hex_sha256(const client_certificate& shown);

} // namespace bearward::policies::requests
