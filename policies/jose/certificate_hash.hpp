// The name of a certificate in tokens that are bound to it.
#pragma once

#include <openssl/types.h>

#include <string>

namespace bearward::policies::jose {

/// The SHA-256 of the certificate's DER in base64url (RFC 8705 section 3.1); empty: it can't be written.
[[nodiscard]] std::string certificate_sha256(const X509& certificate);

} // namespace bearward::policies::jose
