#include "tests/support/tls_peer.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <fstream>
#include <stdexcept>

namespace bearward::test {
namespace {

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

std::string take_all(BIO* memory) {
    std::string all;
    std::array<char, 16 * 1024> block{};
    for (int got = 0; (got = BIO_read(memory, block.data(), block.size())) > 0;) {
        all.append(block.data(), static_cast<std::size_t>(got));
    }
    return all;
}

void demand(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(std::string("TLS of a test: ") + what);
    }
}

} // namespace

void ssl_deleter::operator()(SSL* ssl) const noexcept {
    SSL_free(ssl);
}

self_signed make_self_signed(const char* curve) {
    const key_ptr key{EVP_EC_gen(curve), &EVP_PKEY_free};
    const certificate_ptr made{X509_new(), &X509_free};
    demand(key != nullptr && made != nullptr, "no key");
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    X509_set_pubkey(made.get(), key.get());
    X509_NAME* const name = X509_get_subject_name(made.get());
    const std::string host = "localhost";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, static_cast<const unsigned char*>(static_cast<const void*>(host.data())), -1, -1,
                               0);
    X509_set_issuer_name(made.get(), name);
    demand(X509_sign(made.get(), key.get(), EVP_sha256()) > 0, "no signature");
    const bio_ptr memory{BIO_new(BIO_s_mem()), &BIO_free};
    self_signed texts;
    PEM_write_bio_X509(memory.get(), made.get());
    texts.certificate = take_all(memory.get());
    PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    texts.private_key = take_all(memory.get());
    PEM_write_bio_PUBKEY(memory.get(), key.get());
    texts.public_key = take_all(memory.get());
    return texts;
}

std::string write_listener_tls(const std::string& folder) {
    const auto made = make_self_signed();
    std::ofstream(folder + "/own.crt") << made.certificate;
    std::ofstream(folder + "/own.key") << made.private_key;
    return "tls: {certificates: [{certificate: \"" + folder + "/own.crt\", private_key: \"" + folder + "/own.key\"}]}";
}

tls_client::tls_client(int descriptor, int version) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    ssl_.reset(SSL_new(context.get()));
    SSL_set_fd(ssl_.get(), descriptor);
    demand(SSL_connect(ssl_.get()) == 1, "no handshake");
}

void tls_client::hold_records() {
    SSL_set0_wbio(ssl_.get(), BIO_new(BIO_s_mem()));
}

std::string tls_client::records() {
    return take_all(SSL_get_wbio(ssl_.get()));
}

void tls_client::write(std::string_view data) {
    demand(SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) == static_cast<int>(data.size()), "no write");
}

void tls_client::update_keys(bool asking) {
    demand(SSL_key_update(ssl_.get(), asking ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) == 1, "no key update");
    demand(SSL_do_handshake(ssl_.get()) == 1, "no key update is sent");
}

std::string tls_client::read() {
    std::array<char, 4096> block{};
    const int got = SSL_read(ssl_.get(), block.data(), block.size());
    return {block.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

} // namespace bearward::test
