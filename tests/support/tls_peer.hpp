// The other side of TLS for tests: a certificate made on the spot, and a client
// whose records can be made first and sent later, so that a flood costs it nothing.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace bearward::test {

struct ssl_deleter {
    void operator()(SSL* ssl) const noexcept;
};

/// PEM texts of a P-256 key and a certificate for localhost that it signed itself.
struct self_signed {
    std::string certificate;
    std::string private_key;
    std::string public_key;
};
[[nodiscard]] self_signed make_self_signed(const char* curve = "P-256");

/// Writes both into `folder` and says how a listener names them: "tls: {...}".
[[nodiscard]] std::string write_listener_tls(const std::string& folder);

/// A client's side over a connected, blocking socket that somebody else owns.
class tls_client {
public:
    /// Shakes hands. `version`: TLS1_2_VERSION or TLS1_3_VERSION. Throws if that fails.
    explicit tls_client(int descriptor, int version);

    /// Makes what it writes from now on records that records() takes, and sends nothing.
    void hold_records();
    [[nodiscard]] std::string records();
    /// One record.
    void write(std::string_view data);
    /// TLS 1.3: a KeyUpdate. `asking`: for the other side's too.
    void update_keys(bool asking);
    /// Whatever comes next; empty at an end.
    [[nodiscard]] std::string read();

private:
    std::unique_ptr<SSL, ssl_deleter> ssl_;
};

} // namespace bearward::test
