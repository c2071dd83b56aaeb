#include "config/fields_introspection.hpp"

#include "config/section.hpp"

namespace bearward::config {
namespace {

using namespace std::chrono_literals;

const section<introspection_cache_settings>& cache_fields() {
    using owner = introspection_cache_settings;
    constexpr std::size_t gibibyte = std::size_t{1} << 30;
    static const section<owner> declared =
        section<owner>("introspection_cache")
            .field("ttl", &owner::ttl, duration(0ms, 24h),
                   "How long the issuer's word on an active token counts, but not beyond its `exp`: a token that it revokes passes for so "
                   "long.")
            .field("negative_ttl", &owner::negative_ttl, duration(0ms, 1h), "Likewise, on a token that isn't active.")
            .field("max_bytes", &owner::max_bytes, size(0, gibibyte), "In the whole process. 0: nothing is remembered.");
    return declared;
}

} // namespace

codec<client_authentication> client_authentication_word() {
    return word<client_authentication>({{"basic", client_authentication::basic}, {"post", client_authentication::post}});
}

codec<introspection_cache_settings> introspection_cache() {
    return nested("introspection_cache", &cache_fields);
}

} // namespace bearward::config
