#include "policies/jose/signature.hpp"

#include "policies/jose/digests.hpp"
#include "policies/jose/key_material.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <span>

namespace bearward::policies::jose {
namespace {

using digest_bytes = std::array<unsigned char, EVP_MAX_MD_SIZE>;

/// One HMAC context a hash and thread: setting the hash costs more than the rest.
EVP_MAC_CTX* hmac_context(algorithm value) noexcept {
    static const mac_ptr hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    thread_local std::array<mac_context_ptr, hash_function_table.size()> contexts;
    mac_context_ptr& context = contexts[static_cast<std::size_t>(row_of(algorithm_table, value).hash)];
    if (!context && hmac) {
        context.reset(EVP_MAC_CTX_new(hmac.get()));
        // OpenSSL takes the name as a mutable string and does not change it.
        const std::array params{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest_name(value)), 0),
            OSSL_PARAM_construct_end(),
        };
        if (context && EVP_MAC_CTX_set_params(context.get(), params.data()) != 1) {
            context.reset();
        }
    }
    return context.get();
}

bool verify_hmac(const key::material& with, algorithm value, std::string_view input, std::string_view signature) noexcept {
    if (signature.size() != hash_size(value)) {
        return false;
    }
    EVP_MAC_CTX* context = hmac_context(value);
    digest_bytes expected{};
    std::size_t size = 0;
    return context != nullptr && EVP_MAC_init(context, as_bytes(with.secret), with.secret.size(), nullptr) == 1 &&
           EVP_MAC_update(context, as_bytes(input), input.size()) == 1 &&
           EVP_MAC_final(context, expected.data(), &size, expected.size()) == 1 && size == signature.size() &&
           CRYPTO_memcmp(expected.data(), signature.data(), size) == 0;
}

EVP_MD_CTX* digest_context() noexcept {
    thread_local const digest_context_ptr context(EVP_MD_CTX_new());
    return context.get();
}

bool hash(algorithm value, std::string_view input, digest_bytes& into) noexcept {
    EVP_MD_CTX* context = digest_context();
    return context != nullptr && EVP_DigestInit_ex2(context, digest_of(value), nullptr) == 1 &&
           EVP_DigestUpdate(context, input.data(), input.size()) == 1 && EVP_DigestFinal_ex(context, into.data(), nullptr) == 1;
}

/// A context ready to verify hashes with one key and algorithm; null on failure.
pkey_context_ptr make_verifier(const key::material& with, algorithm value) noexcept {
    pkey_context_ptr context(EVP_PKEY_CTX_new_from_pkey(nullptr, with.public_key.get(), nullptr));
    if (!context || EVP_PKEY_verify_init(context.get()) != 1) {
        return nullptr;
    }
    if (with.family == key_family::rsa) {
        const int padding = is_pss(value) ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
        if (EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) != 1) {
            return nullptr;
        }
    }
    if (EVP_PKEY_CTX_set_signature_md(context.get(), digest_of(value)) != 1) {
        return nullptr;
    }
    if (is_pss(value) && (EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) != 1 ||
                          EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), digest_of(value)) != 1)) {
        return nullptr;
    }
    return context;
}

/// The prepared contexts of this thread. Few, since a process has few keys in
/// use; a key that was replaced stays until its place is needed. Keys differ by
/// serial, which unlike an address is never used again.
EVP_PKEY_CTX* prepared_verifier(const key::material& with, algorithm value) noexcept {
    struct place {
        std::uint64_t serial = 0;
        algorithm alg = algorithm::hs256;
        pkey_context_ptr context;
    };
    constexpr std::size_t places = 32;
    thread_local std::array<place, places> prepared;
    place& mine = prepared[(with.serial * algorithm_table.size() + static_cast<std::size_t>(value)) % places];
    if (mine.serial != with.serial || mine.alg != value || !mine.context) {
        mine.context = make_verifier(with, value);
        mine.serial = with.serial;
        mine.alg = value;
    }
    return mine.context.get();
}

bool verify_hash(const key::material& with, algorithm value, std::string_view input, std::span<const unsigned char> signature) noexcept {
    digest_bytes digest{};
    EVP_PKEY_CTX* context = prepared_verifier(with, value);
    return context != nullptr && hash(value, input, digest) &&
           EVP_PKEY_verify(context, signature.data(), signature.size(), digest.data(), hash_size(value)) == 1;
}

bool verify_rsa(const key::material& with, algorithm value, std::string_view input, std::string_view signature) noexcept {
    // RFC 8017 sections 8.1.2 and 8.2.2, step 1.
    if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(with.public_key.get()))) {
        return false;
    }
    return verify_hash(with, value, input, {as_bytes(signature), signature.size()});
}

/// Appends a DER INTEGER of a big-endian magnitude.
unsigned char* put_integer(unsigned char* out, std::string_view magnitude) noexcept {
    while (magnitude.size() > 1 && magnitude.front() == '\0') {
        magnitude.remove_prefix(1);
    }
    const bool pad = (static_cast<unsigned char>(magnitude.front()) & 0x80U) != 0;
    *out++ = 0x02;
    *out++ = static_cast<unsigned char>(magnitude.size() + (pad ? 1 : 0));
    if (pad) {
        *out++ = 0;
    }
    return std::ranges::copy(magnitude, out).out;
}

bool verify_ecdsa(const key::material& with, algorithm value, std::string_view input, std::string_view signature) noexcept {
    const std::size_t size = field_size(with.family);
    if (signature.size() != 2 * size) {
        return false;
    }
    // SEQUENCE { r INTEGER, s INTEGER }: at most 2 * (66 + 3) bytes and a head of 3.
    std::array<unsigned char, 160> integers{};
    unsigned char* end = put_integer(integers.data(), signature.substr(0, size));
    end = put_integer(end, signature.substr(size));
    const auto length = static_cast<std::size_t>(end - integers.data());
    std::array<unsigned char, 164> der{};
    unsigned char* out = der.data();
    *out++ = 0x30;
    if (length >= 0x80) {
        *out++ = 0x81;
    }
    *out++ = static_cast<unsigned char>(length);
    out = std::copy(integers.data(), end, out);
    return verify_hash(with, value, input, {der.data(), static_cast<std::size_t>(out - der.data())});
}

/// Ed25519, Ed448 and ML-DSA hash by themselves and take the message whole (RFC 8032 sections 5.1.7
/// and 5.2.7; FIPS 204 section 5, with an empty context: RFC 9964 section 4).
bool verify_whole(const key::material& with, std::string_view input, std::string_view signature) noexcept {
    const std::size_t size = row_of(key_family_table, with.family).signature;
    thread_local const digest_context_ptr context(EVP_MD_CTX_new());
    if (signature.size() != size || !context || EVP_MD_CTX_reset(context.get()) != 1) {
        return false;
    }
    return EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, with.public_key.get(), nullptr) == 1 &&
           EVP_DigestVerify(context.get(), as_bytes(signature), signature.size(), as_bytes(input), input.size()) == 1;
}

bool verify(const key::material& with, algorithm value, std::string_view input, std::string_view signature) noexcept {
    switch (with.family) {
    case key_family::secret:
        return verify_hmac(with, value, input, signature);
    case key_family::rsa:
        return verify_rsa(with, value, input, signature);
    case key_family::p256:
    case key_family::p384:
    case key_family::p521:
        return verify_ecdsa(with, value, input, signature);
    case key_family::ed25519:
    case key_family::ed448:
    case key_family::ml_dsa_44:
    case key_family::ml_dsa_65:
    case key_family::ml_dsa_87:
        return verify_whole(with, input, signature);
    }
    return false;
}

} // namespace

bool verify_signature(const key& with, algorithm using_algorithm, std::string_view signing_input, std::string_view signature) noexcept {
    const key::material& material = with.opaque();
    if (!with.allows(using_algorithm) || !family_fits(material.family, using_algorithm)) {
        return false;
    }
    const bool holds = verify(material, using_algorithm, signing_input, signature);
    if (!holds) {
        ERR_clear_error();
    }
    return holds;
}

} // namespace bearward::policies::jose
