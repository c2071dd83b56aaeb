#include "policies/jose/digests.hpp"

#include <array>

namespace bearward::policies::jose {

const EVP_MD* digest_of(algorithm value) noexcept {
    static const auto digests = [] {
        std::array<digest_ptr, hash_function_table.size()> fetched;
        for (const hash_row& each : hash_function_table) {
            if (each.name != nullptr) {
                fetched[static_cast<std::size_t>(each.value)].reset(EVP_MD_fetch(nullptr, each.name, nullptr));
            }
        }
        return fetched;
    }();
    return digests[static_cast<std::size_t>(row_of(algorithm_table, value).hash)].get();
}

const char* digest_name(algorithm value) noexcept {
    return row_of(hash_function_table, row_of(algorithm_table, value).hash).name;
}

} // namespace bearward::policies::jose
