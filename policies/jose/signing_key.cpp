#include "policies/jose/base64url.hpp"
#include "policies/jose/digests.hpp"
#include "policies/jose/key_material.hpp"
#include "policies/jose/signature.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <limits>
#include <stdexcept>
#include <utility>

namespace bearward::policies::jose {

struct signing_key::material {
    material(key_family of, std::string shared_secret, pkey_ptr signs_with)
        : family(of), secret(std::move(shared_secret)), private_key(std::move(signs_with)) {}
    ~material() { OPENSSL_cleanse(secret.data(), secret.size()); }
    material(const material&) = delete;
    material& operator=(const material&) = delete;

    key_family family;
    std::string secret;   ///< HMAC only
    pkey_ptr private_key; ///< null for secrets
};

namespace {

/// Never asks the terminal for a passphrase.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

[[noreturn]] void fail(const char* what) {
    ERR_clear_error();
    throw std::runtime_error(what);
}

std::string text_of(BIO& memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&memory, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

/// A number of the key, in big-endian bytes; padded to `size` unless that is 0.
std::string number_bytes(const EVP_PKEY& key, const char* name, std::size_t size) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(&key, name, &raw) != 1) {
        fail("the key lacks a number");
    }
    const bignum_ptr number(raw);
    std::string bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(number.get())) : size, '\0');
    if (BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) < 0) {
        fail("a number of the key is too large");
    }
    return bytes;
}

/// DER to the two field sizes of RFC 7518 section 3.4; empty on failure.
std::string raw_ecdsa(std::string_view der, std::size_t size) {
    const unsigned char* at = as_bytes(der);
    const ecdsa_signature_ptr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::string raw(2 * size, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(raw.data());
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, static_cast<int>(size)) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + size, static_cast<int>(size)) < 0) {
        return {};
    }
    return raw;
}

/// Empty on failure.
std::string sign_hmac(std::string_view secret, algorithm value, std::string_view input) {
    std::string mac(hash_size(value), '\0');
    std::size_t size = 0;
    if (EVP_Q_mac(nullptr, "HMAC", nullptr, digest_name(value), nullptr, secret.data(), secret.size(), as_bytes(input), input.size(),
                  reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &size) == nullptr) {
        return {};
    }
    return mac;
}

/// Empty on failure.
std::string sign_with(EVP_PKEY& key, key_family family, algorithm value, std::string_view input) {
    const digest_context_ptr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* details = nullptr; // owned by context
    if (!context || EVP_DigestSignInit_ex(context.get(), &details, digest_name(value), nullptr, nullptr, &key, nullptr) != 1) {
        return {};
    }
    if (is_pss(value) && (EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING) != 1 ||
                          EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST) != 1)) {
        return {};
    }
    std::size_t size = 0;
    if (EVP_DigestSign(context.get(), nullptr, &size, as_bytes(input), input.size()) != 1) {
        return {};
    }
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, as_bytes(input), input.size()) != 1) {
        return {};
    }
    signature.resize(size);
    return field_size(family) != 0 ? raw_ecdsa(signature, field_size(family)) : signature;
}

pkey_ptr generate_pair(algorithm value) {
    constexpr std::size_t rsa_bits = 2048;
    const key_family_row& family = row_of(key_family_table, row_of(algorithm_table, value).family);
    if (family.value == key_family::rsa) {
        return pkey_ptr(EVP_PKEY_Q_keygen(nullptr, nullptr, family.openssl, rsa_bits));
    }
    return pkey_ptr(family.coordinate != 0 ? EVP_PKEY_Q_keygen(nullptr, nullptr, family.openssl, family.curve)
                                           : EVP_PKEY_Q_keygen(nullptr, nullptr, family.openssl));
}

} // namespace

std::expected<signing_key, std::string> signing_key::parse_pem(std::string_view pem) {
    if (pem.size() > std::size_t{std::numeric_limits<int>::max()}) {
        return std::unexpected(std::string("the PEM file is too large"));
    }
    const bio_ptr source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    pkey_ptr read(source ? PEM_read_bio_PrivateKey(source.get(), nullptr, no_passphrase, nullptr) : nullptr);
    ERR_clear_error();
    if (!read) {
        return std::unexpected(std::string("there is no readable private key in it (PEM, without a passphrase)"));
    }
    const auto family = family_of(*read);
    if (!family) {
        return std::unexpected(std::string(accepted_types));
    }
    return signing_key(std::make_shared<const material>(*family, std::string{}, std::move(read)));
}

signing_key signing_key::from_secret(std::string_view secret) {
    return signing_key(std::make_shared<const material>(key_family::secret, std::string(secret), nullptr));
}

signing_key signing_key::generate(algorithm for_algorithm) {
    if (is_hmac(for_algorithm)) {
        std::string secret(hash_size(for_algorithm), '\0');
        if (RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), static_cast<int>(secret.size())) != 1) {
            fail("no random bytes");
        }
        return from_secret(secret);
    }
    pkey_ptr made = generate_pair(for_algorithm);
    const auto family = made ? family_of(*made) : std::nullopt;
    if (!family) {
        fail("a key can't be generated");
    }
    return signing_key(std::make_shared<const material>(*family, std::string{}, std::move(made)));
}

std::expected<std::string, std::string> signing_key::sign(algorithm using_algorithm, std::string_view signing_input) const {
    if (!family_fits(material_->family, using_algorithm)) {
        return std::unexpected("the key does not fit " + std::string(to_string(using_algorithm)));
    }
    std::string signature = material_->private_key ? sign_with(*material_->private_key, material_->family, using_algorithm, signing_input)
                                                   : sign_hmac(material_->secret, using_algorithm, signing_input);
    if (signature.empty()) {
        ERR_clear_error();
        return std::unexpected("the key can't sign " + std::string(to_string(using_algorithm)));
    }
    return signature;
}

std::string signing_key::private_pem() const {
    if (!material_->private_key) {
        return material_->secret;
    }
    const bio_ptr memory(BIO_new(BIO_s_secmem()));
    if (!memory || PEM_write_bio_PKCS8PrivateKey(memory.get(), material_->private_key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        fail("the private key can't be written");
    }
    return text_of(*memory);
}

std::string signing_key::public_pem() const {
    if (!material_->private_key) {
        return {};
    }
    const bio_ptr memory(BIO_new(BIO_s_mem()));
    if (!memory || PEM_write_bio_PUBKEY(memory.get(), material_->private_key.get()) != 1) {
        fail("the public key can't be written");
    }
    return text_of(*memory);
}

std::string signing_key::jwk(algorithm for_algorithm, std::string_view kid) const {
    const key_family_row& family = row_of(key_family_table, material_->family);
    boost::json::object jwk;
    jwk["kty"] = family.type;
    if (*family.curve != '\0') {
        jwk["crv"] = family.curve;
    }
    switch (material_->family) {
    case key_family::secret:
        jwk["k"] = encode_base64url(material_->secret);
        break;
    case key_family::rsa:
        jwk["n"] = encode_base64url(number_bytes(*material_->private_key, OSSL_PKEY_PARAM_RSA_N, 0));
        jwk["e"] = encode_base64url(number_bytes(*material_->private_key, OSSL_PKEY_PARAM_RSA_E, 0));
        break;
    case key_family::p256:
    case key_family::p384:
    case key_family::p521: {
        const std::size_t size = family.coordinate;
        jwk["x"] = encode_base64url(number_bytes(*material_->private_key, OSSL_PKEY_PARAM_EC_PUB_X, size));
        jwk["y"] = encode_base64url(number_bytes(*material_->private_key, OSSL_PKEY_PARAM_EC_PUB_Y, size));
        break;
    }
    case key_family::ed25519:
    case key_family::ed448:
    case key_family::ml_dsa_44:
    case key_family::ml_dsa_65:
    case key_family::ml_dsa_87: {
        const auto bytes = raw_public_key(*material_->private_key, material_->family);
        if (!bytes) {
            fail("the key has no public part");
        }
        jwk[family.public_key] = encode_base64url(*bytes);
        break;
    }
    }
    jwk["kid"] = kid;
    jwk["alg"] = to_string(for_algorithm);
    jwk["use"] = "sig";
    return boost::json::serialize(jwk);
}

} // namespace bearward::policies::jose
