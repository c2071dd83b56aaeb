#include "policies/jose/key_material.hpp"

namespace bearward::policies::jose {

std::expected<key_set, std::string> make_secret_key_set(std::string_view secret, const key_options& options) {
    auto material = make_secret_material(secret);
    if (!material) {
        return std::unexpected(std::move(material).error());
    }
    if (!options.allow_weak_keys) {
        // All of the listed algorithms must fit: HS512 silently left out would be found in production.
        for (const algorithm value : options.algorithms) {
            if (std::string fault = is_hmac(value) ? weakness(**material, value) : std::string{}; !fault.empty()) {
                return std::unexpected(fault + " (allow_weak_keys accepts it)");
            }
        }
    }
    auto allowed = allowed_algorithms(**material, options, std::nullopt);
    if (!allowed) {
        return std::unexpected(std::string("a secret verifies only HS256, HS384 and HS512, and none of them is in algorithms"));
    }
    key_set set;
    note_weakness(set, **material, *allowed, "");
    set.selection = key_selection::ignore_id;
    set.keys.emplace_back(std::move(*material), std::move(*allowed), std::string{});
    return set;
}

} // namespace bearward::policies::jose
