#include "policies/tokens/keyed_hash.hpp"

#include <bit>
#include <cstring>

namespace bearward::policies::tokens {
namespace {

struct sip_state {
    std::uint64_t v0;
    std::uint64_t v1;
    std::uint64_t v2;
    std::uint64_t v3;

    void round() noexcept {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void take(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        v0 ^= word;
    }
};

/// Up to eight bytes, the first one lowest.
std::uint64_t read_word(std::string_view bytes) noexcept {
    std::uint64_t word = 0;
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&word, bytes.data(), bytes.size());
    } else {
        for (std::size_t index = 0; index < bytes.size(); ++index) {
            word |= std::uint64_t{static_cast<unsigned char>(bytes[index])} << (8 * index);
        }
    }
    return word;
}

} // namespace

std::uint64_t keyed_hash(const hash_key& key, std::string_view text) noexcept {
    constexpr std::size_t word_size = 8;
    sip_state state{key[0] ^ 0x736F'6D65'7073'6575U, key[1] ^ 0x646F'7261'6E64'6F6DU, key[0] ^ 0x6C79'6765'6E65'7261U,
                    key[1] ^ 0x7465'6462'7974'6573U};
    const std::uint64_t length = std::uint64_t{text.size()} << 56;
    for (; text.size() >= word_size; text.remove_prefix(word_size)) {
        state.take(read_word(text.substr(0, word_size)));
    }
    state.take(length | (text.empty() ? 0 : read_word(text)));
    state.v2 ^= 0xFF;
    for (int count = 0; count < 3; ++count) {
        state.round();
    }
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

} // namespace bearward::policies::tokens
