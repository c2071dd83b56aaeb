#include "tests/simulation/certificates.hpp"

#include "tests/simulation/credentials.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

namespace bearward::simulation {
namespace {

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

void demand(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(std::string("the simulation's certificate: ") + what);
    }
}

std::string take_text(BIO* memory) {
    char* begin = nullptr;
    const long size = BIO_get_mem_data(memory, &begin);
    return {begin, static_cast<std::size_t>(size)};
}

void add_extension(X509* to, int what, const char* value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
    X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, what, value);
    demand(made != nullptr && X509_add_ext(to, made, -1) == 1, "an extension");
    X509_EXTENSION_free(made);
}

void write_certificate(const test_files& to) {
    std::array<unsigned char, 32> bytes{};
    bytes.fill(0x42);
    const key_ptr key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size()), &EVP_PKEY_free};
    const certificate_ptr made{X509_new(), &X509_free};
    demand(key != nullptr && made != nullptr, "no key");
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    ASN1_TIME_set_string(X509_getm_notBefore(made.get()), "20200101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(made.get()), "20491231235959Z");
    X509_set_pubkey(made.get(), key.get());
    X509_NAME_add_entry_by_NID(X509_get_subject_name(made.get()), NID_commonName, MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("app.test"), -1, -1, 0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    add_extension(made.get(), NID_subject_alt_name, "DNS:app.test,IP:127.0.0.1");
    add_extension(made.get(), NID_basic_constraints, "critical,CA:TRUE");
    demand(X509_sign(made.get(), key.get(), nullptr) > 0, "no signature");
    const bio_ptr memory{BIO_new(BIO_s_mem()), &BIO_free};
    PEM_write_bio_X509(memory.get(), made.get());
    std::ofstream(to.certificate) << take_text(memory.get());
    const bio_ptr secret{BIO_new(BIO_s_mem()), &BIO_free};
    PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::ofstream(to.private_key) << take_text(secret.get());
}

struct owned_files : test_files {
    owned_files() {
        std::string name = (std::filesystem::temp_directory_path() / "bearward-simulation-XXXXXX").string();
        demand(::mkdtemp(name.data()) != nullptr, "no folder");
        folder = name;
        certificate = name + "/own.crt";
        private_key = name + "/own.key";
        revoked = name + "/revoked.txt";
        write_certificate(*this);
        std::ofstream(revoked) << revocation_lines();
    }
    ~owned_files() {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
};

/// Bytes for OpenSSL: RAND_METHOD is deprecated in 3.0, and the only way to stand in for the
/// default context's generator without a provider of its own.
int random_bytes(unsigned char* into, int count) {
    if (simulated == nullptr) {
        return ::getentropy(into, 0) == 0 && ([&] {
                   for (int done = 0; done < count; done += 256) {
                       if (::getentropy(into + done, static_cast<std::size_t>(std::min(256, count - done))) != 0) {
                           return false;
                       }
                   }
                   return true;
               })()
                   ? 1
                   : 0;
    }
    for (int done = 0; done < count; ++done) {
        into[done] = static_cast<unsigned char>(simulated->random.next());
    }
    return 1;
}

int status() {
    return 1;
}

} // namespace

const test_files& files() {
    static const owned_files made;
    return made;
}

void tls_ends::context_deleter::operator()(SSL_CTX* context) const noexcept {
    SSL_CTX_free(context);
}

tls_ends::tls_ends() : client_(SSL_CTX_new(TLS_client_method())), server_(SSL_CTX_new(TLS_server_method())) {
    const outside real; // it reads files
    demand(SSL_CTX_load_verify_locations(client_.get(), files().certificate.c_str(), nullptr) == 1, "not trusted");
    SSL_CTX_set_verify(client_.get(), SSL_VERIFY_PEER, nullptr);
    demand(SSL_CTX_use_certificate_chain_file(server_.get(), files().certificate.c_str()) == 1 &&
               SSL_CTX_use_PrivateKey_file(server_.get(), files().private_key.c_str(), SSL_FILETYPE_PEM) == 1,
           "not taken");
}

ssl_ptr tls_ends::make_client() const {
    ssl_ptr made(SSL_new(client_.get()));
    SSL_set_connect_state(made.get());
    return made;
}

ssl_ptr tls_ends::make_server() const {
    ssl_ptr made(SSL_new(server_.get()));
    SSL_set_accept_state(made.get());
    return made;
}

void install_random_method() {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
    static const RAND_METHOD method{
        .seed = nullptr, .bytes = &random_bytes, .cleanup = nullptr, .add = nullptr, .pseudorand = &random_bytes, .status = &status};
    RAND_set_rand_method(&method);
#pragma clang diagnostic pop
}

} // namespace bearward::simulation
