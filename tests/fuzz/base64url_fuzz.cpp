// base64url is a bijection: what decodes encodes to the same text, and every
// byte string comes back.
#include "policies/jose/base64url.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace jose = bearward::policies::jose;

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    if (const auto decoded = jose::decode_base64url(input); decoded && jose::encode_base64url(*decoded) != input) {
        std::abort();
    }
    const std::string encoded = jose::encode_base64url(input);
    if (encoded.find_first_of("+/= \n") != std::string::npos || jose::decode_base64url(encoded) != input) {
        std::abort();
    }
    return 0;
}
