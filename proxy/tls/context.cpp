#include "proxy/tls/context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <stdexcept>

namespace bearward::proxy::tls {
namespace {

/// 112 bits: no RSA below 2048 bits, no SHA-1 signatures.
constexpr int security_level = 2;

} // namespace

void refuse(const std::string& what) {
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    std::string message = what + ": " + (reason != nullptr ? reason : "OpenSSL gave no reason");
    ERR_clear_error();
    throw std::runtime_error(message);
}

context_ptr make_context(side which, config::tls_version least, const std::string& what) {
    ERR_clear_error();
    context_ptr made(SSL_CTX_new(which == side::server ? TLS_server_method() : TLS_client_method()), &SSL_CTX_free);
    const int version = least == config::tls_version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    if (!made || SSL_CTX_set_min_proto_version(made.get(), version) != 1) {
        refuse(what);
    }
    SSL_CTX_set_security_level(made.get(), std::max(security_level, SSL_CTX_get_security_level(made.get())));
    SSL_CTX_set_options(made.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_clear_options(made.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    // A record's head and body, and often several records, in one receive.
    SSL_CTX_set_read_ahead(made.get(), 1);
    return made;
}

void use_certificate(SSL_CTX& context, const config::certificate& own, const std::string& what) {
    const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> chain{sk_X509_new_null(),
                                                                           [](STACK_OF(X509) * each) { sk_X509_free(each); }};
    for (const auto& each : own.chain) {
        sk_X509_push(chain.get(), each.get());
    }
    if (SSL_CTX_use_cert_and_key(&context, own.leaf.get(), own.key.get(), chain.get(), 1) != 1) {
        refuse(what);
    }
}

void trust(SSL_CTX& context, const std::vector<config::x509_ptr>& authorities, const std::string& what) {
    for (const auto& each : authorities) {
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), each.get()) != 1) {
            refuse(what);
        }
    }
}

} // namespace bearward::proxy::tls
