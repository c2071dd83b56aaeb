#include "policies/jose/availability.hpp"

#include "policies/jose/openssl_handles.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <array>
#include <cstddef>
#include <memory>

namespace bearward::policies::jose {
namespace {

using signature_ptr = std::unique_ptr<EVP_SIGNATURE, openssl_deleter<EVP_SIGNATURE_free>>;

/// Whether OpenSSL has keys and signatures of the family.
bool has(const key_family_row& family) {
    const pkey_context_ptr keys(EVP_PKEY_CTX_new_from_name(nullptr, family.openssl, nullptr));
    const signature_ptr signatures(EVP_SIGNATURE_fetch(nullptr, family.openssl, nullptr));
    ERR_clear_error();
    return keys && signatures;
}

} // namespace

bool is_available(algorithm value) {
    static const auto found = [] {
        std::array<bool, algorithm_table.size()> all{};
        for (const algorithm_row& each : algorithm_table) {
            all[static_cast<std::size_t>(each.value)] = !is_ml_dsa(each.value) || has(row_of(key_family_table, each.family));
        }
        return all;
    }();
    return found[static_cast<std::size_t>(value)];
}

std::string describe_lack(algorithm value) {
    return std::string(to_string(value)) + " needs OpenSSL 3.5 or later; " + OpenSSL_version(OPENSSL_VERSION_STRING) + " is linked";
}

} // namespace bearward::policies::jose
