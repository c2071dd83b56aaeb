#include "policies/jose/digests.hpp"

#include "policies/jose/key_material.hpp"

namespace bearward::policies::jose {
namespace {

constexpr const char* sha256 = "SHA2-256";
constexpr const char* sha384 = "SHA2-384";
constexpr const char* sha512 = "SHA2-512";

struct fetched_digests {
    digest_ptr short_one{EVP_MD_fetch(nullptr, sha256, nullptr)};
    digest_ptr middle{EVP_MD_fetch(nullptr, sha384, nullptr)};
    digest_ptr long_one{EVP_MD_fetch(nullptr, sha512, nullptr)};
};

} // namespace

const EVP_MD* digest_of(algorithm value) noexcept {
    static const fetched_digests digests;
    switch (hash_size(value)) {
    case 32:
        return digests.short_one.get();
    case 48:
        return digests.middle.get();
    case 64:
        return digests.long_one.get();
    default:
        return nullptr;
    }
}

const char* digest_name(algorithm value) noexcept {
    switch (hash_size(value)) {
    case 32:
        return sha256;
    case 48:
        return sha384;
    case 64:
        return sha512;
    default:
        return nullptr;
    }
}

} // namespace bearward::policies::jose
