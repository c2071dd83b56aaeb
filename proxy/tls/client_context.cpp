#include "proxy/tls/client_context.hpp"

#include "policies/requests/network.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

namespace bearward::proxy::tls {
namespace {

constexpr std::array<unsigned char, 9> protocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'}; // RFC 7301 section 3.1

int keep_session(SSL* ssl, SSL_SESSION* latest) {
    auto* const last = static_cast<resumption*>(SSL_get_app_data(ssl));
    if (last == nullptr || SSL_SESSION_is_resumable(latest) != 1) {
        return 0;
    }
    last->keep(latest);
    return 1; // the reference is ours now
}

/// The name to ask for (not an address, RFC 6066 section 3) and to find in the
/// certificate's subjectAltName.
bool expect_name(SSL* ssl, const std::string& name, bool verify) {
    const auto address = policies::requests::parse_ip_address(name);
    if (!address && SSL_set_tlsext_host_name(ssl, name.c_str()) != 1) {
        return false;
    }
    if (!verify) {
        return true;
    }
    X509_VERIFY_PARAM* const checks = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return address ? X509_VERIFY_PARAM_set1_ip_asc(checks, to_string(*address).c_str()) == 1
                   : X509_VERIFY_PARAM_set1_host(checks, name.c_str(), name.size()) == 1;
}

} // namespace

void resumption::deleter::operator()(SSL_SESSION* session) const noexcept {
    SSL_SESSION_free(session);
}

client_context::client_context(const config::upstream_tls_settings& tls, const std::string& what)
    : context_(make_context(side::client, config::tls_version::tls_1_2, what)), server_name_(tls.server_name), verify_(tls.verify) {
    if (!tls.authorities.empty()) {
        trust(*context_, tls.authorities, what);
    } else if (verify_ && SSL_CTX_set_default_verify_paths(context_.get()) != 1) {
        refuse(what + ": the system's authorities");
    }
    if (tls.own) {
        use_certificate(*context_, *tls.own, what + ": " + tls.certificate.value);
    }
    SSL_CTX_set_verify(context_.get(), verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_alpn_protos(context_.get(), protocols.data(), protocols.size());
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.get(), &keep_session);
}

std::unique_ptr<session> client_context::connect(int descriptor, const std::string& host, std::shared_ptr<resumption> last) const {
    ssl_ptr ssl(SSL_new(context_.get()));
    const std::string& name = server_name_.empty() ? host : server_name_;
    const bool nameless = name.empty() && !verify_; // a unix socket that anybody may answer on
    if (!ssl || !(nameless || (!name.empty() && expect_name(ssl.get(), name, verify_)))) {
        ERR_clear_error();
        return nullptr;
    }
    SSL_set_connect_state(ssl.get());
    if (last) {
        SSL_set_app_data(ssl.get(), last.get());
        if (last->latest() != nullptr) {
            SSL_set_session(ssl.get(), last->latest());
        }
    }
    return std::make_unique<session>(std::move(ssl), descriptor, std::move(last));
}

} // namespace bearward::proxy::tls
