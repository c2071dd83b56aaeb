// TLS of one listener: its certificates, whom it asks for theirs, what it offers.
// Made once for each generation of the configuration; shared by the workers, so
// that a ticket of one is good for another.
#pragma once

#include "config/settings.hpp"
#include "proxy/tls/context.hpp"
#include "proxy/tls/session.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::tls {

/// Immutable, thread-safe. Must outlive the handshakes that it begins.
class server_context {
public:
    /// Throws std::runtime_error when OpenSSL refuses what the configuration let pass.
    explicit server_context(const config::listener_settings& listener);
    server_context(const server_context&) = delete;
    server_context& operator=(const server_context&) = delete;

    /// A connection that waits for a client's first message.
    [[nodiscard]] std::unique_ptr<session> accept(int descriptor) const;

    /// The context for a name (SNI); empty: none was asked for.
    [[nodiscard]] SSL_CTX& choose(std::string_view asked) const noexcept;

    /// The end of the certificate that expires first.
    [[nodiscard]] std::chrono::sys_seconds expires() const noexcept { return expires_; }

private:
    std::vector<context_ptr> contexts_; ///< by certificate
    std::vector<std::vector<std::string>> names_;
    std::chrono::sys_seconds expires_ = std::chrono::sys_seconds::max();
};

} // namespace bearward::proxy::tls
