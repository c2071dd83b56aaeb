#include "policies/jose/key_material.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <limits>
#include <optional>

namespace bearward::policies::jose {
namespace {

/// One block of a PEM file, decoded.
struct pem_block {
    std::string label;
    std::string der;
};

/// The next block; nothing at the end. Error: a sentence.
std::expected<std::optional<pem_block>, std::string> read_block(BIO& from) {
    char* label = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    ERR_clear_error();
    if (PEM_read_bio(&from, &label, &header, &data, &size) != 1) {
        const int why = ERR_GET_REASON(ERR_peek_last_error());
        ERR_clear_error();
        if (why == PEM_R_NO_START_LINE) {
            return std::nullopt;
        }
        return std::unexpected(std::string("a PEM block is damaged"));
    }
    pem_block block{label, std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size))};
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    return block;
}

/// The public key in a block; null when its DER is malformed or goes on after the key.
pkey_ptr decode_block(const pem_block& block) {
    const unsigned char* at = as_bytes(block.der);
    const unsigned char* const end = at + block.der.size();
    const long size = static_cast<long>(block.der.size());
    pkey_ptr result;
    if (block.label == "PUBLIC KEY") {
        result.reset(d2i_PUBKEY(nullptr, &at, size));
    } else if (block.label == "RSA PUBLIC KEY") {
        result.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
    } else {
        const certificate_ptr certificate(d2i_X509(nullptr, &at, size));
        result.reset(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
    }
    ERR_clear_error();
    return at == end ? std::move(result) : nullptr;
}

std::expected<key, std::string> read_key(const pem_block& block, const key_options& options) {
    if (block.label.ends_with("PRIVATE KEY")) {
        return std::unexpected(std::string("it is a private key; verification needs only the public key, and only that belongs here"));
    }
    if (block.label != "PUBLIC KEY" && block.label != "RSA PUBLIC KEY" && block.label != "CERTIFICATE") {
        return std::unexpected("'" + block.label + "' is none of PUBLIC KEY, RSA PUBLIC KEY, CERTIFICATE");
    }
    pkey_ptr decoded = decode_block(block);
    if (!decoded) {
        return std::unexpected("the " + block.label + " can't be read");
    }
    auto material = adopt_public_key(std::move(decoded));
    if (!material) {
        return std::unexpected(std::move(material).error());
    }
    auto allowed = allowed_algorithms(**material, options, std::nullopt);
    if (!allowed) {
        return std::unexpected(std::move(allowed).error().what);
    }
    return key(std::move(*material), std::move(*allowed), std::string{});
}

} // namespace

std::expected<key_set, std::string> parse_pem_keys(std::string_view pem, const key_options& options) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (pem.starts_with(byte_order_mark)) {
        pem.remove_prefix(byte_order_mark.size());
    }
    if (pem.size() > std::size_t{std::numeric_limits<int>::max()}) {
        return std::unexpected(std::string("the PEM file is too large"));
    }
    const bio_ptr source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!source) {
        return std::unexpected(std::string("out of memory"));
    }
    key_set set;
    set.selection = key_selection::ignore_id;
    for (std::size_t count = 1;; ++count) {
        const auto block = read_block(*source);
        if (!block) {
            return std::unexpected(block.error());
        }
        if (!*block) {
            break;
        }
        auto read = read_key(**block, options);
        if (!read) {
            return std::unexpected("PEM block " + std::to_string(count) + ": " + read.error());
        }
        note_weakness(set, read->opaque(), read->algorithms(), "PEM block " + std::to_string(count) + ": ");
        set.keys.push_back(std::move(*read));
    }
    if (set.keys.empty()) {
        const std::size_t first = pem.find_first_not_of(" \t\r\n");
        const char begin = first == std::string_view::npos ? '\0' : pem[first];
        return std::unexpected(std::string("there is no PEM public key or certificate in it") +
                               (begin == '{'   ? "; it is JSON, and keys.jwks_file takes a JWK set"
                                : begin == '<' ? "; it is HTML or XML, perhaps the page of a login or an error"
                                               : ""));
    }
    return set;
}

} // namespace bearward::policies::jose
