#include "config/certificate.hpp"

#include "policies/ascii.hpp"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <climits>
#include <ctime>

namespace bearward::config {
namespace {

/// OpenSSL's security level 2: RSA of 2048 bits, elliptic curves of 224.
constexpr int least_security_bits = 112;

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using names_ptr = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

bio_ptr open_text(std::string_view text) {
    const auto size = static_cast<int>(std::min<std::size_t>(text.size(), INT_MAX));
    return {BIO_new_mem_buf(text.data(), size), &BIO_free_all};
}

std::chrono::sys_seconds to_time(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        return {};
    }
    return std::chrono::sys_seconds{std::chrono::seconds{::timegm(&parts)}};
}

std::string_view bytes_of(const ASN1_STRING* text) {
    // OpenSSL's bytes are unsigned; a view of text reads them as char.
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string show_address(std::string_view bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
    const bool known = bytes.size() == 4 || bytes.size() == 16;
    return known && ::inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr ? text.data() : "";
}

std::vector<std::string> names_of(const X509* leaf) {
    std::vector<std::string> names;
    // X509_get_ext_d2i makes a new object, whose type it can't express.
    const names_ptr found{static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr)), &GENERAL_NAMES_free};
    for (int index = 0; found && index < sk_GENERAL_NAME_num(found.get()); ++index) {
        int type = 0;
        // The value's type follows from `type`.
        const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(found.get(), index), &type));
        if (type == GEN_DNS) {
            names.push_back(policies::lowered(bytes_of(value)));
        } else if (type == GEN_IPADD) {
            names.push_back(show_address(bytes_of(value)));
        }
    }
    return names;
}

/// Without a terminal to ask on, a key with a passphrase is refused.
int refuse_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

} // namespace

bool operator==(const x509_ptr& left, const x509_ptr& right) noexcept {
    return left.get() == right.get() || (left && right && X509_cmp(left.get(), right.get()) == 0);
}

bool operator==(const private_key_ptr& left, const private_key_ptr& right) noexcept {
    return left.get() == right.get() || (left && right && EVP_PKEY_eq(left.get(), right.get()) == 1);
}

std::expected<std::vector<x509_ptr>, std::string> parse_certificates(std::string_view pem) {
    const auto source = open_text(pem);
    std::vector<x509_ptr> found;
    while (X509* const each = PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)) {
        found.emplace_back(each, &X509_free);
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!at_end) {
        return std::unexpected("certificate " + std::to_string(found.size() + 1) + " can't be read");
    }
    if (found.empty()) {
        return std::unexpected("no PEM certificate in it");
    }
    return found;
}

std::expected<private_key_ptr, std::string> parse_private_key(std::string_view pem) {
    const auto source = open_text(pem);
    bool passphrase_asked = false;
    private_key_ptr key(PEM_read_bio_PrivateKey(source.get(), nullptr, &refuse_passphrase, &passphrase_asked), &EVP_PKEY_free);
    ERR_clear_error();
    if (passphrase_asked) {
        return std::unexpected("the private key has a passphrase; one without is needed");
    }
    if (!key) {
        return std::unexpected("no PEM private key in it");
    }
    return key;
}

std::expected<certificate, std::string> make_certificate(std::vector<x509_ptr> chain, private_key_ptr key) {
    certificate made;
    made.leaf = chain.front();
    made.chain.assign(chain.begin() + 1, chain.end());
    made.key = std::move(key);
    const bool belongs = X509_check_private_key(made.leaf.get(), made.key.get()) == 1;
    ERR_clear_error();
    if (!belongs) {
        return std::unexpected("the private key doesn't belong to the certificate (the first one in its file)");
    }
    if (EVP_PKEY_get_security_bits(made.key.get()) < least_security_bits) {
        return std::unexpected("the key is too weak; RSA needs 2048 bits, elliptic curves 224");
    }
    made.names = names_of(made.leaf.get());
    made.not_before = to_time(X509_get0_notBefore(made.leaf.get()));
    made.not_after = to_time(X509_get0_notAfter(made.leaf.get()));
    return made;
}

} // namespace bearward::config
