#include "proxy/random_hash_key.hpp"

#include <cstdint>
#include <random>

namespace bearward::proxy {

policies::tokens::hash_key random_hash_key() {
    std::random_device source;
    const auto bits = [&source] { return std::uint64_t{source()} << 32 | source(); };
    const std::uint64_t first = bits();
    return {first, bits()};
}

} // namespace bearward::proxy
