// Certificates, private keys and authorities as they are read from PEM files (RFC
// 7468): parsed and checked once, so that a broken one is reported with the
// configuration and not by the first client.
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::config {

enum class tls_version : std::uint8_t { tls_1_2, tls_1_3 };

/// Immutable once made; shared by the TLS contexts that use it. Equal: the same
/// certificate, also when each was read by itself.
struct x509_ptr : std::shared_ptr<X509> {
    using std::shared_ptr<X509>::shared_ptr;
    friend bool operator==(const x509_ptr& left, const x509_ptr& right) noexcept;
};

/// Likewise.
struct private_key_ptr : std::shared_ptr<EVP_PKEY> {
    using std::shared_ptr<EVP_PKEY>::shared_ptr;
    friend bool operator==(const private_key_ptr& left, const private_key_ptr& right) noexcept;
};

struct certificate {
    x509_ptr leaf;
    std::vector<x509_ptr> chain; ///< intermediates, in the file's order
    private_key_ptr key;
    std::vector<std::string> names; ///< whom it is for: DNS names in lower case, addresses as text
    std::chrono::sys_seconds not_before;
    std::chrono::sys_seconds not_after;

    friend bool operator==(const certificate&, const certificate&) = default;
};

/// All certificates of a PEM text. Error: a sentence.
[[nodiscard]] std::expected<std::vector<x509_ptr>, std::string> parse_certificates(std::string_view pem);

/// The first private key of a PEM text. Error: a sentence.
[[nodiscard]] std::expected<private_key_ptr, std::string> parse_private_key(std::string_view pem);

/// Puts them together; the first certificate is the leaf. Error: why a TLS peer
/// could not be served with them.
[[nodiscard]] std::expected<certificate, std::string> make_certificate(std::vector<x509_ptr> chain, private_key_ptr key);

} // namespace bearward::config
