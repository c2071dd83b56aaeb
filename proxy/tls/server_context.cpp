#include "proxy/tls/server_context.hpp"

#include "proxy/tls/server_names.hpp"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <stdexcept>

namespace bearward::proxy::tls {
namespace {

/// Tickets are bound to this (SSL_CTX_set_session_id_context(3)); each generation
/// has its own keys, so none outlives the configuration that it was given under.
constexpr std::string_view session_context = "bearward";

constexpr std::string_view protocol_http11{"\x08http/1.1", 9};
constexpr std::string_view protocol_http10{"\x08http/1.0", 9};

/// Whether an ALPN list (RFC 7301 section 3.1) has the protocol, both with their
/// length before them.
const unsigned char* find_protocol(std::string_view offered, std::string_view wanted, const unsigned char* in) {
    for (std::size_t at = 0; at < offered.size(); at += 1U + static_cast<unsigned char>(offered[at])) {
        if (offered.substr(at).starts_with(wanted)) {
            return in + at;
        }
    }
    return nullptr;
}

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length, void*) {
    // OpenSSL's bytes are unsigned; a view of text reads them as char.
    const std::string_view offered{reinterpret_cast<const char*>(in), in_length};
    if (const unsigned char* const found = find_protocol(offered, protocol_http11, in)) {
        *out = found + 1;
        *out_length = *found;
        return SSL_TLSEXT_ERR_OK;
    }
    // A client of HTTP/1.0 needs no answer; any other would talk past us.
    return find_protocol(offered, protocol_http10, in) != nullptr ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int select_certificate(SSL* ssl, int*, void* owner) {
    const char* const asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (asked != nullptr) {
        SSL_set_SSL_CTX(ssl, &static_cast<const server_context*>(owner)->choose(asked));
    }
    return SSL_TLSEXT_ERR_OK;
}

void ask_for_certificates(SSL_CTX& context, const config::listener_tls_settings& tls, const std::string& what) {
    trust(context, tls.client_authorities, what);
    for (const auto& each : tls.client_authorities) {
        SSL_CTX_add_client_CA(&context, each.get()); // a hint for clients with several certificates
    }
    const int required = tls.client_certificate_required.value ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | required, nullptr);
}

} // namespace

server_context::server_context(const config::listener_settings& listener) {
    const auto& tls = *listener.tls;
    const std::string what = "TLS of the listener " + listener.name;
    for (const auto& each : tls.certificates) {
        if (!each.loaded) {
            throw std::runtime_error(what + ": its certificates were not read");
        }
        auto context = make_context(side::server, tls.min_version, what);
        use_certificate(*context, *each.loaded, what + ": " + each.certificate.value);
        SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
        // Tickets do without memory of ours; a cache would be shared by the workers.
        SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
        SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(session_context.data()),
                                       static_cast<unsigned>(session_context.size()));
        SSL_CTX_set_alpn_select_cb(context.get(), &select_protocol, nullptr);
        SSL_CTX_set_tlsext_servername_callback(context.get(), &select_certificate);
        SSL_CTX_set_tlsext_servername_arg(context.get(), this);
        if (!tls.client_authorities.empty()) {
            ask_for_certificates(*context, tls, what);
        }
        contexts_.push_back(std::move(context));
        names_.push_back(each.loaded->names);
        expires_ = std::min(expires_, each.loaded->not_after);
    }
}

SSL_CTX& server_context::choose(std::string_view asked) const noexcept {
    return *contexts_[choose_certificate(names_, asked)];
}

std::unique_ptr<session> server_context::accept(int descriptor) const {
    ssl_ptr ssl(SSL_new(contexts_.front().get()));
    if (!ssl) {
        return nullptr;
    }
    SSL_set_accept_state(ssl.get());
    return std::make_unique<session>(std::move(ssl), descriptor);
}

} // namespace bearward::proxy::tls
