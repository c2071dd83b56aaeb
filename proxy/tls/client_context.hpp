// TLS towards the servers of one upstream: whom we believe, what we show, which
// sessions can be resumed. Made once for each generation of the configuration;
// shared by the workers.
#pragma once

#include "config/settings.hpp"
#include "proxy/tls/context.hpp"
#include "proxy/tls/session.hpp"

#include <memory>
#include <string>
#include <string_view>

struct ssl_session_st; // OpenSSL's SSL_SESSION, which its <openssl/types.h> lacks

namespace bearward::proxy::tls {

/// The last session with one server (RFC 8446 section 2.2): the next connection
/// begins with it. Belongs to one worker's thread.
class resumption {
public:
    /// Takes the reference.
    void keep(ssl_session_st* latest) noexcept { latest_.reset(latest); }
    [[nodiscard]] ssl_session_st* latest() const noexcept { return latest_.get(); }

private:
    struct deleter {
        void operator()(ssl_session_st* session) const noexcept;
    };
    std::unique_ptr<ssl_session_st, deleter> latest_;
};

/// Immutable, thread-safe.
class client_context {
public:
    /// Throws std::runtime_error when OpenSSL refuses what the configuration let pass.
    /// `what`: for the message, as `TLS of the upstream app`.
    client_context(const config::upstream_tls_settings& tls, const std::string& what);
    client_context(const client_context&) = delete;
    client_context& operator=(const client_context&) = delete;

    /// A connection that begins a handshake with the server at `host` (a name or an
    /// address, which server_name replaces). Null: no memory, or an impossible name.
    [[nodiscard]] std::unique_ptr<session> connect(int descriptor, const std::string& host, std::shared_ptr<resumption> last) const;

private:
    context_ptr context_;
    std::string server_name_; ///< empty: the host
    bool verify_;
};

} // namespace bearward::proxy::tls
