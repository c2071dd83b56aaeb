// The certificate of both sides of the simulation: Ed25519 from fixed bytes, so that every
// process has the same and every signature the same length.
#pragma once

#include "tests/simulation/peer.hpp"

#include <filesystem>
#include <string>

namespace bearward::simulation {

/// Files that the configurations name; written once, removed when the process ends.
struct test_files {
    std::filesystem::path folder;
    std::string certificate; ///< paths
    std::string private_key;
    std::string revoked;
};
[[nodiscard]] const test_files& files();

/// A client that trusts the certificate, and a server that has it. Contexts of one scenario.
class tls_ends {
public:
    tls_ends();
    [[nodiscard]] ssl_ptr make_client() const;
    [[nodiscard]] ssl_ptr make_server() const;

private:
    struct context_deleter {
        void operator()(SSL_CTX* context) const noexcept;
    };
    std::unique_ptr<SSL_CTX, context_deleter> client_;
    std::unique_ptr<SSL_CTX, context_deleter> server_;
};

/// From here on OpenSSL draws its random bytes from the simulated kernel of the thread that
/// asks, and elsewhere from the system.
void install_random_method();

} // namespace bearward::simulation
