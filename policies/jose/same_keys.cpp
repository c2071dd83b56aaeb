#include "policies/jose/key_material.hpp"
#include "policies/jose/key_set.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>

namespace bearward::policies::jose {
namespace {

/// In sets that are larger the order counts: each key would be compared with all others.
constexpr std::size_t most_unordered = 256;

bool equal(const key& left, const key& right) {
    const auto& mine = left.opaque();
    const auto& other = right.opaque();
    const bool alike = left.id() == right.id() && left.algorithms() == right.algorithms() && mine.family == other.family &&
                       mine.secret == other.secret && (mine.public_key == nullptr) == (other.public_key == nullptr);
    return alike && (mine.public_key == nullptr || EVP_PKEY_eq(mine.public_key.get(), other.public_key.get()) == 1);
}

} // namespace

bool same_keys(const key_set& left, const key_set& right) {
    if (left.selection != right.selection || left.skipped != right.skipped || left.keys.size() != right.keys.size()) {
        return false;
    }
    return left.keys.size() > most_unordered ? std::ranges::equal(left.keys, right.keys, equal)
                                             : std::ranges::is_permutation(left.keys, right.keys, equal);
}

} // namespace bearward::policies::jose
