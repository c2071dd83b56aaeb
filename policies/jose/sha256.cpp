#include "policies/jose/sha256.hpp"

#include "policies/jose/digests.hpp"

#include <openssl/crypto.h>

#include <stdexcept>

namespace bearward::policies::jose {

std::optional<sha256_digest> sha256(std::string_view text) noexcept {
    thread_local const digest_context_ptr context(EVP_MD_CTX_new());
    sha256_digest digest{};
    const EVP_MD* const function = digest_of(algorithm::hs256);
    if (!context || function == nullptr || EVP_DigestInit_ex2(context.get(), function, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 || EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
        return std::nullopt;
    }
    return digest;
}

std::string sha256_text(std::string_view text) {
    const auto digest = sha256(text);
    if (!digest) {
        throw std::runtime_error("no SHA-256");
    }
    return {digest->begin(), digest->end()};
}

bool equal_digests(const sha256_digest& left, const sha256_digest& right) noexcept {
    return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace bearward::policies::jose
