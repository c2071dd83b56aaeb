// Which algorithms a key is for: by its type, its size, its own word and the provider's list.
#include "policies/jose/key_material.hpp"

#include <algorithm>

namespace bearward::policies::jose {
namespace {

constexpr int strong_rsa_bits = 2048; // RFC 7518 section 3.3

} // namespace

std::string weakness(const key::material& material, algorithm value) {
    if (material.family == key_family::secret && material.secret.size() < hash_size(value)) {
        return "the secret has " + std::to_string(material.secret.size()) + " bytes; " + std::string(to_string(value)) +
               " needs at least " + std::to_string(hash_size(value));
    }
    if (material.family == key_family::rsa && EVP_PKEY_get_bits(material.public_key.get()) < strong_rsa_bits) {
        return "the RSA modulus has " + std::to_string(EVP_PKEY_get_bits(material.public_key.get())) + " bits; at least " +
               std::to_string(strong_rsa_bits) + " are needed";
    }
    return {};
}

std::expected<std::vector<algorithm>, key_fault> allowed_algorithms(const key::material& material, const key_options& options,
                                                                    std::optional<algorithm> only) {
    if (only == algorithm::eddsa && material.family == key_family::ed448) {
        return std::unexpected(key_fault{.what = "its alg EdDSA is for Ed25519 keys here; an Ed448 key's is Ed448", .other_use = true});
    }
    if (only && !family_fits(material.family, *only)) {
        return std::unexpected(
            key_fault{.what = "its alg " + std::string(to_string(*only)) + " does not fit its type", .other_use = false});
    }
    std::vector<algorithm> allowed;
    std::string weak;
    for (const algorithm_row& row : algorithm_table) {
        const algorithm value = row.value;
        // EdDSA and Ed25519 are two names of what an Ed25519 key does.
        const bool own_word = !only || *only == value || family_fits(key_family::ed25519, value);
        if (!accepts(options.algorithms, value) || !family_fits(material.family, value) || !own_word) {
            continue;
        }
        std::string fault = options.allow_weak_keys ? std::string{} : weakness(material, value);
        if (fault.empty()) {
            allowed.push_back(value);
        } else if (weak.empty()) {
            weak = std::move(fault);
        }
    }
    if (allowed.empty()) {
        return std::unexpected(weak.empty() ? key_fault{.what = "it fits none of the provider's algorithms", .other_use = true}
                                            : key_fault{.what = weak + " (allow_weak_keys accepts it)", .other_use = false});
    }
    return allowed;
}

void note_weakness(key_set& set, const key::material& material, const std::vector<algorithm>& allowed, const std::string& name) {
    for (const algorithm value : allowed) {
        if (const std::string fault = weakness(material, value); !fault.empty()) {
            set.weak.push_back(name + fault);
            return;
        }
    }
}

} // namespace bearward::policies::jose
