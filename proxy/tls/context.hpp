// What TLS contexts of both sides share: versions, ciphers, modes.
#pragma once

#include "config/certificate.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bearward::proxy::tls {

using context_ptr = std::shared_ptr<SSL_CTX>;

enum class side : std::uint8_t { server, client };

/// TLS 1.2 and 1.3, OpenSSL's security level 2 at least, no compression, no
/// renegotiation, and no buffers while a connection is idle. `what` names it in
/// the std::runtime_error that is thrown when OpenSSL refuses.
[[nodiscard]] context_ptr make_context(side which, config::tls_version least, const std::string& what);

/// Gives the context a certificate with its chain and key.
void use_certificate(SSL_CTX& context, const config::certificate& own, const std::string& what);

/// Peers are verified against these.
void trust(SSL_CTX& context, const std::vector<config::x509_ptr>& authorities, const std::string& what);

/// Throws std::runtime_error: `what`, and OpenSSL's reason.
[[noreturn]] void refuse(const std::string& what);

} // namespace bearward::proxy::tls
